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
import {
  type LaplaceApproximation,
  laplaceApproximation,
  samplePositions,
} from "../density/laplace.ts";
import { LogDensity } from "../density/logDensity.ts";
import { checkedMode, reached } from "../density/modes/mode.ts";
import { modesNear, type TwoModes } from "../density/modes/twoModes.ts";
import {
  adapted,
  type PositionProposal,
  positionRatios,
  weightedPositions,
} from "../density/positionProposal.ts";
import { initialisations } from "../guides/initialisation.ts";
import { normalNoise } from "../guides/noise/fixedNoise.ts";
import { heavyTails } from "../guides/noise/heavyTails.ts";
import { type DensityMethod, type GuideMethod, hasJacobian } from "../methods.ts";
import { unsettled } from "../process/settling.ts";
import type { ProgramState } from "../process/state.ts";
import { global, type Particles } from "../proposal/particles.ts";
import { endlessLatent, whereKnown } from "./endless.ts";
import {
  drawPosterior,
  type PosteriorDraws,
  sitesAtNumbers,
  sitesAtPositions,
} from "./posteriorDraws.ts";
import { hasProperPriors, jointRatios, setEstimates } from "./ratios.ts";
import {
  canBeWeighed,
  evidenceOf,
  isUneven,
  kHats,
  missedMode,
  mostMoved,
  type Reliability,
  relativeVariance,
} from "./reliability.ts";

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
  /** Two modes of the posterior, if they were met where the guide began. */
  readonly modes?: TwoModes;
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
  /** Called now and then with the number of draws made. */
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
  if ("guide" in fitted) {
    const { modes } = fitted;
    const { particles, guide, ...judged } = judge(fitted, options.particles, seed);
    const samples = drawPosterior({
      ...{ ...common, model, guide, data, parameters: store },
      ...(particles && { particles }),
    });
    const moved = unsettled(state);
    // No evidence is told under improper priors.
    const density =
      judged.evidence === undefined
        ? whereKnown(() => {
            const options = { parameters: store, values, dtype };
            return new LogDensity(model as Model<unknown, unknown>, data, options);
          })
        : undefined;
    const endless = density && endlessLatent(density, samples);
    return withReliability(samples, {
      ...judged,
      ...(endless !== undefined && { endless }),
      ...(modes && missedMode(samples, modes)),
      ...(moved !== undefined && { unsettled: moved }),
    });
  }
  const jacobian = hasJacobian(fitted.posterior);
  const density = new LogDensity(model as Model<unknown, unknown>, data, {
    parameters: store,
    values,
    jacobian,
    dtype,
  });
  const end = reached(density, state);
  if (fitted.posterior === "point") {
    const mode = density.bySite(checkedMode(density, end));
    const count = density.summedOut.length > 0 ? draws : 1;
    return sitesAtPositions(density, () => mode, { ...common, draws: count });
  }
  const laplace = laplaceApproximation(density, end);
  const { proposal, isWeighed, reliability } = judgeLaplace(density, laplace, seed);
  const samples = isWeighed
    ? weightedDraws(density, proposal, reliability, common)
    : sitesAtPositions(
        density,
        (along: Axis, k: Key) => samplePositions(laplace, density.unconstrained, along, k),
        common,
      );
  const modes = modesNear(density, () => initialisations(model, data), laplace.mode);
  return withReliability(samples, {
    ...reliability,
    ...(modes && missedMode(samples, modes)),
  });
}

/** Fresh draws that the ratios are taken of. */
const RATIOS = 2000;
/** Of a Laplace approximation, whose draws cost no more than a density: its weights often have a tail that few do not show. */
const RATIOS_OF_LAPLACE = 10_000;
/** Fresh sets of particles that an evidence is estimated from. */
const SETS = 200;

function withReliability(samples: PosteriorDraws, reliability: Reliability): FittedDraws {
  const { evidence } = reliability;
  return { ...samples, ...(evidence && { logEvidence: evidence.value }), reliability };
}

/** From here on weights have no variance. */
const NO_VARIANCE = 0.5;

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
  if (proposal === undefined || !isUneven({ ...judged, threshold: NO_VARIANCE })) {
    return { ...judged, guide };
  }
  const wider = judgeGuide({ ...fitted, guide: proposal }, given, seed);
  const { kHat = 0 } = judged;
  return wider.particles !== undefined && (wider.kHat ?? kHat) < kHat
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

/** What a set of particles is to be worth at least, and how many it has at most: means of few are drawn to those of the guide. */
const [WORTH_OF_SET, MOST_OF_SET] = [30, 1000];

/** A set of more than so many particles that is worth enough; undefined where so many are. */
function large(size: number, { efficiency = 1, sites }: Reliability): Particles | undefined {
  const needed = sizeWorth(efficiency);
  // Without sites there are too many numbers to draw more of.
  return sites !== undefined && needed > size ? global(needed) : undefined;
}

const sizeWorth = (efficiency: number) =>
  Math.min(MOST_OF_SET, Math.ceil(WORTH_OF_SET / efficiency));

/** Numbers of a position at most where draws of a Laplace approximation are weighed, one by one. */
const MOST_WEIGHED = 100;

/** Less than a tenth of the draws. */
const isWorthLittle = ({ efficiency = 0 }: Reliability) => efficiency < 0.1;

/** How far draws of a proposal can be trusted, and whether they are weighed. */
interface JudgedProposal {
  readonly proposal: PositionProposal;
  readonly isWeighed: boolean;
  readonly reliability: Reliability;
}

/**
 * The normal at the mode, or what its weighted draws make of it, where weights have no variance: with the moments of the
 * posterior, and heavier tails.
 */
function judgeLaplace(
  density: LogDensity,
  { mode: centre, factor }: LaplaceApproximation,
  seed: number,
): JudgedProposal {
  const atMode = judgeProposal(density, { centre, factor, noise: normalNoise }, seed);
  const { kHat = 0 } = atMode.reliability;
  if (
    density.dimension > MOST_WEIGHED ||
    !isUneven({ ...atMode.reliability, threshold: NO_VARIANCE })
  ) {
    return atMode;
  }
  const better = adapted(density, { centre, factor, noise: heavyTails }, seed);
  const judged = judgeProposal(density, better, seed);
  return judged.isWeighed && (judged.reliability.kHat ?? kHat) < kHat ? judged : atMode;
}

function judgeProposal(
  density: LogDensity,
  proposal: PositionProposal,
  seed: number,
): JudgedProposal {
  const ratios = positionRatios(density, proposal, RATIOS_OF_LAPLACE, seed);
  const evidence = evidenceOf(ratios.logRatios);
  const isKnown = !evidence.isBound && hasProperPriors(density.trace);
  // Without sites, as its draws are not made one by one here.
  const tail = kHats({ ...ratios, sites: {} });
  const found = {
    ...tail,
    // Means by weights without a variance that are worth so little come near, no more (case A11 of `npm run cases`).
    ...(isWorthLittle(tail) && { threshold: NO_VARIANCE }),
    ...(isKnown && { evidence }),
  };
  const least = SHOWN_OF_SET / MOST_OF_SET;
  const isWeighed = density.dimension <= MOST_WEIGHED && canBeWeighed(found, least);
  const reliability = { ...found, ...(!isWeighed && mostMoved(ratios)) };
  return { proposal, isWeighed, reliability };
}

/** Draws of a set at least, and how many of them are shown, by their weights. */
const [DRAWS_OF_SET, SHOWN_OF_SET] = [200, 10];

/** Draws of a proposal weighted by the density, as those of guides are. */
function weightedDraws(
  density: LogDensity,
  proposal: PositionProposal,
  { efficiency = 1 }: Reliability,
  options: Parameters<typeof sitesAtNumbers>[2],
): PosteriorDraws {
  const { draws, seed } = options;
  const shown = Math.min(SHOWN_OF_SET, draws);
  const positions = weightedPositions(density, proposal, {
    ...{ draws, seed, shown },
    ofSet: Math.max(DRAWS_OF_SET, sizeWorth(efficiency)),
  });
  return { ...sitesAtNumbers(density, positions, options), together: shown };
}
