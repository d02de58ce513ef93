/**
 * Calls, from the host, of the unconstrained log density of a model and its gradient, in float64 and allocating
 * nothing (`LogDensity.evaluate`), at another position in each call.
 */
import {
  bernoulli,
  gaussianProcess,
  halfNormal,
  lognormal,
  normal,
  squaredExponential,
} from "../../../src/distributions/index.ts";
import {
  type LogDensity,
  type LogDensityOptions,
  logDensity,
} from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, sum, tensor } from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import { EFFECTS, ERRORS } from "./call.ts";
import { checkAt, densityIn, programOf, startOf } from "./logDensity.ts";
import type { Family } from "./workload.ts";

type Plain = Model<undefined, unknown>;

const school = axis("school", EFFECTS.length);

/** Eight schools (Rubin 1981), not centred. */
const schools: Plain = ({ sample, observe, plate }) => {
  const mu = sample("mu", normal(0, 5));
  const tau = sample("tau", halfNormal(5));
  plate(school, () => {
    const z = sample("z", normal(0, 1));
    observe("y", normal(mu.add(tau.mul(z)), tensor(ERRORS, [school])), tensor(EFFECTS, [school]));
  });
};

/** A logistic regression: entry i of the row-major features is sin(1.3 i), every third outcome is 1. */
function logistic(rows: number, features: number): Plain {
  const [row, feature] = [axis("row", rows), axis("feature", features)];
  const entries = Array.from({ length: rows * features }, (_, i) => Math.sin(1.3 * i));
  const outcomes = Uint8Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? 1 : 0));
  return ({ sample, observe, plate }) => {
    const intercept = sample("intercept", normal(0, 10));
    const slope = sample("slope", normal(0, 2.5).event(feature));
    plate(row, () => {
      const logits = intercept.add(sum(slope.mul(tensor(entries, [row, feature])), feature));
      observe("outcome", bernoulli({ logits }), tensor(outcomes, [row]));
    });
  };
}

/** Five observations of each group, around effects that are not centred: sin(0.7 j) + sin(1.3 k) of entry k, of group j. */
function hierarchical(groups: number): Plain {
  const [group, item] = [axis("group", groups), axis("item", 5)];
  const entries = Array.from(
    { length: 5 * groups },
    (_, k) => Math.sin(0.7 * Math.floor(k / 5)) + Math.sin(1.3 * k),
  );
  return ({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(2));
    const sigma = sample("sigma", halfNormal(1));
    plate(group, () => {
      const effect = mu.add(tau.mul(sample("z", normal(0, 1))));
      plate(item, () => observe("y", normal(effect, sigma), tensor(entries, [group, item])));
    });
  };
}

/** A Gaussian process with noise: place i is i / 20, its value is sin(0.37 i) + 0.3 sin(i^2). */
function process(places: number): Plain {
  const place = axis("place", places);
  const known = (f: (i: number) => number) =>
    tensor(
      Array.from({ length: places }, (_, i) => f(i)),
      [place],
    );
  const x = known((i) => i / 20);
  const y = known((i) => Math.sin(0.37 * i) + 0.3 * Math.sin(i * i));
  return ({ sample, observe }) => {
    const scale = sample("scale", halfNormal(1));
    const lengthscale = sample("lengthscale", lognormal(0, 1));
    const noise = sample("noise", halfNormal(1));
    const kernel = squaredExponential({ scale, lengthscale });
    observe("y", gaussianProcess(kernel, { noise, jitter: 0 }).at(x, place), y);
  };
}

/** The model that these sizes are of: eight schools, unless one is of another. */
export function modelOf({ rows, features, groups, places }: Sizes): Plain {
  if (rows !== undefined) return logistic(rows, features);
  if (groups !== undefined) return hierarchical(groups);
  return places === undefined ? schools : process(places);
}

/** Its log density. */
export const densityOf = (
  sizes: Sizes,
  options: Pick<LogDensityOptions, "layout"> = {},
): LogDensity => logDensity(modelOf(sizes), undefined, { evaluations: 1_000_000, ...options });

export const density: Family = {
  name: "density",
  group: "nuts",
  members: [
    { name: "density-schools", sizes: {} },
    { name: "density-logistic", sizes: { rows: 1000, features: 20 } },
  ],
  check(sizes) {
    const of = densityOf(sizes);
    return checkAt(of, startOf(of));
  },
  program: (sizes) => programOf(densityOf(sizes)),
  run(program, calls) {
    const of = densityIn(program);
    const position = startOf(of);
    const gradient = new Float64Array(of.dimension);
    for (let i = 0; i < calls; i++) {
      position[0] = 1e-3 * gradient[1];
      of.evaluate(position, gradient);
    }
  },
};
