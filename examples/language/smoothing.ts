/** Sales by exponential smoothing: a scan carries the level from week to week, from a start of which nothing is known. */
import {
  axis,
  halfNormal,
  improperUniform,
  model,
  normal,
  REAL,
  scan,
  tensor,
  transformed,
  UNIT,
} from "surmise";

const week = axis("week", 6);
const sales = tensor([12, 15, 11, 14, 18, 17], [week]);

export default model(({ sample, observe, plate }) => {
  const start = sample("start", improperUniform(REAL));
  const share = sample("share", transformed(normal(0, 1), UNIT));
  const noise = sample("noise", halfNormal(3));
  const { outputs } = scan(week, { level: start }, ({ level }, turn) => ({
    carries: { level: level.add(share.mul(turn.at(sales).sub(level))) },
    outputs: { level },
  }));
  plate(week, () => observe("sales", normal(outputs.level, noise), sales));
});
