/** GARCH(1, 1): a variance that decays and is fed by squares. */
import { axis, beta, constant, halfNormal, model, normal, sqrt, square, tensor } from "surmise";

const day = axis("day", 6);
const returns = tensor([0.3, -1.1, 0.4, 2.1, -1.9, 0.2], [day]);

export default model(({ sample, observe, chain }) => {
  const base = sample("base", halfNormal(1));
  const [fed, kept] = [sample("fed", beta(2, 5)), sample("kept", beta(5, 2))];
  chain(day, { variance: constant(1), last: constant(0) }, ({ variance, last }, { at }) => {
    const now = base.add(fed.mul(square(last))).add(kept.mul(variance));
    observe("returns", normal(0, sqrt(now)), at(returns));
    return { variance: now, last: at(returns) };
  });
});
