import type { InPlace } from "../../density/evaluator.ts";
import type { Metric } from "../metrics/metric.ts";
import { kineticEnergy, type Phase, type Target } from "./phase.ts";

/**
 * The leapfrog (Stormer-Verlet) integrator of Hamiltonian dynamics (Neal, 2011, "MCMC using Hamiltonian dynamics",
 * section 2.3), in coordinates in which the mass matrix is the identity:
 *
 *     p <- p + (e/2) grad_z log p(z),   z <- z + e p,   p <- p + (e/2) grad_z log p(z).
 */
export class Leapfrog {
  private readonly target: Target;
  private readonly metric: Metric;
  private readonly velocity: Float64Array;
  private readonly inPlace: InPlace | undefined;
  /** The diagonal of the metric that trajectories began in, if it has no more and the target is in place. */
  private scale: Float64Array | undefined;

  constructor(target: Target, metric: Metric) {
    this.target = target;
    this.metric = metric;
    this.velocity = new Float64Array(target.dimension);
    this.inPlace = target.inPlace;
  }

  /**
   * Begins trajectories in the present metric at a point: `phase.position`, `gradient` and `momentum` are set, what
   * follows from them is computed.
   */
  begin(phase: Phase): void {
    this.scale = this.inPlace && this.metric.diagonal;
    if (this.scale === undefined) this.metric.transposed(phase.gradient, phase.force);
    phase.kinetic = kineticEnergy(phase.momentum);
  }

  /** One step of size `e`, negative to go back in time; `to` may be `from`. */
  step(from: Phase, to: Phase, e: number): void {
    const { scale, inPlace } = this;
    if (scale !== undefined && inPlace !== undefined) diagonalStep(from, to, e, scale, inPlace);
    else this.generalStep(from, to, e);
  }

  private generalStep(from: Phase, to: Phase, e: number): void {
    const { velocity, metric } = this;
    const { position, momentum, force } = to;
    const { position: q, momentum: p, force: f } = from;
    const half = 0.5 * e;
    const n = position.length;
    for (let i = 0; i < n; i++) momentum[i] = p[i] + half * f[i];
    metric.times(momentum, velocity);
    for (let i = 0; i < n; i++) position[i] = q[i] + e * velocity[i];
    to.logDensity = this.target.evaluate(position, to.gradient);
    metric.transposed(to.gradient, force);
    let kinetic = 0;
    for (let i = 0; i < n; i++) {
      const after = momentum[i] + half * force[i];
      momentum[i] = after;
      kinetic += after * after;
    }
    to.kinetic = 0.5 * kinetic;
  }
}

/** The same in two passes over memory. */
function diagonalStep(from: Phase, to: Phase, e: number, scale: Float64Array, there: InPlace) {
  const { position, momentum, gradient } = to;
  const { position: q, momentum: p, gradient: g } = from;
  const { position: nextPosition, gradient: nextGradient } = there;
  const half = 0.5 * e;
  const n = position.length;
  for (let i = 0; i < n; i++) {
    const s = scale[i];
    const middle = p[i] + half * (s * g[i]);
    momentum[i] = middle;
    const moved = q[i] + e * (s * middle);
    position[i] = moved;
    nextPosition[i] = moved;
  }
  to.logDensity = there.run();
  let kinetic = 0;
  for (let i = 0; i < n; i++) {
    const slope = nextGradient[i];
    gradient[i] = slope;
    const after = momentum[i] + half * (scale[i] * slope);
    momentum[i] = after;
    kinetic += after * after;
  }
  to.kinetic = 0.5 * kinetic;
}
