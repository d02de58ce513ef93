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

  constructor(target: Target, metric: Metric) {
    this.target = target;
    this.metric = metric;
    this.velocity = new Float64Array(target.dimension);
  }

  /** Gives a point momentum: `phase.position`, `gradient` and `momentum` are set, what follows from them is computed. */
  begin(phase: Phase): void {
    this.metric.transposed(phase.gradient, phase.force);
    phase.kinetic = kineticEnergy(phase.momentum);
  }

  /** One step of size `e`, negative to go back in time, in place. */
  step(phase: Phase, e: number): void {
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
}
