/** Draws from a fitted posterior, as numbers: of the latents and of what follows from them. */
import {
  draw,
  type Model,
  ownAxes,
  type ParamStore,
  replay,
  type Trace,
  trace,
} from "../../model/internal.ts";
import { compile, type Values } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  fold,
  input,
  type Key,
  key,
  type Precision,
  sizeOf,
  type Tensor,
  wholeNumber,
  withoutAxes,
} from "../../tensor/internal.ts";
import { type LaplaceApproximation, sampleParameters } from "../density/laplace.ts";
import { broadcast } from "../process/state.ts";
import type { Particles } from "../proposal/particles.ts";
import { missingInGuide } from "../proposal/traces.ts";
import { bindDraws } from "./bindDraws.ts";
import { posterior } from "./posterior.ts";
import { type Trained, writeTrained } from "./trained.ts";

/** Draws of one site. */
export interface SiteDraws {
  /** A parameter of the model has its one value in all draws. */
  readonly kind: "latent" | "deterministic" | "param";
  /** Its plates, then its event axes. */
  readonly axes: readonly Axis[];
  /** The draws one after the other, each row-major over `axes`. */
  readonly data: Float64Array;
  /**
   * Row-major over `axes`: how many independent draws the weighted ones are worth (Kish). Only for
   * latents, and where draws are weighted.
   */
  readonly effectiveSampleSize?: Float64Array;
}

/** Draws by site, in the order of the model. */
export interface PosteriorDraws {
  readonly draws: number;
  readonly sites: Readonly<Record<string, SiteDraws>>;
}

export interface DrawPosteriorOptions<Data> {
  readonly model: Model<Data, unknown>;
  readonly guide: Model<Data, unknown>;
  readonly data: Data;
  readonly parameters: ParamStore;
  /** The trained parameters by name, row-major over their axes. */
  readonly values: Trained;
  /** Weighs draws from the guide by the model; without it they are taken as they are. */
  readonly particles?: Particles;
  /** Draws the parameters from this normal, instead of taking `values`. */
  readonly laplace?: LaplaceApproximation;
  readonly draws: number;
  readonly seed: number;
  /** What draws are computed in; what the model says unless given. */
  readonly dtype?: Precision;
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
  const { draws, seed, values, particles } = options;
  wholeNumber("samplePosterior: draws", draws, { least: 1 });
  const most = particles === undefined ? PER_CALL.plain : PER_CALL.weighted;
  const along = axis("posterior draw", Math.min(most, draws));
  const round = input("#round", [], "int32");
  const k = fold(fold(key(seed), "posterior"), round);
  const { run, ess } = particles
    ? weighted(options, particles, along, k)
    : unweighted(options, along, k);
  const found = describe(run, along);
  const outputs: Record<string, Tensor> = {};
  for (const [name, { value }] of Object.entries(found)) outputs[`draws ${name}`] = value;
  for (const [name, value] of Object.entries(ess)) outputs[`ess ${name}`] = value;
  const { dtype = options.model.dtype ?? "float32" } = options;
  const program = compile({ outputs, varying: [round] }, { dtype });
  writeTrained(program, options.parameters, values);

  const rounds = Math.ceil(draws / along.size);
  const sites = Object.fromEntries(
    Object.entries(found).map(([name, { kind, axes }]) => {
      const effective = Object.hasOwn(ess, name)
        ? { effectiveSampleSize: new Float64Array(sizeOf(axes)) }
        : {};
      return [name, { kind, axes, data: new Float64Array(draws * sizeOf(axes)), ...effective }];
    }),
  );
  for (let r = 0; r < rounds; r++) {
    if (program.inputs.has("#round")) program.write("#round", r);
    const numbers = program.run();
    for (const [name, { axes, data, effectiveSampleSize }] of Object.entries(sites)) {
      const here = broadcast(numbers[`draws ${name}`], [along, ...axes]);
      const from = r * along.size * sizeOf(axes);
      data.set(here.subarray(0, data.length - from), from);
      if (effectiveSampleSize) add(effectiveSampleSize, numbers[`ess ${name}`], axes);
    }
  }
  return { draws, sites };
}

interface DrawnModel {
  /** The model, run on the draws. */
  readonly run: Trace;
  readonly ess: Readonly<Record<string, Tensor>>;
}

function unweighted<Data>(options: DrawPosteriorOptions<Data>, along: Axis, k: Key): DrawnModel {
  const { model, guide, data, parameters, laplace } = options;
  const store = laplace ? sampleParameters(parameters, laplace, along, k) : parameters;
  const drawn = trace(guide, data, draw(k, [along]), store, [along]);
  return { run: trace(model, data, replay(drawn, missingInGuide), parameters), ess: {} };
}

function weighted<Data>(
  options: DrawPosteriorOptions<Data>,
  particles: Particles,
  along: Axis,
  k: Key,
): DrawnModel {
  const { model, data, parameters } = options;
  const found = posterior({ ...options, particles, key: k });
  const draws = found.draws(along, fold(k, "combinations"));
  const run = trace(model, data, bindDraws({ draws, along, key: k }), parameters);
  const ess = run.latents.map(({ name }) => [name, found.effectiveSampleSize(name)]);
  return { run, ess: Object.fromEntries(ess) };
}

/** The sites that have values to tell, with the axes of one draw. */
function describe({ sites }: Trace, along: Axis) {
  const found: Record<string, { kind: SiteDraws["kind"]; value: Tensor; axes: readonly Axis[] }> =
    {};
  for (const site of sites.values()) {
    if (site.kind === "latent") {
      const axes = ownAxes(site.plates, site.distribution);
      found[site.name] = { kind: site.kind, value: site.value, axes };
    } else if (site.kind === "param") {
      found[site.name] = { kind: site.kind, value: site.value, axes: site.axes };
    } else if (site.kind === "deterministic") {
      const plates = site.plates.map((plate) => plate.axis).filter((a) => site.value.has(a));
      const axes = [...plates, ...withoutAxes(site.value.axes, [...plates, along])];
      found[site.name] = { kind: site.kind, value: site.value, axes };
    }
  }
  return found;
}

function add(total: Float64Array, part: Values, axes: readonly Axis[]): void {
  const values = broadcast(part, axes);
  for (let i = 0; i < total.length; i++) total[i] += values[i];
}
