/** Draws of a guide, and how their density under the model compares with that under the guide. */

import { type Model, type ParamStore, recordedSites, type Trace } from "../../model/internal.ts";
import { compile, type Values } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  axis,
  cast,
  fold,
  input,
  type Precision,
  seedKey,
  sizeOf,
  type Tensor,
} from "../../tensor/internal.ts";
import { hasProperPriors, logPriors } from "../logWeight/priors.ts";
import { sumOverPlates } from "../logWeight/weights.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import { average, type Particles } from "../proposal/particles.ts";
import { bound } from "../target/bound.ts";
import type { SiteDraws } from "./posteriorDraws.ts";

/** A trained guide, its model and data. */
export interface RatioOptions<Data> {
  /** The model p. */
  readonly model: Model<Data, unknown>;
  /** The guide q. */
  readonly guide: Model<Data, unknown>;
  /** What both are called with. */
  readonly data: Data;
  /** The store of their parameters. */
  readonly parameters: ParamStore;
  /** The trained parameters by name. */
  readonly values: Trained;
  /** Everything random follows from it. */
  readonly seed: number;
  /** What ratios are computed in. */
  readonly dtype: Precision;
}

/** Ratios of fresh draws. */
export interface Ratios {
  /** log p(x, z) - log q(z) of each draw, with the log priors of parameters, in nats. */
  readonly logRatios: Float64Array;
  /** The latents of the guide at these draws; none where they have more than 2000 elements. */
  readonly sites: Readonly<Record<string, Pick<SiteDraws, "axes" | "data">>>;
  /** Whether all priors of latents have a finite integral. */
  readonly isProper: boolean;
  /** Whether they are those of all data, not of a minibatch. */
  readonly isWhole: boolean;
}

/** Estimates of the evidence by sets of particles. */
export interface SetEstimates {
  /** Of each set, the log of an unbiased estimate, in nats. */
  readonly logEstimates: Float64Array;
  /** Whether particles are weighed in combinations of several axes. */
  readonly combines: boolean;
  /** How many particles a set has, where all latents are weighed together, outside of chains. */
  readonly size?: number;
  /** Whether all priors of latents have a finite integral. */
  readonly isProper: boolean;
}

/** Whether no site of a trace stands in a plate that holds only a part of the data. */
function hasAllData({ latents, observed }: Trace): boolean {
  return [...latents, ...observed].every(({ plates }) =>
    plates.every(({ axis, total }) => axis.size === total),
  );
}

/** Elements beyond which single ones are not judged, and the draws not kept. */
const MOST_ELEMENTS = 2000;
/** Draws per call of the program. */
const PER_CALL = 100;

/** `count` fresh draws from the guide, each with its ratio; a multiple of 100. */
export function jointRatios<Data>(options: RatioOptions<Data>, count: number): Ratios {
  const along = axis("ratio", PER_CALL);
  const { key, round } = roundKey("ratios");
  const strategy: Particles = {
    ...average(PER_CALL),
    axesOf: () => [{ kind: "average", axis: along }],
  };
  const found = bound({ ...pairOf(options), key, particles: strategy, gradient: "none" });
  const each = sumOverPlates(found.elimination.weights);
  const priors = Object.values(logPriors([found.trace, found.guideTrace], options.parameters));
  const names = new Set(found.guideTrace.latents.map(({ name }) => name));
  const all = recordedSites(found.trace, [along]).filter(({ name }) => names.has(name));
  const elements = all.reduce((total, { axes }) => total + sizeOf(axes), 0);
  const latents = elements > MOST_ELEMENTS ? [] : all;
  const outputs: Record<string, Tensor> = {
    "#ratio": priors.reduce((a, b) => a.add(b), each),
  };
  for (const { name, value } of latents) outputs[name] = cast(value, "float64");
  const rounds = Math.ceil(count / PER_CALL);
  const logRatios = new Float64Array(rounds * PER_CALL);
  const sites = Object.fromEntries(
    latents.map(({ name, axes }) => {
      return [name, { axes, data: new Float64Array(rounds * PER_CALL * sizeOf(axes)) }];
    }),
  );
  run(options, outputs, round, rounds, (numbers, r) => {
    logRatios.set(broadcast(numbers["#ratio"], [along]), r * PER_CALL);
    for (const [name, { axes, data }] of Object.entries(sites)) {
      const here = broadcast(numbers[name], [along, ...axes]);
      data.set(here, r * here.length);
    }
  });
  const { trace } = found;
  return { logRatios, sites, isProper: hasProperPriors(trace), isWhole: hasAllData(trace) };
}

/** The bound of each of `count` fresh sets of particles. */
export function setEstimates<Data>(
  options: RatioOptions<Data>,
  particles: Particles,
  count: number,
): SetEstimates {
  const { key, round } = roundKey("sets");
  const found = bound({ ...pairOf(options), key, particles, gradient: "none" });
  const logEstimates = new Float64Array(count);
  run(options, { estimate: found.bound }, round, count, ({ estimate: { data } }, r) => {
    logEstimates[r] = Number(data[0]);
  });
  const weighed = found.particles.filter(({ kind }) => kind === "importance");
  const isInChain = found.guideTrace.latents.some(({ plates }) =>
    plates.some(({ chain }) => chain),
  );
  return {
    ...{ logEstimates, combines: weighed.length > 1, isProper: hasProperPriors(found.trace) },
    ...(weighed.length === 1 && !isInChain && { size: weighed[0].axis.size }),
  };
}

function pairOf<Data>({ model, guide, data, parameters }: RatioOptions<Data>) {
  return { model, guide, data, parameters };
}

/** The key of a call, and the input that holds the number of the call. */
function roundKey(purpose: string) {
  const round = input("#round", [], "int32");
  return { key: fold(fold(seedKey(), purpose), round), round };
}

/** Runs a program once for each round. */
function run<Data>(
  { values, parameters, seed, dtype }: RatioOptions<Data>,
  outputs: Readonly<Record<string, Tensor>>,
  round: Tensor,
  rounds: number,
  met: (numbers: Readonly<Record<string, Values>>, round: number) => void,
): void {
  const program = compile({ outputs, varying: [round] }, { dtype, steps: rounds });
  writeTrained(program, parameters, values);
  writeSeed(program, seed);
  for (let r = 0; r < rounds; r++) {
    if (program.inputs.has("#round")) program.write("#round", r);
    met(program.run(), r);
  }
}
