/** Draws from the posterior of a fit, as its method describes it. */
import { draw, type Model, type ParamStore, trace } from "../../model/index.ts";
import type { Values } from "../../runtime/index.ts";
import { key, type Precision, type Tensor } from "../../tensor/index.ts";
import { laplaceApproximation } from "../density/laplace.ts";
import { checkMode } from "../density/mode.ts";
import type { Method } from "../methods.ts";
import type { ProgramState } from "../process/state.ts";
import type { Particles } from "../proposal/particles.ts";
import { drawPosterior, type PosteriorDraws } from "./posteriorDraws.ts";

/** A model with its trained guide. */
export interface Fitted<Data> {
  readonly model: Model<Data, unknown>;
  readonly guide: Model<Data, unknown>;
  readonly data: Data;
  /** The parameters that model and guide share. */
  readonly store: ParamStore;
  /** Their trained values by name, row-major over their axes. */
  readonly parameters: Readonly<Record<string, Values>>;
  /** All that training goes on from. */
  readonly state: ProgramState;
  /** What was made larger, as an expression of the parameters: a float64 scalar. */
  readonly objective: Tensor;
  /** What it was trained in. */
  readonly dtype: Precision;
  /** Its mean over the last steps, in nats. */
  readonly bound?: number;
  /** What draws are made of. */
  readonly posterior: Method["posterior"];
  /** What draws from the guide are weighed by, if they are. */
  readonly weighing?: Particles;
}

export interface SamplePosteriorOptions {
  /** How many; a point has one. 1000 unless given. */
  readonly draws?: number;
  /** 0 unless given. */
  readonly seed?: number;
  /** Weighs draws from the guide by the model; the method's own unless given. */
  readonly particles?: Particles;
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
  const { model, guide, data, store, parameters: values, state, objective, bound, dtype } = fitted;
  const { draws = 1000, seed = 0, particles = fitted.weighing } = options;
  const common = { model, guide, data, parameters: store, values, draws, seed, dtype };
  switch (fitted.posterior) {
    case "guide":
    case "weighted": {
      const samples = drawPosterior({ ...common, ...(particles && { particles }) });
      return { ...samples, ...(bound !== undefined && { logEvidence: bound }) };
    }
    case "point":
      checkMode(objective, modesOf(fitted), state, dtype);
      return drawPosterior({ ...common, draws: 1 });
    case "laplace": {
      const laplace = laplaceApproximation(objective, modesOf(fitted), state, dtype);
      return { ...drawPosterior({ ...common, laplace }), logEvidence: laplace.logEvidence };
    }
  }
}

/** The parameters that are the unconstrained values of latents at their mode. */
function modesOf<Data>({ guide, data, store }: Fitted<Data>) {
  const { latents } = trace(guide, data, draw(key(0)), store);
  return store.list().filter((param) => latents.some(({ name }) => param.name === `${name}.mode`));
}
