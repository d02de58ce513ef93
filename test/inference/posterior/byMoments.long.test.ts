/** Draws whose weights have a tail are made anew from a proposal with their moments. */

import { expect, test } from "vitest";
import { halfCauchy, halfNormal, normal } from "../../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  reliabilityWarnings,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { average } from "../../../src/inference/proposal/particles.ts";
import { model } from "../../../src/model/index.ts";
import { axis, gather, tensor } from "../../../src/tensor/index.ts";
import { effects, errors, school } from "../../eightSchools.ts";

/** Of the spread, by posteriordb. */
const [MEAN, SD] = [3.6, 3.21];

const centred = model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(0, 5));
  const spread = sample("spread", halfCauchy(5));
  plate(school, () =>
    observe("effect", normal(sample("z", normal(mean, spread)), errors), effects),
  );
});

test.each<MethodName>(["vi", "mp", "pathfinder"])("%s on the centred eight schools", (method) => {
  const fitted = fit({ model: centred, data: undefined, method, dtype: "float64" });
  const draws = samplePosterior(fitted);
  expect(reliabilityWarnings(draws.reliability ?? {})).toEqual([]);
  const spread = summarise(draws).find(({ site }) => site === "spread");
  const { mean = 0, sd = 0, ess = 0 } = spread ?? {};
  expect(Math.abs(mean - MEAN) / SD).toBeLessThan(0.1 + 3 / Math.sqrt(ess));
  expect(Math.abs(Math.log(sd / SD))).toBeLessThan(0.1 + 3 / Math.sqrt(ess));
});

test("draws that are asked to be weighed in a way of one's own stay as they are", () => {
  const fitted = fit({ model: centred, data: undefined, method: "mp", dtype: "float64" });
  const { reliability } = samplePosterior(fitted, { particles: average(1), draws: 100 });
  expect(reliability?.kHat).toBeGreaterThan(0.5);
});

/** Five schools with four classes each, in which four were seen; the school is that of the number modulo 5. */
const SEEN = [
  ...[3.02, 1.48, 5.95, 4.7, 4.33, 2.82, 1.93, 5.54, 3.94, 4.42, 3.86, 2.6, 5.08, 3.62, 2.88, 3.59],
  ...[1.9, 5.42, 2.15, 3.93, 3.4, 2.3, 4.74, 5.14, 3.78, 2.93, 2.03, 5.28, 3.95, 3.86, 2.48, 2.09],
  ...[
    4.05, 4.59, 3.54, 2.66, 1.08, 5.12, 3.69, 3.33, 3.13, 2.46, 5.12, 4.28, 4.19, 1.63, 2.67, 5.19,
  ],
  ...[
    3.57, 4.58, 2.72, 2.17, 4.72, 4.15, 3.24, 1.88, 1.15, 4.41, 3.36, 2.78, 2.63, 2.3, 4.98, 4.97,
  ],
  ...[4.77, 2.98, 2.16, 4.8, 2.99, 4.03, 2.97, 0.69, 4.7, 2.68, 2.71, 2.35, 1.17, 5.34, 3.33, 2.79],
];

test("vi on nested groups, of which weights that are worth little hide their tail", () => {
  const [row, five, four] = [axis("row", 80), axis("place", 5), axis("class", 4)];
  const at = (f: (i: number) => number) =>
    tensor(
      Int32Array.from(SEEN, (_, i) => f(i)),
      [row],
    );
  const nested = model(({ sample, observe, plate }) => {
    const mean = sample("mean", normal(0, 10));
    const between = sample("between", halfNormal(2));
    const within = sample("within", halfCauchy(1));
    const noise = sample("noise", halfNormal(2));
    const classes = plate(five, () => {
      const of = sample("place", normal(mean, between));
      return plate(four, () => sample("class", normal(of, within)));
    });
    const own = gather(
      gather(
        classes,
        four,
        at((i) => Math.floor(i / 5) % 4),
      ),
      five,
      at((i) => i % 5),
    );
    plate(row, () => observe("y", normal(own, noise), tensor(SEEN, [row])));
  });
  const fitted = fit({ model: nested, data: undefined, method: "vi", dtype: "float64" });
  const draws = samplePosterior(fitted, { draws: 2000 });
  const between = summarise(draws).find(({ site }) => site === "between");
  const { mean = 0, sd = 0, ess = 0 } = between ?? {};
  // 4000 draws of NUTS say 1.453, with the sd 0.599.
  const noise = 3 * Math.sqrt(1 / ess + 1 / 1600);
  expect(Math.abs(mean - 1.453) / 0.599).toBeLessThan(0.1 + noise);
  expect(Math.abs(Math.log(sd / 0.599))).toBeLessThan(0.15 + noise);
  expect(reliabilityWarnings(draws.reliability ?? {})).toEqual([]);
});
