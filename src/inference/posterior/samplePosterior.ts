/** Draws from the posterior of a fit, as its method describes it. */
import type { Model, ParamStore } from "../../model/index.ts";
import type { Values } from "../../runtime/index.ts";
import {
  ANYTHING,
  type Axis,
  checkArguments,
  FUNCTION,
  type Key,
  OBJECT,
  objectWith,
  optional,
  optionsWith,
  type Precision,
  TEXT,
} from "../../tensor/internal.ts";
import { initialisations } from "../density/initialisation.ts";
import { laplaceApproximation, samplePositions } from "../density/laplace.ts";
import { LogDensity } from "../density/logDensity.ts";
import { checkedMode, reached } from "../density/modes/mode.ts";
import { type Modes, modesNear } from "../density/modes/severalModes.ts";
import { type DensityMethod, type GuideMethod, hasJacobian } from "../methods.ts";
import { unsettled } from "../process/settling.ts";
import type { ProgramState } from "../process/state.ts";
import { global, type Particles } from "../proposal/particles.ts";
import { type DensitySource, driftOf } from "./drift.ts";
import { endlessLatent } from "./endless.ts";
import { whereKnown } from "./positions.ts";
import { drawPosterior, type PosteriorDraws, sitesAtPositions } from "./posteriorDraws.ts";
import { jointRatios, setEstimates } from "./ratios.ts";
import { missedMode } from "./reliability/missedMode.ts";
import { mostMoved } from "./reliability/moved.ts";
import {
  evidenceOf,
  kHats,
  type Reliability,
  relativeVariance,
} from "./reliability/reliability.ts";
import { isUndecided } from "./reliability/warnings.ts";
import { canBeWeighed, haveTail, isBetterBy } from "./reliability/weights.ts";
import {
  drawByMoments,
  judgeLaplace,
  sizeWorth,
  type WeighedDraws,
  weightedDraws,
} from "./weighedProposal.ts";

interface FittedModel<Data> {
  readonly model: Model<Data, unknown>;
  readonly data: Data;
  /** The parameters of the model and of what was trained beside it. */
  readonly store: ParamStore;
  /** Their trained values by name, row-major over their axes. */
  readonly parameters: Readonly<Record<string, Values>>;
  /** All that training goes on from. */
  readonly state: ProgramState;
  /** What it was trained in. */
  readonly dtype: Precision;
  /** What was made larger, in the mean over the last steps, in nats. */
  readonly bound?: number;
}

/** A model with its trained guide. */
export interface FittedGuide<Data> extends FittedModel<Data> {
  /** The trained guide. */
  readonly guide: Model<Data, unknown>;
  /** A guide of the same parameters with heavier tails, for draws that are weighed. */
  readonly proposal?: Model<Data, unknown>;
  /** What draws are made of. */
  readonly posterior: GuideMethod["posterior"];
  /** What draws from the guide are weighed by, if they are; where they are resampled, if the guide covers the posterior. */
  readonly weighing?: Particles;
  /** The modes of the posterior, if several were met where the guide began. */
  readonly modes?: Modes;
}

/** A model with the position where the search for the mode of its log density has ended: its parameters `NAME.mode`. */
export interface FittedMode<Data> extends FittedModel<Data> {
  /** Whether draws are the mode itself, or from the Laplace approximation around it. */
  readonly posterior: DensityMethod["posterior"];
}

/** What `samplePosterior` draws from: a fit of a guide, or of a mode. */
export type Fitted<Data> = FittedGuide<Data> | FittedMode<Data>;

/** How many draws are made, from which seed, and how they are weighed. */
export interface SamplePosteriorOptions {
  /** How many; a point has one, unless discrete latents are drawn given it. 1000 unless given. */
  readonly draws?: number;
  /** 0 unless given. */
  readonly seed?: number;
  /** Weighs draws from the guide by the model; the method's own unless given. */
  readonly particles?: Particles;
  /** Called now and then with the number of draws made, which stays 0 while a better proposal is looked for. */
  readonly onProgress?: (done: number) => void;
}

/** Draws, and what the fit says of the log evidence of the data. */
export interface FittedDraws extends PosteriorDraws {
  /**
   * An estimate of the log evidence of the data, or a bound on it, in nats, from fresh draws; a point has none, nor has a
   * model with priors that have no finite integral. `reliability.evidence` says which it is, and its standard error.
   */
  readonly logEvidence?: number;
  /** How far the draws can be trusted. */
  readonly reliability?: Reliability;
}

/**
 * Joint draws of all latents, with parameters and what is deterministic, by site.
 *
 * @throws SurmiseError if a search for the most probable values did not converge to a mode.
 *
 * @example const { sites } = samplePosterior(fit({ model, data }), { draws: 1000 });
 */
export function samplePosterior<Data>(
  fitted: Fitted<Data>,
  options: SamplePosteriorOptions = {},
): FittedDraws {
  checkArguments(
    "samplePosterior",
    { fitted },
    objectWith({ model: FUNCTION, store: OBJECT, parameters: OBJECT, posterior: TEXT }),
  );
  checkArguments(
    "samplePosterior",
    { options },
    optionsWith<SamplePosteriorOptions>({
      draws: ANYTHING,
      seed: ANYTHING,
      particles: optional(OBJECT),
      onProgress: optional(FUNCTION),
    }),
  );
  const { model, data, store, parameters: values, state, dtype } = fitted;
  const { draws = 1000, seed = 0 } = options;
  const { onProgress } = options;
  const common = { values, draws, seed, dtype, ...(onProgress && { onProgress }) };
  const source: DensitySource = {
    ...{ model: model as Model<unknown, unknown>, data },
    options: { parameters: store, values, dtype },
  };
  if ("guide" in fitted) {
    const { modes, weighing } = fitted;
    const { particles, guide, ...judged } = judge(fitted, options.particles, seed);
    const drawn = drawPosterior({
      ...{ ...common, model, guide, data, parameters: store },
      ...(particles && { particles }),
    });
    const isOwn = options.particles === undefined && weighing !== undefined;
    const densityHere = once(() => whereKnown(() => densityOf(source)));
    const { samples, ...found }: WeighedDraws =
      (isOwn && haveTail(judged)
        ? drawByMoments(densityHere(), drawn, judged, common)
        : undefined) ?? withoutMoments(drawn, judged, state);
    // No evidence is told under improper priors.
    const density = found.reliability.evidence === undefined ? densityHere() : undefined;
    const endless = density && endlessLatent(density, samples);
    const reliability = {
      ...found.reliability,
      ...(endless !== undefined && { endless }),
      ...(modes && missedMode(samples, modes)),
    };
    return withReliability(samples, withDrift(reliability, densityHere, source, samples, seed));
  }
  const jacobian = hasJacobian(fitted.posterior);
  const density = densityOf({ ...source, options: { ...source.options, jacobian } });
  const end = reached(density, state);
  if (fitted.posterior === "point") {
    const mode = density.bySite(checkedMode(density, end));
    const count = density.summedOut.length > 0 ? draws : 1;
    return sitesAtPositions(density, () => mode, { ...common, draws: count });
  }
  const found = laplaceApproximation(density, end);
  const modes = modesNear(density, () => initialisations(model, data), found.mode);
  const laplace = modes
    ? laplaceApproximation(density, { ...end, position: modes[0].mean })
    : found;
  const judged = judgeLaplace(density, laplace, seed);
  const samples = judged.isWeighed
    ? weightedDraws(density, judged, common)
    : sitesAtPositions(
        density,
        (along: Axis, k: Key) => samplePositions(laplace, density.unconstrained, along, k),
        common,
      );
  const reliability = { ...judged.reliability, ...(modes && missedMode(samples, modes)) };
  return withReliability(
    samples,
    withDrift(reliability, () => density, source, samples, seed),
  );
}

function densityOf({ model, data, options }: DensitySource): LogDensity {
  return new LogDensity(model, data, options);
}

/** With what short chains say of draws, where their weights leave it open. */
function withDrift(
  reliability: Reliability,
  density: () => LogDensity | undefined,
  source: DensitySource,
  samples: PosteriorDraws,
  seed: number,
): Reliability {
  const known = isUndecided(reliability) ? density() : undefined;
  const drifted = known && driftOf(known, source, samples, seed);
  return { ...reliability, ...(drifted && { drifted }) };
}

/** `make`, called when its result is asked for first. */
function once<T>(make: () => T): () => T {
  let made: { readonly result: T } | undefined;
  return () => {
    made ??= { result: make() };
    return made.result;
  };
}

/** Fresh draws that the ratios are taken of. */
const RATIOS = 2000;
/** Fresh sets of particles that an evidence is estimated from. */
const SETS = 200;

/** Draws that are as good as the guide that they are from. */
function withoutMoments(
  samples: PosteriorDraws,
  judged: Reliability,
  state: ProgramState,
): WeighedDraws {
  const moved = unsettled(state);
  return { samples, reliability: { ...judged, ...(moved !== undefined && { unsettled: moved }) } };
}

function withReliability(samples: PosteriorDraws, reliability: Reliability): FittedDraws {
  const { evidence } = reliability;
  return { ...samples, ...(evidence && { logEvidence: evidence.value }), reliability };
}

/** What is known of draws from a guide, and how they are weighed, if they are. */
interface Judged<Data> extends Reliability {
  readonly guide: Model<Data, unknown>;
  readonly particles?: Particles;
}

/** The guide whose draws are taken, and how far they can be trusted: that with heavier tails where its weights are more even. */
function judge<Data>(
  fitted: FittedGuide<Data>,
  given: Particles | undefined,
  seed: number,
): Judged<Data> {
  const { guide, proposal } = fitted;
  const judged = judgeGuide(fitted, given, seed);
  if (proposal === undefined || !haveTail(judged)) {
    return { ...judged, guide };
  }
  const wider = judgeGuide({ ...fitted, guide: proposal }, given, seed);
  return wider.particles !== undefined && isBetterBy(wider, judged)
    ? { ...wider, guide: proposal }
    : { ...judged, guide };
}

/** How far draws from a guide can be trusted, weighed by what is given or by `particles`, which are those of the fit. */
function judgeGuide<Data>(
  fitted: FittedGuide<Data>,
  given: Particles | undefined,
  seed: number,
): Omit<Judged<Data>, "guide"> {
  const { model, guide, data, store, parameters: values, dtype, posterior, weighing } = fitted;
  const options = { model, guide, data, parameters: store, values, seed, dtype };
  const particles = given ?? (posterior === "weighted" ? weighing : undefined);
  const sets = particles && setEstimates(options, particles, SETS);
  if (particles && sets?.combines) {
    const reason = "particles of single latents are weighed in combinations, which have no k-hat";
    const setVariance = relativeVariance(sets.logEstimates);
    return {
      ...{ particles, reason, setVariance },
      ...(sets.isProper && { evidence: evidenceOf(sets.logEstimates) }),
    };
  }
  const ratios = jointRatios(options, RATIOS);
  const evidence = ratios.isProper && evidenceOf(sets?.logEstimates ?? ratios.logRatios);
  const found = { ...kHats(ratios), ...(evidence && { evidence }) };
  if (particles) {
    const isOwn = given === undefined && sets?.size !== undefined;
    return { ...found, particles: isOwn ? (large(sets.size, found) ?? particles) : particles };
  }
  const isWeighed = posterior === "resampled" && ratios.isWhole && canBeWeighed(found);
  return isWeighed && weighing
    ? { ...found, particles: weighing }
    : { ...found, ...mostMoved(ratios) };
}

/** A set of more than so many particles that is worth enough; undefined where so many are. */
function large(size: number, { efficiency = 1, sites }: Reliability): Particles | undefined {
  const needed = sizeWorth(efficiency);
  // Without sites there are too many numbers to draw more of.
  return sites !== undefined && needed > size ? global(needed) : undefined;
}
