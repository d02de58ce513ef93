/**
 * Units do not matter: random linear, logistic, Poisson and hierarchical regressions, with covariate and outcome in other
 * units.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  bernoulli,
  type Distribution,
  halfNormal,
  improperUniform,
  normal,
  POSITIVE,
  poisson,
  REAL,
} from "../../../src/distributions/index.ts";
import {
  fit,
  METHODS,
  type MethodName,
  sample,
  samplePosterior,
  summarise,
} from "../../../src/inference/index.ts";
import { type Model, model } from "../../../src/model/index.ts";
import {
  axis,
  exp,
  gather,
  key,
  standardNormal,
  type Tensor,
  tensor,
  uniform,
} from "../../../src/tensor/internal.ts";
import { numbersOf } from "../../cases/case.ts";

const row = axis("row", 50);
const group = axis("group", 8);
const groupOf = Int32Array.from({ length: row.size }, (_, i) => i % group.size);
type Kind = "linear" | "logistic" | "poisson" | "groups";

/** Whether outcomes have units. */
const hasUnits = (kind: Kind) => kind === "linear" || kind === "groups";

/** A covariate of about unit size, and outcomes of a kind. */
function randomData(kind: Kind, seed: number) {
  const [x, noise] = [1, 2].map((k) => [...numbersOf(standardNormal(key(7 * seed + k), [row]))]);
  const [u] = [uniform(key(7 * seed + 3), [row])].map((each) => [...numbersOf(each)]);
  const y = x.map((each, i) => {
    if (kind === "linear") return 1 + 0.8 * each + 0.5 * noise[i];
    if (kind === "groups") return 1 + 0.8 * each + 0.5 * noise[i] + Math.sin(3 * groupOf[i]);
    if (kind === "logistic") return u[i] < 1 / (1 + Math.exp(-0.3 - 0.7 * each)) ? 1 : 0;
    return quantileOfPoisson(u[i], Math.exp(1 + 0.4 * each));
  });
  return { x, y };
}

function quantileOfPoisson(u: number, rate: number): number {
  let [count, term] = [0, Math.exp(-rate)];
  for (let total = term; total < u; total += term) {
    count++;
    term *= rate / count;
  }
  return count;
}

/** A regression under flat priors, and, of groups, under priors in units of the outcome and of the slope. */
function regression(
  kind: Kind,
  x: readonly number[],
  y: readonly number[],
  [unitOfSlope, unit]: readonly number[],
) {
  const likelihood = (at: Tensor, s: () => Tensor): Distribution => {
    if (hasUnits(kind)) return normal(at, s());
    return kind === "logistic" ? bernoulli({ logits: at }) : poisson(exp(at));
  };
  const p: Model<undefined, unknown> = ({ sample: latent, observe, plate }) => {
    const isGrouped = kind === "groups";
    const a = latent("a", improperUniform(REAL));
    const b = latent("b", isGrouped ? normal(0, 3 * unitOfSlope) : improperUniform(REAL));
    const spread = hasUnits(kind)
      ? latent("s", isGrouped ? halfNormal(2 * unit) : improperUniform(POSITIVE))
      : undefined;
    let at = a.add(b.mul(tensor([...x], [row])));
    if (isGrouped) {
      const tau = latent("tau", halfNormal(2 * unit));
      const z = plate(group, () => latent("z", normal(0, 1)));
      at = at.add(gather(z.mul(tau), group, tensor(groupOf, [row])));
    }
    const outcome = likelihood(at, () => spread as Tensor);
    plate(row, () => observe("y", outcome, tensor([...y], [row])));
  };
  return model(p, { dtype: "float64" });
}

/** The slope, and of linear models the spread of the noise. */
async function posterior(p: Model<undefined, unknown>, method: MethodName | "nuts") {
  const draws =
    method in METHODS
      ? samplePosterior(fit({ model: p, data: undefined, method: method as MethodName }), {
          draws: 2000,
        })
      : await sample(p, undefined, { draws: 1000 });
  return summarise(draws).filter(({ site }) => ["b", "s", "tau"].includes(site));
}

const change = fc.record({
  kind: fc.constantFrom<Kind>("linear", "logistic", "poisson", "groups"),
  seed: fc.integer({ min: 0, max: 1000 }),
  /** Powers of ten by which the covariate and the outcome are multiplied. */
  powers: fc.tuple(fc.integer({ min: -6, max: 6 }), fc.integer({ min: -6, max: 6 })),
  /** What is added before, in units of the data. */
  shifts: fc.tuple(fc.constantFrom(0, 1, -1e3, 1e6), fc.constantFrom(0, 1, 1e3, -1e6)),
});

test.each<MethodName | "nuts">(["vi", "structured", "iwae", "laplace", "pathfinder", "nuts"])(
  "%s does not care for units",
  async (method) => {
    await fc.assert(
      fc.asyncProperty(change, async ({ kind, seed, powers, shifts }) => {
        const { x, y } = randomData(kind, seed);
        const [kx, ky] = powers.map((power) => 10 ** power);
        const isLinear = hasUnits(kind);
        const known = await posterior(regression(kind, x, y, [1, 1]), method);
        const units = [(isLinear ? ky : 1) / kx, ky, ky];
        const found = await posterior(
          regression(
            kind,
            x.map((each) => kx * (each + shifts[0])),
            isLinear ? y.map((each) => ky * (each + shifts[1])) : y,
            units,
          ),
          method,
        );
        known.forEach(({ mean, sd, ess = 1000, essBulk = ess }, i) => {
          const worth = Math.min(essBulk, found[i].essBulk ?? found[i].ess ?? 1000);
          // 0.1 standard deviations, and the Monte Carlo error of both.
          const noise = 4 * Math.sqrt(2 / worth);
          expect(Math.abs(found[i].mean / units[i] - mean) / sd).toBeLessThan(0.1 + noise);
          expect(Math.abs(Math.log(found[i].sd / units[i] / sd))).toBeLessThan(0.1 + noise);
        });
      }),
      { numRuns: 8, seed: 3 },
    );
  },
);
