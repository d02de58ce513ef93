/** A series with gaps, whose values the steps after them need, at uneven times: an Ornstein-Uhlenbeck process. */
import {
  axis,
  constant,
  difference,
  exp,
  expm1,
  halfNormal,
  inferGaps,
  lognormal,
  model,
  normal,
  sqrt,
  tensor,
} from "surmise";

const visit = axis("visit", 6);
const day = tensor([0, 1, 4, 5, 9, 12], [visit]);
const since = difference(day, visit, { before: -30 });
const present = tensor(Uint8Array.of(1, 1, 0, 1, 0, 1), [visit]);
const seen = tensor([0.2, 0.6, 0, -0.4, 0, 1.1], [visit]);

export default model(({ sample, observe, chain }) => {
  const memory = sample("memory", lognormal(1, 0.5));
  const spread = sample("spread", halfNormal(1));
  const y = inferGaps(sample, "y", { value: seen, present });
  chain(visit, { last: constant(0) }, ({ last }, { at }) => {
    const past = at(since).div(memory);
    const sd = spread.mul(sqrt(expm1(past.mul(-2)).neg()));
    observe("y", normal(last.mul(exp(past.neg())), sd), at(y));
    return { last: at(y) };
  });
});
