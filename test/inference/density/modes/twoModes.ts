/** Models with two modes, and what a fit says. */
import { bernoulli, normal } from "../../../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  samplePosterior,
  summarise,
} from "../../../../src/inference/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import { constant, select, square } from "../../../../src/tensor/index.ts";

/** Summaries by site, and reliability, at default settings. */
export function fitted(model: Model<undefined>, method: MethodName) {
  const draws = samplePosterior(fit({ model, data: undefined, method, dtype: "float64" }));
  const rows = Object.fromEntries(summarise(draws).map((row) => [row.site, row]));
  return { rows, reliability: draws.reliability ?? {} };
}

/** x y is seen, which a change of both signs leaves as it is: 0, the locations of the priors, is a saddle point. */
export const product: Model<undefined> = ({ sample, observe }) => {
  const [x, y] = [sample("x", normal(0, 2)), sample("y", normal(0, 2))];
  observe("product", normal(x.mul(y), 0.3), constant(2));
};

/** A latent whose prior depends on a kind that is summed out: the location is that of the first kind. */
export const kinds: Model<undefined> = ({ sample, observe }) => {
  const kind = sample("kind", bernoulli({ probs: 0.5 }));
  const x = sample("x", normal(select(kind.eq(1), 8, -8), 1));
  observe("square", normal(square(x), 30), constant(60));
};
