/** Draws from a fitted posterior, as numbers: of the latents and of what follows from them. */

import {
  type DiscreteValues,
  draw,
  type Interpretation,
  type Model,
  type ParamStore,
  type RecordedSite,
  recordedSites,
  replay,
  type SiteKind,
  type Trace,
  trace,
} from "../../model/internal.ts";
import { compile, type Program } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  type Axis,
  axis,
  fold,
  input,
  type Key,
  type Precision,
  SurmiseError,
  seedKey,
  sizeOf,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import { inputOf } from "../density/heldDiscrete.ts";
import type { Position } from "../density/layout.ts";
import type { LogDensity } from "../density/logDensity.ts";
import { traceWithDrawnValues } from "../elimination/summedOut.ts";
import { writeSeed } from "../process/state.ts";
import { type Trained, writeTrained } from "../process/trained.ts";
import type { Discrete } from "../proposal/enumeration.ts";
import type { Particles } from "../proposal/particles.ts";
import { refuseMissing } from "../proposal/traces.ts";
import { bindDraws } from "./bindDraws.ts";
import { checkDrawsFit } from "./drawsMemory.ts";
import { posterior } from "./posterior.ts";

/** Draws of one site. */
export interface SiteDraws {
  /** A parameter of the model has its one value in all draws. */
  readonly kind: SiteKind;
  /** Its plates, then its event axes. */
  readonly axes: readonly Axis[];
  /** The draws one after the other, each row-major over `axes`. */
  readonly data: Float64Array;
  /** Of a discrete latent with finitely many values, what these are called: labels of its axis, or numbers. */
  readonly values?: DiscreteValues;
  /** The values are whole numbers by their type, as those of a discrete latent or of counts. */
  readonly whole?: true;
}

/** Draws by site, in the order of the model. */
export interface PosteriorDraws {
  /** How many draws each site has, of all chains together. */
  readonly draws: number;
  /** The draws are those of so many Markov chains, one chain after the other; without it they are independent. */
  readonly chains?: number;
  /** Of weighted draws: so many, one after the other, come from one set of particles, and are alike. */
  readonly together?: number;
  /** Of draws resampled by the weights of all of them: how many independent ones they are worth, at most. */
  readonly worth?: number;
  /** The draws of the latents and deterministic values, by name. */
  readonly sites: Readonly<Record<string, SiteDraws>>;
}

/** How draws are made. */
export interface DrawOptions {
  /** The parameters of the models. */
  readonly parameters: ParamStore;
  /** The trained parameters by name, row-major over their axes. */
  readonly values: Trained;
  /** How many there are to be. */
  readonly draws: number;
  /** Everything random follows from it. */
  readonly seed: number;
  /** What draws are computed in; what the model says, else float32, unless given. */
  readonly dtype?: Precision;
  /** Called after each call of the program with the number of draws made. */
  readonly onProgress?: (done: number) => void;
}

/** A model, its guide and data, and how many draws are made. */
export interface DrawPosteriorOptions<Data> extends DrawOptions {
  /** The model p. */
  readonly model: Model<Data, unknown>;
  /** The guide q. */
  readonly guide: Model<Data, unknown>;
  /** What both are called with. */
  readonly data: Data;
  /** Weighs draws from the guide by the model; without it they are taken as they are. */
  readonly particles?: Particles;
}

/** Draws per call of the program. Each call weighs particles of its own, so few are taken of each set. */
const PER_CALL = { plain: 100, weighted: 10 };

/**
 * Joint draws. Weighted ones come from several sets of particles, one per ten draws, and are drawn
 * from their combinations by the weights.
 *
 * @throws SurmiseError if model and guide do not fit together, an elimination is refused, or `values` lacks a
 * parameter or holds what is none (`writeTrained`).
 */
export function drawPosterior<Data>(options: DrawPosteriorOptions<Data>): PosteriorDraws {
  const { particles, model } = options;
  const { dtype = model.dtype ?? "float32" } = options;
  const most = particles === undefined ? PER_CALL.plain : PER_CALL.weighted;
  const drawn = runDraws({ ...options, dtype }, most, (along, k) =>
    sitesOf(
      particles ? weighted(options, particles, along, k) : unweighted(options, along, k),
      along,
    ),
  );
  return particles === undefined ? drawn : { ...drawn, together: Math.min(most, options.draws) };
}

/**
 * The sites of a model at positions of its log density: joint draws, where the positions are draws. Discrete latents,
 * which the density has summed out, are drawn given each position.
 *
 * @param positionAt over the axis of the draws of one call too, unless they are all the same
 * @throws SurmiseError if `values` lacks a parameter or holds what is none (`writeTrained`).
 */
export function sitesAtPositions(
  density: LogDensity,
  positionAt: (along: Axis, key: Key) => Position,
  options: Omit<DrawOptions, "parameters">,
): PosteriorDraws {
  const { parameters } = density;
  return runDraws({ ...options, parameters }, PER_CALL.plain, (along, k) =>
    sitesOf(density.traceDrawnAt(positionAt(along, k), along, k), along),
  );
}

/** The input of a program that holds positions. */
const POSITIONS = "#positions";

/**
 * The sites of a model at flat positions of its log density, one after the other; discrete latents, which the log density
 * has summed out, are drawn given each. Those that it holds have the values `held`, one set after the other.
 *
 * @throws SurmiseError if `values` lacks a parameter or holds what is none (`writeTrained`).
 */
export function sitesAtNumbers(
  density: LogDensity,
  positions: Float64Array,
  options: Omit<DrawOptions, "parameters">,
  held: Float64Array = new Float64Array(0),
): PosteriorDraws {
  const { parameters, dimension } = density;
  const drawn = (along: Axis, k: Key) => {
    const position: Position =
      dimension === 0 ? {} : input(POSITIONS, [along, density.unconstrained], "float64");
    return sitesOf(density.traceDrawnAt(position, along, k), along);
  };
  return runDraws({ ...options, parameters }, PER_CALL.plain, drawn, (program, from, count) => {
    for (const { name, offset, size } of density.held.latents) {
      if (!program.inputs.has(inputOf(name))) continue;
      const values = new Float64Array(count * size);
      for (let d = 0; d < Math.min(count, options.draws - from); d++) {
        const at = (from + d) * density.held.size + offset;
        values.set(held.subarray(at, at + size), d * size);
      }
      program.write(inputOf(name), values);
    }
    if (!program.inputs.has(POSITIONS)) return;
    const part = new Float64Array(count * dimension);
    part.set(positions.subarray(from * dimension, (from + count) * dimension));
    program.write(POSITIONS, part);
  });
}

const sitesOf = (run: Trace, along: Axis) => recordedSites(run, [along]);

/**
 * Runs `drawn`, which makes values along an axis of draws, for at most so many draws in one call, as often as it takes;
 * `write` is called before each, to hand over what belongs to so many draws from the one that is numbered `from`.
 *
 * @throws SurmiseError if there is not so much memory, or as `writeTrained`.
 */
export function runDraws(
  { draws, seed, values, parameters, dtype = "float32", onProgress }: DrawOptions,
  most: number,
  drawn: (along: Axis, key: Key) => readonly RecordedSite[],
  write?: (program: Program, from: number, count: number) => void,
): PosteriorDraws {
  wholeNumber("samplePosterior: draws", draws, { least: 1 });
  const along = axis("posterior draw", Math.min(most, draws));
  const round = input("#round", [], "int32");
  const found = drawn(along, fold(fold(seedKey(), "posterior"), round));
  checkDrawsFit(found, draws);
  const outputs: Record<string, Tensor> = {};
  for (const { name, value } of found) outputs[`draws ${name}`] = value;
  const rounds = Math.ceil(draws / along.size);
  const program = compile({ outputs, varying: [round] }, { dtype, steps: rounds });
  writeTrained(program, parameters, values);
  writeSeed(program, seed);

  const sites = Object.fromEntries(
    found.map(({ name, kind, axes, values: discrete, whole }) => {
      const data = memoryFor(name, draws, sizeOf(axes));
      const about = {
        ...(discrete && { values: discrete }),
        ...(whole && { whole }),
      };
      return [name, { kind, axes, data, ...about }];
    }),
  );
  for (let r = 0; r < rounds; r++) {
    if (program.inputs.has("#round")) program.write("#round", r);
    write?.(program, r * along.size, along.size);
    const numbers = program.run();
    for (const [name, { axes, data }] of Object.entries(sites)) {
      const here = broadcast(numbers[`draws ${name}`], [along, ...axes]);
      const from = r * along.size * sizeOf(axes);
      data.set(here.subarray(0, data.length - from), from);
    }
    onProgress?.(Math.min(draws, (r + 1) * along.size));
  }
  return { draws, sites };
}

function unweighted<Data>(options: DrawPosteriorOptions<Data>, along: Axis, k: Key): Trace {
  const { model, guide, data, parameters } = options;
  const drawn = trace(guide, data, draw(k, [along]), parameters, [along]);
  const run = (discrete: Discrete) => {
    const missing: Interpretation = (statement) => discrete(statement) ?? refuseMissing(statement);
    return trace(model, data, replay(drawn, missing), parameters);
  };
  return traceWithDrawnValues(run, along, k);
}

function weighted<Data>(
  options: DrawPosteriorOptions<Data>,
  particles: Particles,
  along: Axis,
  k: Key,
): Trace {
  const { model, guide, data, parameters } = options;
  const found = posterior({ model, guide, data, parameters, particles, key: k });
  const draws = found.draws(along, fold(k, "combinations"));
  const known = bindDraws({ draws, along, key: k });
  const run = (discrete: Discrete) =>
    trace(
      model,
      data,
      (statement) =>
        (Object.hasOwn(draws, statement.name) ? undefined : discrete(statement)) ??
        known(statement),
      parameters,
    );
  return traceWithDrawnValues(run, along, k);
}

/** @throws SurmiseError if there is not so much memory. */
function memoryFor(site: string, draws: number, size: number): Float64Array {
  try {
    return new Float64Array(draws * size);
  } catch (cause) {
    const gigabytes = ((8 * draws * size) / 2 ** 30).toPrecision(3);
    throw new SurmiseError(
      `${draws} draws of '${site}', of ${size} elements, take ${gigabytes} GiB, more than there are: ask for fewer`,
      { cause },
    );
  }
}
