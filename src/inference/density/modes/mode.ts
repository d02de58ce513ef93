/** Searching for the mode of a log density, and whether the search has converged. */
import { computedValues, SurmiseError } from "../../../tensor/internal.ts";
import { constraintChecks } from "../../logWeight/constraints.ts";
import { learningRateScaleOf } from "../../process/optimisation.ts";
import type { Objective } from "../../process/training.ts";
import { dot, solve } from "../../statistics/linear.ts";
import { initialisationNamed, initialisations } from "../initialisation.ts";
import { latentAt } from "../layout.ts";
import type { LogDensity } from "../logDensity.ts";
import {
  type PositionOf,
  traceUnconstrained,
  type UnconstrainedOptions,
} from "../traceUnconstrained.ts";
import { type ScaledDensity, scaledDensity } from "./lbfgs.ts";
import { type Mode, newtonMode } from "./newton.ts";
import { atOnce } from "./turns.ts";

/** In nats per prior standard deviation. */
const GRADIENT_TOLERANCE = 0.01;
/** How far below the mode a search may end, in nats. */
const GAIN_TOLERANCE = 0.1;

/** The name of the parameter that holds the position of a latent while its mode is searched for. */
function modeName(latent: string): string {
  return `${latent}.mode`;
}

/**
 * The unconstrained log density as what training makes larger, over the parameters of the model and the position of each
 * latent, `NAME.mode`, which begins at `begin` or the location of its prior, with the scale of the prior as learning-rate
 * scale. Where discrete latents are summed out it is that of the constrained values, also if the Jacobian is asked for:
 * this draws kinds to where all are alike, a mode of its own far below the others. The Newton steps of
 * `laplaceApproximation` go on from the one mode to that with the Jacobian, close to it.
 *
 * @throws SurmiseError as `traceUnconstrained`.
 */
export function densityObjective<Data>(
  options: UnconstrainedOptions<Data>,
  begin?: FoundMode,
): Objective {
  const { model, data, parameters } = options;
  const initial = initialisations(model, data);
  const positionOf: PositionOf = ({ name, axes, distribution: { dtype } }) => {
    const { start, scale } = initialisationNamed(initial, name);
    return parameters.declare(modeName(name), axes, {
      init: begin === undefined ? start : () => computedValues(axes, begin.of(name), dtype),
      learningRateScale: scale,
      dtype,
    }).value;
  };
  const found = traceUnconstrained(options, positionOf);
  const isAlike = options.jacobian && found.summedOut !== undefined;
  const {
    value,
    sites,
    trace: run,
  } = isAlike ? traceUnconstrained({ ...options, jacobian: false }, positionOf) : found;
  return {
    bound: value,
    name: "log density",
    sites,
    constraintChecks: () => constraintChecks(run),
  };
}

/** A place in unconstrained space, by latent. */
export interface FoundMode {
  /** The numbers of one latent, row-major over its axes. */
  of(latent: string): Float64Array;
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
    const scale = state[learningRateScaleOf(modeName(name))];
    if (scale !== undefined) scales.set(scale.data, offset);
  }
  return { position, scales };
}

/** A mode and the curvature there, in units of the scales. */
export interface CheckedMode extends Mode {
  /** The position, in unconstrained space. */
  readonly position: Float64Array;
}

/**
 * The mode near where a search has ended, reached by Newton steps and checked in all directions: a further step gains
 * nothing, and along the normal there the log density falls. Undefined where minus the Hessian is not positive definite.
 *
 * @param isOpen whether the density must fall along an element
 * @throws SurmiseError naming the latent along which it rises or does not fall.
 */
export function modeNear(
  method: string,
  density: LogDensity,
  { position, scales }: Reached,
  isOpen: (element: number) => boolean = () => true,
): CheckedMode | undefined {
  const scaled = scaledDensity(density, position, scales);
  const mode = atOnce(newtonMode(scaled, scaled.at(new Float64Array(density.dimension))));
  if (mode === undefined) return undefined;
  const { point, precisionFactor } = mode;
  const gains = solve(precisionFactor, point.gradient).map((x, i) => (x * point.gradient[i]) / 2);
  const gain = gains.reduce((a, b) => a + b, 0);
  if (!(gain < GAIN_TOLERANCE)) {
    noMode(method, latentAt(density, gains.indexOf(gains.reduce((a, b) => Math.max(a, b)))));
  }
  checkFalls(method, density, scaled, mode, isOpen);
  return { ...mode, position: scaled.unscaled(point.position) };
}

/** In standard deviations of the normal at the mode, along which its log density falls by 4.5 nats. */
const FAR = 3;
/** The least that a log density may fall there. */
const LEAST_FALL = 0.3;

/** Refuses a density that goes on without falling where an element, and those that depend on it, go far. */
function checkFalls(
  method: string,
  density: LogDensity,
  scaled: ScaledDensity,
  { point, precisionFactor }: Mode,
  isOpen: (element: number) => boolean,
): void {
  for (let element = 0; element < density.dimension; element++) {
    if (!isOpen(element)) continue;
    const unit = new Float64Array(density.dimension);
    unit[element] = 1;
    const direction = solve(precisionFactor, unit);
    const step = FAR / Math.sqrt(direction[element]);
    for (const side of [step, -step]) {
      const there = scaled.at(point.position.map((x, i) => x + side * direction[i]));
      if (there.value > point.value - LEAST_FALL) noFall(method, latentAt(density, element));
    }
  }
}

/**
 * The position of the most probable values near where a search has ended.
 *
 * @throws SurmiseError naming the latent along which the log density still rises, or does not fall.
 */
export function checkedMode(density: LogDensity, found: Reached): Float64Array {
  // A latent may be most probable at an edge of its support, which is infinitely far in unconstrained space.
  const reals = new Set(
    density.trace.latents.flatMap(({ name, distribution: { support } }) =>
      support.kind === "real" ? [name] : [],
    ),
  );
  const isOpen = (element: number) => reals.has(latentAt(density, element));
  const mode =
    density.dimension > 0 && density.dimension <= MOST_ROWS
      ? modeNear("map", density, found, isOpen)
      : undefined;
  const position = mode?.position ?? found.position;
  const latent = steepestLatent(density, { ...found, position });
  if (latent !== undefined) noMode("map", latent);
  return position;
}

/** Rows at most of a Hessian with which a mode is searched for and checked in all directions, and of a covariance there. */
export const MOST_ROWS = 500;

function noFall(method: string, latent: string): never {
  throw new SurmiseError(
    `${method}: the log density does not fall along latent '${latent}', however far it goes: the posterior is ` +
      "improper, or most probable at infinity, as where a covariate separates the outcomes of a logistic regression. " +
      `Give '${latent}' a proper prior, such as normal(0, 2.5), or leave out what the data cannot tell`,
  );
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
