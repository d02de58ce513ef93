/** Guides along chains: right where the answer is known, by a filter and quadrature. */
import { expect, test } from "vitest";
import { halfNormal, normal, poisson } from "../../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  reliabilityWarnings,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { model } from "../../../src/model/index.ts";
import { axis, exp, tensor } from "../../../src/tensor/index.ts";
import { localLevel, seriesOf } from "../localLevel.ts";

const { p, moments } = localLevel(seriesOf(60));
const right = moments();

test.each<MethodName>(["vi", "structured", "pathfinder"])(
  "%s has the posterior of a local level",
  (method) => {
    const draws = samplePosterior(fit({ model: p, data: undefined, method }), { draws: 2000 });
    expect(reliabilityWarnings(draws.reliability ?? {})).toEqual([]);
    const rows = new Map(summarise(draws).map((row) => [row.site, row]));
    for (const name of ["q", "r"] as const) {
      const { mean = 0, sd = 0, ess = 1 } = rows.get(name) ?? {};
      const noise = 4 / Math.sqrt(ess);
      expect(Math.abs(mean - right[name].mean) / right[name].sd).toBeLessThan(0.05 + noise);
      expect(Math.abs(Math.log(sd / right[name].sd))).toBeLessThan(0.05 + noise);
    }
  },
);

test("a chain in plates whose state goes two steps back begins near the posterior", () => {
  const [time, person] = [axis("time", 12), axis("person", 3)];
  const counts = Array.from({ length: 36 }, (_, i) => 3 + (i % 5));
  const chains = model(
    ({ sample, plate, chain, observe }) => {
      const s = sample("s", halfNormal(0.5));
      plate(person, () => {
        const first = sample("first", normal(1, 1));
        chain(time, { now: first, before: first }, ({ now, before }, { at }) => {
          const x = sample("x", normal(now.mul(0.6).add(before.mul(0.3)), s));
          observe("y", poisson(exp(x)), at(tensor(counts, [time, person])));
          return { now: x, before: now };
        });
      });
    },
    { dtype: "float64" },
  );
  const { reliability } = samplePosterior(fit({ model: chains, data: undefined, method: "vi" }));
  expect(reliability?.kHat).toBeLessThan(0.7);
});
