import type { InPlace } from "../../density/programs/evaluator.ts";
import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { copyNumbers, type Point, type Target } from "./point.ts";

/**
 * The leapfrog (Stormer-Verlet) integrator of Hamiltonian dynamics (Neal, 2011, "MCMC using Hamiltonian dynamics",
 * section 2.3), in coordinates z, q = L z with L L' the inverse mass matrix, in which momentum is standard normal:
 *
 *     p <- p + (e/2) grad_z log p(z),   z <- z + e p,   p <- p + (e/2) grad_z log p(z).
 *
 * Position and gradient stay where the target computes, and move from step to step; momenta are the caller's.
 */
export class Leapfrog implements Readonly<Point> {
  /** Where the trajectory is. */
  readonly position: Float64Array;
  /** Of the log density, there. */
  readonly gradient: Float64Array;
  /** In nats, there. */
  logDensity = Number.NaN;
  /** Half the square of the last momentum, in nats. */
  kinetic = Number.NaN;
  private readonly metric: Metric;
  private readonly target: InPlace;
  private readonly velocity: Float64Array;
  /** L' gradient: the gradient with respect to z, where L is not diagonal. */
  private readonly force: Float64Array;
  /** The diagonal of the metric that trajectories began in, if it has no more. */
  private scale: Float64Array | undefined;

  constructor(target: Target, metric: Metric) {
    const { dimension } = target;
    this.metric = metric;
    this.target = target.inPlace ?? inPlaceOf(target);
    this.position = this.target.position;
    this.gradient = this.target.gradient;
    this.velocity = new Float64Array(dimension);
    this.force = new Float64Array(dimension);
  }

  /** H - what a trajectory keeps up to its error: minus the log density plus the kinetic energy, in nats. */
  get energy(): number {
    return this.kinetic - this.logDensity;
  }

  /** Begins at a point, in the present metric, with a fresh momentum, which is written. */
  begin(point: Point, momentum: Float64Array, random: ChainRandom): void {
    this.scale = this.metric.diagonal;
    this.moveTo(point);
    random.normals(momentum);
    let sum = 0;
    for (let i = 0; i < momentum.length; i++) sum += momentum[i] * momentum[i];
    this.kinetic = 0.5 * sum;
  }

  /** Goes on from another point of the trajectory. */
  moveTo({ position, gradient, logDensity }: Readonly<Point>): void {
    copyNumbers(this.position, position);
    copyNumbers(this.gradient, gradient);
    this.logDensity = logDensity;
    if (this.scale === undefined) this.metric.transposed(gradient, this.force);
  }

  /** One step of size `e`, negative to go back in time, from momentum `p` to momentum `to`, which may be `p`. */
  step(p: Float64Array, to: Float64Array, e: number): void {
    if (this.scale === undefined) this.generalStep(p, to, e);
    else this.diagonalStep(p, to, e, this.scale);
  }

  private diagonalStep(p: Float64Array, to: Float64Array, e: number, scale: Float64Array): void {
    const { position, gradient } = this;
    const half = 0.5 * e;
    const n = to.length;
    for (let i = 0; i < n; i++) {
      const s = scale[i];
      const middle = p[i] + half * (s * gradient[i]);
      to[i] = middle;
      position[i] += e * (s * middle);
    }
    this.logDensity = this.target.run();
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const after = to[i] + half * (scale[i] * gradient[i]);
      to[i] = after;
      sum += after * after;
    }
    this.kinetic = 0.5 * sum;
  }

  private generalStep(p: Float64Array, to: Float64Array, e: number): void {
    const { position, gradient, velocity, force, metric } = this;
    const half = 0.5 * e;
    const n = to.length;
    for (let i = 0; i < n; i++) to[i] = p[i] + half * force[i];
    metric.times(to, velocity);
    for (let i = 0; i < n; i++) position[i] += e * velocity[i];
    this.logDensity = this.target.run();
    metric.transposed(gradient, force);
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const after = to[i] + half * force[i];
      to[i] = after;
      sum += after * after;
    }
    this.kinetic = 0.5 * sum;
  }

  /** H0 - H after one step of size `e` from `point` with a fresh momentum, which is overwritten, in nats. */
  trial(point: Point, momentum: Float64Array, e: number, random: ChainRandom): number {
    this.begin(point, momentum, random);
    const start = this.energy;
    this.step(momentum, momentum, e);
    const gain = start - this.energy;
    return Number.isNaN(gain) ? Number.NEGATIVE_INFINITY : gain;
  }
}

/** Memory for a target that has none of its own. */
function inPlaceOf(target: Target): InPlace {
  const position = new Float64Array(target.dimension);
  const gradient = new Float64Array(target.dimension);
  return { position, gradient, run: () => target.evaluate(position, gradient) };
}
