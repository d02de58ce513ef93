/** Draws from the posterior of a fit, as its method describes it. */
import type { Model, ParamStore } from "../../model/index.ts";
import type { Values } from "../../runtime/index.ts";
import type { Axis, Key, Precision } from "../../tensor/index.ts";
import { laplaceApproximation, samplePositions } from "../density/laplace.ts";
import { LogDensity } from "../density/logDensity.ts";
import { checkMode, reached } from "../density/mode.ts";
import { type DensityMethod, type GuideMethod, hasJacobian } from "../methods.ts";
import type { ProgramState } from "../process/state.ts";
import type { Particles } from "../proposal/particles.ts";
import { drawPosterior, type PosteriorDraws, sitesAtPositions } from "./posteriorDraws.ts";

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
  /** What draws are made of. */
  readonly posterior: GuideMethod["posterior"];
  /** What draws from the guide are weighed by, if they are. */
  readonly weighing?: Particles;
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
  /** The last mean bound, or Laplace's approximation, in nats; a point has none. */
  readonly logEvidence?: number;
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
  const { model, data, store, parameters: values, state, bound, dtype } = fitted;
  const { draws = 1000, seed = 0 } = options;
  const { onProgress } = options;
  const common = { values, draws, seed, dtype, ...(onProgress && { onProgress }) };
  if (fitted.posterior === "guide" || fitted.posterior === "weighted") {
    const { guide, weighing } = fitted;
    const { particles = weighing } = options;
    const samples = drawPosterior({
      ...{ ...common, model, guide, data, parameters: store },
      ...(particles && { particles }),
    });
    return { ...samples, ...(bound !== undefined && { logEvidence: bound }) };
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
    checkMode(density, end);
    const mode = density.bySite(end.position);
    const count = density.summedOut.length > 0 ? draws : 1;
    return sitesAtPositions(density, () => mode, { ...common, draws: count });
  }
  const laplace = laplaceApproximation(density, end);
  const positionAt = (along: Axis, k: Key) =>
    samplePositions(laplace, density.unconstrained, along, k);
  return {
    ...sitesAtPositions(density, positionAt, common),
    logEvidence: laplace.logEvidence,
  };
}
