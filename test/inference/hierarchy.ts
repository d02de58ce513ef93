/**
 * A hierarchy of Gaussians with its evidence in closed form, in float64, and guides for it:
 *
 *     mu ~ normal(0, 1),  a_g ~ normal(mu, SA) for each group,  x_gi ~ normal(a_g, SX) for each item.
 */
import { normal } from "../../src/distributions/index.ts";
import { type Model, model } from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, type Tensor, tensor } from "../../src/tensor/index.ts";
import type { Inputs } from "../distributions/values.ts";
import { f64 } from "./gaussians.ts";

export const X = [
  [0.4, 1.3],
  [2.2, 1.1],
  [-0.6, 0.5],
];
export const [SA, SX] = [0.7, 0.9];
export const group = axis("group", X.length);
export const item = axis("item", X[0].length);
export const x = tensor(X, [group, item], "float64");

export const hierarchy: Model = ({ sample, observe, plate }) => {
  const mu = sample("mu", normal(f64(0), 1));
  plate(group, () => {
    const a = sample("a", normal(mu, SA));
    plate(item, () => observe("x", normal(a, SX), x));
  });
};

/** Rough means of the groups, as an amortised guide might give them. */
const centres = tensor([0.7, 1.2, 0.3], [group], "float64");

/** A guide whose latents do not know of one another. */
export const factorised: Model = model(({ sample, plate }) => {
  sample("mu", normal(f64(0.5), 0.9));
  plate(group, () => sample("a", normal(centres, 0.8)));
});

/** A guide whose `a` has the latent parent `mu`. */
export const dependent: Model = model(({ sample, plate }) => {
  const mu = sample("mu", normal(f64(0.5), 0.9));
  plate(group, () => sample("a", normal(mu.mul(0.5).add(centres.mul(0.6)), 0.75)));
});

/** x has covariance 1 between groups, SA^2 more within them, and SX^2 more on the diagonal. */
export const logEvidence = (() => {
  const flat = X.flat();
  const group = (i: number) => Math.floor(i / X[0].length);
  const covariance = flat.map((_, i) =>
    flat.map((_, j) => 1 + (group(i) === group(j) ? SA * SA : 0) + (i === j ? SX * SX : 0)),
  );
  return logNormal(flat, covariance);
})();

/** The log density at `x` of the normal distribution with mean 0, by elimination of `covariance`. */
export function logNormal(
  x: readonly number[],
  covariance: readonly (readonly number[])[],
): number {
  const rows = covariance.map((row) => [...row]);
  const z = [...x];
  let result = 0;
  for (let i = 0; i < z.length; i++) {
    const pivot = rows[i][i];
    result -= 0.5 * (Math.log(2 * Math.PI * pivot) + (z[i] * z[i]) / pivot);
    for (let j = i + 1; j < z.length; j++) {
      const factor = rows[j][i] / pivot;
      z[j] -= factor * z[i];
      for (let k = i; k < z.length; k++) rows[j][k] -= factor * rows[i][k];
    }
  }
  return result;
}

/** The values of each of `xs` by a compiled program: for more numbers than the oracle is made for. */
export function run<Name extends string>(
  xs: Readonly<Record<Name, Tensor>>,
  inputs: Inputs = {},
): Record<Name, readonly number[]> {
  const found = compile({ outputs: xs }, { steps: 1 }).run({ inputs });
  return Object.fromEntries(
    Object.entries(found).map(([name, { data }]) => [name, [...data]]),
  ) as Record<Name, number[]>;
}
