/** An autoregression of second order: the state hands on the value of the step before. */
import { axis, constant, halfNormal, model, normal, tensor } from "surmise";

const month = axis("month", 7);
const y = tensor([0.3, 1.1, -0.4, 0.8, 1.9, 1.2, 0.7], [month]);

export default model(({ sample, observe, chain }) => {
  const [a, b] = [sample("a", normal(0, 0.5)), sample("b", normal(0, 0.5))];
  const noise = sample("noise", halfNormal(1));
  chain(month, { last: constant(0), before: constant(0) }, ({ last, before }, { at }) => {
    observe("y", normal(a.mul(last).add(b.mul(before)), noise), at(y));
    return { last: at(y), before: last };
  });
});
