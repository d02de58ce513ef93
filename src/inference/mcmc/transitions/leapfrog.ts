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

  constructor(target: Target, metric: Metric) {
    this.target = target;
    this.metric = metric;
    this.velocity = new Float64Array(target.dimension);
    this.inPlace = target.inPlace;
  }

  /** Gives a point momentum: `phase.position`, `gradient` and `momentum` are set, what follows from them is computed. */
  begin(phase: Phase): void {
    this.metric.transposed(phase.gradient, phase.force);
    phase.kinetic = kineticEnergy(phase.momentum);
  }

  /** One step of size `e`, negative to go back in time, in place. */
  step(phase: Phase, e: number): void {
    const { diagonal } = this.metric;
    const { inPlace } = this;
    if (diagonal !== undefined && inPlace !== undefined) {
      this.diagonalStep(phase, e, diagonal, inPlace);
      return;
    }
    const { velocity, metric } = this;
    const { position, momentum, force } = phase;
    const half = 0.5 * e;
    const n = position.length;
    for (let i = 0; i < n; i++) momentum[i] += half * force[i];
    metric.times(momentum, velocity);
    for (let i = 0; i < n; i++) position[i] += e * velocity[i];
    phase.logDensity = this.target.evaluate(position, phase.gradient);
    metric.transposed(phase.gradient, force);
    let kinetic = 0;
    for (let i = 0; i < n; i++) {
      const p = momentum[i] + half * force[i];
      momentum[i] = p;
      kinetic += p * p;
    }
    phase.kinetic = 0.5 * kinetic;
  }

  /** The same in two passes over memory, which is half of the time of a step where densities are cheap. */
  private diagonalStep(phase: Phase, e: number, scale: Float64Array, there: InPlace): void {
    const { position, momentum, force, gradient } = phase;
    const { position: nextPosition, gradient: nextGradient } = there;
    const half = 0.5 * e;
    const n = position.length;
    for (let i = 0; i < n; i++) {
      const p = momentum[i] + half * force[i];
      momentum[i] = p;
      const q = position[i] + e * (scale[i] * p);
      position[i] = q;
      nextPosition[i] = q;
    }
    phase.logDensity = there.run();
    let kinetic = 0;
    for (let i = 0; i < n; i++) {
      const g = nextGradient[i];
      gradient[i] = g;
      const f = scale[i] * g;
      force[i] = f;
      const p = momentum[i] + half * f;
      momentum[i] = p;
      kinetic += p * p;
    }
    phase.kinetic = 0.5 * kinetic;
  }
}
