/** The log evidence of each datum from chains of its posterior, for latents of few dimensions. */

import { compile, type Program } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  ANYTHING,
  checkArguments,
  FUNCTION,
  fold,
  input,
  type Key,
  log,
  logAddExp,
  OBJECT,
  optionsWith,
  SurmiseError,
  seedKey,
  select,
  sizeOf,
  type Tensor,
  type TypedArray,
  uniform,
  wholeNumber,
  withoutAxes,
} from "../../tensor/internal.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import type { ModelAndGuide } from "../proposal/traces.ts";
import { type PosteriorChains, posteriorChains } from "../refinement/chains.ts";
import type { HmcOptions } from "../refinement/hmc.ts";
import { STEP_SIZE } from "../refinement/refine.ts";
import { cholesky, dot, solve } from "../statistics/linear.ts";
import { logSumExp } from "../statistics/psis.ts";

/** A model, a guide that names its latents, data, and how the chains are run. */
export interface ChainEvidenceOptions<Data>
  extends Omit<ModelAndGuide<Data>, "key">,
    Pick<HmcOptions, "leapfrogs" | "targetAccept"> {
  /** Everything random follows from it. */
  readonly seed: number;
  /** Draws of the guide, of which each chain begins at one that is chosen by its importance weight; 100 unless given. */
  readonly starts?: number;
  /** Trajectories whose decisions adapt the step size; 300 unless given. */
  readonly warmup?: number;
  /** Samples that the density is fitted to, and as many fresh ones that it is averaged over; 50 unless given. */
  readonly samples?: number;
  /** Trajectories from one sample to the next; 5 unless given. */
  readonly thin?: number;
}

/** The estimator is reliable for fewer dimensions only (Kingma and Welling). */
const TOO_MANY = 5;
const [STEP, LOG_TOTAL] = ["#trajectory", "#logTotal"];

/** What the options must be; numbers are checked where they are used. */
const OPTIONS = optionsWith<ChainEvidenceOptions<unknown>>({
  model: FUNCTION,
  guide: ANYTHING,
  data: ANYTHING,
  parameters: OBJECT,
  seed: ANYTHING,
  starts: ANYTHING,
  warmup: ANYTHING,
  samples: ANYTHING,
  thin: ANYTHING,
  leapfrogs: ANYTHING,
  targetAccept: ANYTHING,
});

/**
 * What estimates the log evidence of each datum, log p(x), in nats (Kingma and Welling, ICLR 2014, appendix D): with
 * samples of the posterior by Hamiltonian Monte Carlo, to which a normal density q is fitted in unconstrained space, and
 * fresh samples z_l,
 *
 *     p(x) = 1 / mean_l[ q(z_l) / p(x, z_l) ].
 *
 * Row-major over the plates that all sites share. The trajectories of the chains have four leapfrog steps. A chain
 * that begins far from the posterior would not come there where the density is flat; so each begins at one of `starts` draws
 * of the guide, chosen by importance weights. The prior will do for a guide, with more of them.
 *
 * Compiled once; called with the values of the parameters, and of the inputs that the data are made of, if they are.
 *
 * @throws SurmiseError if latents have 5 dimensions or more for each of these elements, or the guide has a discrete one.
 *
 * @example
 * const logEvidence = chainEvidence({ model, guide, data: { x: input("x", [image, pixel]), image }, parameters, seed: 0 });
 * const perImage = logEvidence(fitted.parameters, { x: images });
 */
export function chainEvidence<Data>(
  options: ChainEvidenceOptions<Data>,
): (trained: Trained, inputs?: Readonly<Record<string, TypedArray>>) => Float64Array {
  checkArguments("chainEvidence", { options }, OPTIONS);
  const { parameters, seed } = options;
  const { starts = 100, warmup = 300, samples = 50, thin = 5 } = options;
  wholeNumber("chainEvidence: starts", starts, { least: 1, most: 2 ** 31 - 1 });
  wholeNumber("chainEvidence: warmup", warmup, { most: 2 ** 31 - 1 });
  wholeNumber("chainEvidence: seed", seed);
  wholeNumber("chainEvidence: samples", samples, { least: 10, most: 2 ** 31 - 1 });
  wholeNumber("chainEvidence: thin", thin, { least: 1, most: 2 ** 31 - 1 });
  const trajectory = input(STEP, [], "int32");
  const key = fold(fold(seedKey(), "chain evidence"), trajectory);
  const hmc = { leapfrogs: 4, adaptation: 0.05, ...options, iterations: 1 };
  const chains = posteriorChains({ ...hmc, key, stepSize: 0.1 }, "chainEvidence");
  const { positions, elements, logDensity, state } = chains;
  const own = positions.map(({ axes }) => withoutAxes(axes, elements));
  const dimensions = own.reduce((total, axes) => total + sizeOf(axes), 0);
  if (dimensions >= TOO_MANY) {
    throw new SurmiseError(
      `chainEvidence: the latents of a datum have ${dimensions} dimensions, but the estimator is reliable below ` +
        `${TOO_MANY} only: use importance sampling (evaluation)`,
    );
  }
  const moves = state.updates.slice(0, positions.length);
  const [stepSize, adapted] = state.updates[positions.length];
  const program = compile({
    outputs: {
      logDensity: logDensity(positions),
      ...Object.fromEntries(positions.map((x, i) => [`position ${i}`, x.add(0)])),
    },
    updates: [
      ...moves,
      [stepSize, select(trajectory.lt(warmup), adapted, stepSize)],
      [trajectory, trajectory.add(1)],
    ],
  });
  const begin = beginning(chains, fold(key, "begin"), trajectory);
  const names = positions.map((_, i) => `${chains.traces.guide.latents[i].name}#position`);
  /** The chains of these data behind their warm-up. */
  const warmUp = (trained: Trained, inputs: Readonly<Record<string, TypedArray>>) => {
    for (const made of [program, begin]) {
      writeSeed(made, seed);
      writeTrained(made, parameters, trained);
      for (const [name, values] of Object.entries(inputs)) made.write(name, values);
    }
    names.forEach((name, i) => {
      begin.write(name, new Float64Array(sizeOf(positions[i].axes)));
    });
    begin.write(LOG_TOTAL, new Float64Array(sizeOf(elements)).fill(Number.NEGATIVE_INFINITY));
    begin.write(STEP, 0);
    begin.step(starts);
    for (const name of names) program.write(name, begin.read(name).data);
    program.write(STEP_SIZE, 0.1);
    program.write(STEP, 0);
    program.step(warmup);
  };
  const count = sizeOf(elements);
  /** Each datum's position, row by row, and its log density, of the next sample. */
  const next = () => {
    const found = program.run({ steps: thin });
    const parts = own.map((axes, i) => broadcast(found[`position ${i}`], [...elements, ...axes]));
    const at = Array.from({ length: count }, (_, datum) =>
      parts.flatMap((part, i) => {
        const size = sizeOf(own[i]);
        return Array.from(part.subarray(datum * size, (datum + 1) * size), Number);
      }),
    );
    return { at, logDensity: Float64Array.from(broadcast(found.logDensity, elements)) };
  };
  return (trained, inputs = {}) => {
    warmUp(trained, inputs);
    const fitted = Array.from({ length: samples }, () => next().at);
    const fresh = Array.from({ length: samples }, next);
    return Float64Array.from({ length: count }, (_, datum) => {
      const logQ = fitNormal(fitted.map((sample) => sample[datum]));
      const terms = fresh.map(({ at, logDensity: p }) => logQ(at[datum]) - p[datum]);
      return Math.log(samples) - logSumExp(terms);
    });
  };
}

/** Puts into the positions one of the draws of its steps for each datum, chosen by weight as they come. */
function beginning(chains: PosteriorChains, key: Key, count: Tensor): Program {
  const { positions, elements, draws, logJoint, logGuide, unconstrain } = chains;
  const total = input(LOG_TOTAL, elements, "float64");
  const logWeight = logJoint(draws).sub(logGuide(draws));
  const all = logAddExp(total, logWeight);
  const isChosen = log(uniform(key, elements, "float64")).lt(logWeight.sub(all));
  const drawn = unconstrain(draws);
  return compile({
    outputs: {},
    updates: [
      ...positions.map((x, i) => [x, select(isChosen, drawn[i], x)] as const),
      [total, all],
      [count, count.add(1)],
    ],
  });
}

/** The log density of the normal with the mean and the covariance of some points. */
function fitNormal(points: readonly (readonly number[])[]): (z: readonly number[]) => number {
  const n = points.length;
  const d = points[0].length;
  const mean = points[0].map((_, i) => points.reduce((sum, z) => sum + z[i], 0) / n);
  const covariance = Float64Array.from({ length: d * d }, (_, at) => {
    const [i, j] = [Math.floor(at / d), at % d];
    return points.reduce((sum, z) => sum + (z[i] - mean[i]) * (z[j] - mean[j]), 0) / (n - 1);
  });
  // Chains that hardly move have a covariance that is singular to rounding.
  for (let i = 0; i < d; i++) covariance[i * d + i] += 1e-12 * (1 + covariance[i * d + i]);
  const factor = cholesky(covariance, d) as Float64Array;
  let height = 0.5 * d * Math.log(2 * Math.PI);
  for (let i = 0; i < d; i++) height += Math.log(factor[i * d + i]);
  return (z) => {
    const apart = Float64Array.from(z, (x, i) => x - mean[i]);
    return -0.5 * dot(apart, solve(factor, apart)) - height;
  };
}
