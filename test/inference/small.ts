/**
 * A model small enough that all K^n combinations of its particles can be written out: a mean and a
 * discrete spread, a latent in each of two units, two observations of each. In float64.
 */
import { categorical, normal } from "../../src/distributions/index.ts";
import type { ModelAndGuideTraces } from "../../src/inference/internal.ts";
import type { Model } from "../../src/model/index.ts";
import { axis, gather, tensor } from "../../src/tensor/index.ts";
import { elements, range } from "./elements.ts";
import { f64 } from "./gaussians.ts";
import { logNormal } from "./hierarchy.ts";

const X = [
  [0.3, 1.2],
  [-0.8, 0.1],
];
const NOISE = 0.8;
const WEIGHTS = [0.3, 0.5, 0.2];
const SPREADS = [0.4, 0.9, 1.6];
const CENTRES = [0.4, -0.2];

export const unit = axis("unit", 2);
const item = axis("item", 2);
const level = axis("level", 3);
const x = tensor(X, [unit, item], "float64");
const spreads = tensor(SPREADS, [level], "float64");
const centres = tensor(CENTRES, [unit], "float64");

export const small: Model = ({ sample, observe, plate }) => {
  const mu = sample("mu", normal(f64(0), 1));
  const psi = sample("psi", categorical(tensor(WEIGHTS, [level], "float64")));
  plate(unit, () => {
    const z = sample("z", normal(mu, gather(spreads, level, psi)));
    plate(item, () => observe("x", normal(z, NOISE), x));
  });
};

/** A guide in which psi has the parent mu, and z both. */
export const smallGuide: Model = ({ sample, plate }) => {
  const mu = sample("mu", normal(f64(0.2), 0.9));
  const tilt = tensor([0.3, 0, -0.2], [level], "float64");
  const psi = sample("psi", categorical({ logits: mu.mul(tilt) }, level));
  plate(unit, () => {
    sample("z", normal(mu.mul(0.5).add(centres), gather(spreads, level, psi).mul(0.3).add(0.6)));
  });
};

/** The covariance of all x given the spread is 1 between units, spread^2 more within them. */
export const smallLogEvidence = Math.log(
  range(3)
    .map((psi) => {
      const covariance = range(4).map((i) =>
        range(4).map((j) => {
          const within = i >> 1 === j >> 1 ? SPREADS[psi] ** 2 : 0;
          return 1 + within + (i === j ? NOISE ** 2 : 0);
        }),
      );
      return WEIGHTS[psi] * Math.exp(logNormal(X.flat(), covariance));
    })
    .reduce((a, b) => a + b),
);

const logDensity = (x: number, mean: number, sd: number) =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

/** One combination of particles: its places, the values there, and its log weight. */
export interface Combination {
  readonly mu: number;
  readonly psi: number;
  /** The particle of each unit. */
  readonly z: readonly [number, number];
  readonly logWeight: number;
}

/** The draws of a guide with K particles of each latent, each on an axis of its own. */
export function smallDraws({ guide, particles }: Pick<ModelAndGuideTraces, "guide" | "particles">) {
  const [mu, psi, z] = guide.latents.map(({ value }) => elements(value));
  const [ofMu, ofPsi, ofZ] = particles.map((particle) => particle.axis);
  const K = ofMu.size;
  return {
    mu: range(K).map((i) => mu([ofMu, i])),
    psi: range(K).map((j) => psi([ofPsi, j])),
    z: range(2).map((u) => range(K).map((k) => z([ofZ, k], [unit, u]))),
  };
}

/** All K^4 combinations with their log weights, by the definition. */
export function combinations({ mu, psi, z }: ReturnType<typeof smallDraws>): Combination[] {
  const K = range(mu.length);
  const mean = (xs: number[]) => xs.reduce((a, b) => a + b) / xs.length;
  const tilted = (m: number) => [0.3 * m, 0, -0.2 * m].map(Math.exp);
  const qMu = mu.map((m) => logDensity(m, 0.2, 0.9));
  const qPsi = psi.map((p) =>
    Math.log(mean(mu.map((m) => tilted(m)[p] / tilted(m).reduce((a, b) => a + b)))),
  );
  const qZ = z.map((draws, u) =>
    draws.map((v) => {
      const given = (m: number, p: number) =>
        Math.exp(logDensity(v, 0.5 * m + CENTRES[u], 0.3 * SPREADS[p] + 0.6));
      return Math.log(mean(mu.flatMap((m) => psi.map((p) => given(m, p)))));
    }),
  );
  const ofUnit = (u: number, i: number, j: number, k: number) => {
    const v = z[u][k];
    const likelihood = X[u].map((y) => logDensity(y, v, NOISE)).reduce((a, b) => a + b);
    return logDensity(v, mu[i], SPREADS[psi[j]]) - qZ[u][k] + likelihood;
  };
  return K.flatMap((i) =>
    K.flatMap((j) => {
      const outer = logDensity(mu[i], 0, 1) - qMu[i] + Math.log(WEIGHTS[psi[j]]) - qPsi[j];
      return K.flatMap((k) =>
        K.map((l) => ({
          mu: i,
          psi: j,
          z: [k, l] as const,
          logWeight: outer + ofUnit(0, i, j, k) + ofUnit(1, i, j, l),
        })),
      );
    }),
  );
}

/** The log of the mean weight, and the weights divided by their sum. */
export function normalise(all: readonly Combination[]) {
  const largest = Math.max(...all.map(({ logWeight }) => logWeight));
  const weights = all.map(({ logWeight }) => Math.exp(logWeight - largest));
  const sum = weights.reduce((a, b) => a + b);
  return {
    logEvidence: largest + Math.log(sum / all.length),
    weights: weights.map((w) => w / sum),
  };
}
