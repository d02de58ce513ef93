/**
 * Simulation-based calibration (Talts, Betancourt, Simpson, Vehtari and Gelman, 2018, arXiv 1804.06788): parameters from
 * the prior, data from them, chains on the data. The rank of each parameter, and of the joint log likelihood (Modrak et
 * al., 2023), among the draws is uniform if the sampler is right.
 */
import { describe, expect, test } from "vitest";
import { bernoulli, halfNormal, normal } from "../../../src/distributions/index.ts";
import {
  type LogDensity,
  logDensity,
  type MetricName,
  type SamplerName,
} from "../../../src/inference/index.ts";
import { Chain } from "../../../src/inference/mcmc/chain.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { METRICS } from "../../../src/inference/mcmc/metrics/index.ts";
import { ChainRandom } from "../../../src/inference/mcmc/random.ts";
import { startingPoint } from "../../../src/inference/mcmc/start.ts";
import { Gibbs } from "../../../src/inference/mcmc/transitions/gibbs.ts";
import type { Target } from "../../../src/inference/mcmc/transitions/point.ts";
import type { Model } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { axis, sum, tensor } from "../../../src/tensor/index.ts";

type Plain = Model<undefined, unknown>;

/** A model whose data are the values of the parameter `data`, so that it is compiled once. */
interface Calibrated {
  readonly model: Plain;
  /** Unconstrained numbers from the prior, in the order of the model. */
  prior(random: ChainRandom): Float64Array;
  /** Data given them. */
  data(position: Float64Array, random: ChainRandom): Float64Array;
  /** The log likelihood of data, up to a constant. */
  logLikelihood(position: Float64Array, data: Float64Array): number;
}

const group = axis("group", 6);
const NOISE = 0.7;

/** Effects of groups around a mean, not centred. */
const hierarchical: Calibrated = {
  model: ({ sample, observe, plate, param }) => {
    const mean = sample("mean", normal(0, 1));
    const spread = sample("spread", halfNormal(1));
    const data = param("data", [group], { init: zeros });
    plate(group, () => {
      const effect = mean.add(spread.mul(sample("z", normal(0, 1))));
      observe("y", normal(effect, NOISE), data);
    });
  },
  prior(random) {
    const z = new Float64Array(2 + group.size);
    random.normals(z);
    z[1] = Math.log(Math.abs(z[1]));
    return z;
  },
  data([mean, logSpread, ...z], random) {
    const noise = new Float64Array(group.size);
    random.normals(noise);
    return noise.map((e, j) => mean + Math.exp(logSpread) * z[j] + NOISE * e);
  },
  logLikelihood([mean, logSpread, ...z], data) {
    const squares = z.map((x, j) => (data[j] - mean - Math.exp(logSpread) * x) ** 2);
    return -squares.reduce((a, b) => a + b) / (2 * NOISE ** 2);
  },
};

const [row, feature] = [axis("row", 25), axis("feature", 2)];
const ENTRIES = Array.from({ length: 50 }, (_, i) => Math.sin(1.7 * i) + 0.5);
const features = tensor(ENTRIES, [row, feature]);

const logits = ([intercept, ...slope]: Float64Array) =>
  Array.from(
    { length: row.size },
    (_, i) => intercept + slope[0] * ENTRIES[2 * i] + slope[1] * ENTRIES[2 * i + 1],
  );

const logistic: Calibrated = {
  model: ({ sample, observe, plate, param }) => {
    const intercept = sample("intercept", normal(0, 1));
    const slope = sample("slope", normal(0, 1).event(feature));
    const data = param("data", [row], { init: zeros });
    plate(row, () => {
      const logits = intercept.add(sum(slope.mul(features), feature));
      observe("y", bernoulli({ logits }), data);
    });
  },
  prior(random) {
    const z = new Float64Array(3);
    random.normals(z);
    return z;
  },
  data: (position, random) =>
    Float64Array.from(logits(position), (l) => (random.uniform() < 1 / (1 + Math.exp(-l)) ? 1 : 0)),
  logLikelihood: (position, data) =>
    logits(position).reduce((total, l, i) => total + data[i] * l - Math.log1p(Math.exp(l)), 0),
};

const point = axis("point", 15);

/**
 * Two kinds with centres of their own, whose priors tell them apart: chains need not cross to where they have changed
 * places. Which kind a row is of is summed out, or drawn by Gibbs steps.
 */
const mixture: Calibrated = {
  model: ({ sample, observe, plate, param }) => {
    const logOdds = sample("logOdds", normal(0, 1));
    const [low, high] = [sample("low", normal(-1, 0.5)), sample("high", normal(1, 0.5))];
    const data = param("data", [point], { init: zeros });
    plate(point, () => {
      const z = sample("z", bernoulli({ logits: logOdds }));
      observe("y", normal(low.add(z.mul(high.sub(low))), 1), data);
    });
  },
  prior(random) {
    const z = new Float64Array(3);
    random.normals(z);
    z[1] = 0.5 * z[1] - 1;
    z[2] = 0.5 * z[2] + 1;
    return z;
  },
  data([logOdds, low, high], random) {
    const noise = new Float64Array(point.size);
    random.normals(noise);
    const share = 1 / (1 + Math.exp(-logOdds));
    return noise.map((e) => e + (random.uniform() < share ? high : low));
  },
  logLikelihood([logOdds, low, high], data) {
    const share = 1 / (1 + Math.exp(-logOdds));
    const term = (y: number) =>
      Math.log(
        share * Math.exp(-((y - high) ** 2) / 2) + (1 - share) * Math.exp(-((y - low) ** 2) / 2),
      );
    return data.reduce((total, y) => total + term(y), 0);
  },
};

const [REPLICATES, RANKED] = [400, 31];

/** How far apart draws are taken, so that they are nearly independent. */
const THINNED: Readonly<Record<string, number>> = { nuts: 4, gibbs: 15, hmc: 4, mala: 25 };

/** The ranks, in [0, 1], of each unconstrained number and of the log likelihood: one list of all replicates for each. */
function ranks(
  { model, prior, data, logLikelihood }: Calibrated,
  method: SamplerName,
  metric: MetricName,
  broken = (target: LogDensity): Target => target,
): number[][] {
  const holdsDiscrete = method === "gibbs";
  const density = logDensity(model, undefined, { layout: "flat", backend: "wasm", holdsDiscrete });
  const { dimension } = density;
  const thin = THINNED[method];
  const found: number[][] = Array.from({ length: dimension + 1 }, () => []);
  for (let seed = 0; seed < REPLICATES; seed++) {
    const random = new ChainRandom(seed, 1000);
    random.seek(0);
    const truth = prior(random);
    const observed = data(truth, random);
    density.setParameters({ data: { data: observed } });
    const settings = { method, metric, warmup: 300, draws: RANKED * thin, seed };
    const slots = new ChainMemory(1).of(0);
    const gibbs = holdsDiscrete ? new Gibbs(density, slots, RANKED * thin) : undefined;
    const chain = new Chain(
      broken(density),
      { ...settings, targetAccept: 0.8, maxDepth: 8 },
      slots,
      0,
      gibbs,
    );
    chain.begin(startingPoint(density, 2, seed, 0));
    for (let step = 0; step < 300 + RANKED * thin; step++) chain.advance(step);
    const draws = slots("draws", RANKED * thin * dimension);
    const quantities = (position: Float64Array) => [...position, logLikelihood(position, observed)];
    const true_ = quantities(truth);
    const below = new Float64Array(dimension + 1);
    for (let d = 0; d < RANKED; d++) {
      const at = (d * thin + thin - 1) * dimension;
      quantities(draws.subarray(at, at + dimension)).forEach((x, k) => {
        if (x < true_[k]) below[k]++;
      });
    }
    // Ranks are whole numbers: a uniform part spreads each over its share.
    below.forEach((count, k) => {
      found[k].push((count + random.uniform()) / (RANKED + 1));
    });
  }
  return found;
}

/** The largest distance between the distribution of ranks and the uniform one (Kolmogorov and Smirnov), times sqrt n. */
function distance(values: readonly number[]): number {
  const ascending = [...values].sort((a, b) => a - b);
  const n = ascending.length;
  const apart = ascending.map((x, i) => Math.max((i + 1) / n - x, x - i / n));
  return Math.sqrt(n) * Math.max(...apart);
}

/** Beyond it lies a share of 1e-4 / k: the band is simultaneous for k quantities. */
const band = (k: number) => Math.sqrt(-Math.log(1e-4 / k / 2) / 2);

type Case = readonly [SamplerName, MetricName];

const CONTINUOUS: readonly Case[] = [
  ...(Object.keys(METRICS) as MetricName[]).map((metric): Case => ["nuts", metric]),
  ["hmc", "diagonal"],
  ["mala", "diagonal"],
];
const MODELS: readonly (readonly [string, Calibrated, readonly Case[]])[] = [
  ["a hierarchical normal", hierarchical, CONTINUOUS],
  ["a logistic regression", logistic, CONTINUOUS],
  [
    "a mixture",
    mixture,
    [
      ["nuts", "lowrank"],
      ["gibbs", "diagonal"],
    ],
  ],
];

describe.each(MODELS)("ranks are uniform for %s", (_, calibrated, cases) => {
  test.each(cases)("by %s with metric %s", (method, metric) => {
    const found = ranks(calibrated, method, metric);
    const worst = Math.max(...found.map(distance));
    expect(worst).toBeLessThan(band(found.length));
  });

  test("and not for a sampler that flattens the density", () => {
    const found = ranks(calibrated, "nuts", "diagonal", (density) => ({
      dimension: density.dimension,
      evaluate(position, gradient) {
        const value = density.evaluate(position, gradient);
        for (let i = 0; i < gradient.length; i++) gradient[i] *= 0.6;
        return 0.6 * value;
      },
    }));
    expect(Math.max(...found.map(distance))).toBeGreaterThan(band(found.length));
  });
});
