/**
 * Calls, from the host, of the unconstrained log density of a model and its gradient, in float64 and allocating
 * nothing (`LogDensity.evaluate`), at another position in each call.
 */
import { bernoulli, halfNormal, normal } from "../../../src/distributions/index.ts";
import {
  type LogDensity,
  type LogDensityOptions,
  logDensity,
} from "../../../src/inference/index.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, sum, tensor } from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import { EFFECTS, ERRORS } from "./call.ts";
import { checkAt, densityIn, programOf } from "./logDensity.ts";
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

/** The log density of eight schools, or of a logistic regression of this size. */
export const densityOf = (
  { rows, features }: Sizes,
  options: Pick<LogDensityOptions, "layout"> = {},
): LogDensity =>
  logDensity(rows === undefined ? schools : logistic(rows, features), undefined, {
    evaluations: 1_000_000,
    ...options,
  });

/** Entry i is sin(0.37 i). */
const startOf = ({ dimension }: LogDensity) =>
  Float64Array.from({ length: dimension }, (_, i) => Math.sin(0.37 * i));

export const density: Family = {
  name: "density",
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
