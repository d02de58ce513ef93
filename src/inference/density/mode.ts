/** Searching for the mode of a log density, and whether the search has converged. */
import { SurmiseError } from "../../tensor/index.ts";
import { type Initialisation, initialisations } from "../guides/initialisation.ts";
import { constraintChecks } from "../logWeight/constraints.ts";
import type { Objective } from "../process/training.ts";
import type { LogDensity } from "./logDensity.ts";
import { traceUnconstrained, type UnconstrainedOptions } from "./traceUnconstrained.ts";

/** In nats per prior standard deviation. */
const GRADIENT_TOLERANCE = 0.01;
/** How far below the mode a search may end, in nats. */
const GAIN_TOLERANCE = 0.1;

/** The name of the parameter that holds the position of a latent while its mode is searched for. */
export function modeName(latent: string): string {
  return `${latent}.mode`;
}

/**
 * The unconstrained log density as what training makes larger, over the parameters of the model and the position of
 * each latent, `NAME.mode`, which begins at the location of its prior, with the scale of the prior as learning-rate
 * scale.
 *
 * @throws SurmiseError as `traceUnconstrained`.
 */
export function densityObjective<Data>(options: UnconstrainedOptions<Data>): Objective {
  const { model, data, parameters } = options;
  const initial = initialisations(model, data);
  const {
    value,
    sites,
    trace: run,
  } = traceUnconstrained(options, ({ name, axes, distribution: { dtype } }) => {
    const { start, scale } = initial.get(name) as Initialisation;
    const init = start;
    return parameters.declare(modeName(name), axes, { init, learningRateScale: scale, dtype })
      .value;
  });
  return { bound: value, sites, constraintChecks: () => constraintChecks(run) };
}

type Numbers = Readonly<Record<string, { readonly data: ArrayLike<number> }>>;

/** The position that a search has reached, and the learning-rate scales of its elements. */
export interface Reached {
  /** In unconstrained space, flat. */
  readonly position: Float64Array;
  /** The standard deviation of the prior at each element. */
  readonly scales: Float64Array;
}

/** What `state`, that of a training of `densityObjective`, says. */
export function reached({ sites, dimension }: LogDensity, state: Numbers): Reached {
  const [position, scales] = [new Float64Array(dimension), new Float64Array(dimension).fill(1)];
  for (const { name, offset } of sites) {
    position.set(state[modeName(name)].data, offset);
    const scale = state[`${modeName(name)}#learningRateScale`];
    if (scale !== undefined) scales.set(scale.data, offset);
  }
  return { position, scales };
}

/**
 * Checks that a search has reached the mode along each latent, within the tolerances.
 *
 * @throws SurmiseError naming the latent along which the log density still rises.
 */
export function checkMode(density: LogDensity, found: Reached): void {
  const latent = steepestLatent(density, found);
  if (latent !== undefined) noMode("map", latent);
}

/**
 * The latent along whose gradient a Newton step would gain most, if that is more than the tolerance: the squared
 * norm of the gradient, squared, over twice the curvature along it; infinite where the density is not concave.
 */
export function steepestLatent(
  density: LogDensity,
  { position, scales }: Reached,
): string | undefined {
  const gradient = density.gradient(position);
  let most: { gain: number; name: string | undefined } = { gain: GAIN_TOLERANCE, name: undefined };
  for (const { name, offset, size } of density.sites) {
    const isHere = (i: number) => i >= offset && i < offset + size;
    const direction = gradient.map((x, i) => (isHere(i) ? x * scales[i] ** 2 : 0));
    const squaredNorm = dot(gradient, direction);
    if (Math.sqrt(squaredNorm) <= GRADIENT_TOLERANCE) continue;
    const curvature = -dot(direction, density.hessianVectorProduct(position, direction));
    const gain = curvature > 0 ? squaredNorm ** 2 / (2 * curvature) : Number.POSITIVE_INFINITY;
    if (gain > most.gain) most = { gain, name };
  }
  return most.name;
}

/** Refuses a search that ended where there is no maximum, along `latent` if it is known. */
export function noMode(method: string, latent?: string): never {
  const where = latent === undefined ? "" : `, and rises along latent '${latent}'`;
  throw new SurmiseError(
    `${method}: the log density has no maximum where the search ended${where}. Where latents around a mean ` +
      "have an unknown spread it grows without end as the spread goes to 0: write them as that spread " +
      "times a standard normal latent, or choose vi or structured. If there is a maximum, make more steps",
  );
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((total, x, i) => total + x * b[i], 0);
}
