/**
 * The log density of the latents outside of a chain with those of the chain integrated out, by Laplace's approximation
 * given the others: nested as in Rue, Martino and Chopin, "Approximate Bayesian inference for latent Gaussian models by
 * using integrated nested Laplace approximations", JRSS B 71, 2009. It has a mode where the joint density has none, as
 * it grows without end where the spread of the steps goes to 0.
 */
import { dot } from "../../statistics/linear.ts";
import type { LogDensity } from "../logDensity.ts";
import type { AscentPoint, ScaledDensity } from "../modes/lbfgs.ts";
import { type Banded, bandedCholesky, bandedSolve, logDiagonal } from "./banded.ts";
import type { ChainLayout } from "./layout.ts";

/** The normal of a chain given the others. */
export interface Inner {
  /** All numbers: those outside as they were given, those of the chain at their mode. */
  readonly position: Float64Array;
  /** The lower Cholesky factor of the precision, in the order of `inside`. */
  readonly factor: Banded;
  /** The log density with the chain integrated out, in nats. */
  readonly value: number;
}

const MOST_STEPS = 100;
/** In nats: what Newton's step gains where it has arrived. */
const ARRIVED = 1e-9;
/** Share of a scale by which numbers are moved for a difference quotient. */
const STEP = 0.05;
/** Steps further apart than this do not depend on one another directly. */
export const MOST_ORDER = 3;

/** See above; positions are measured from `location` in `scales`, of the numbers outside. */
export class NestedDensity implements ScaledDensity {
  /** How many numbers lie outside of the chain. */
  readonly dimension: number;
  private readonly density: LogDensity;
  private readonly layout: ChainLayout;
  private readonly location: Float64Array;
  private readonly scales: Float64Array;
  private readonly band: number;
  /** Where the search for the mode of the chain begins: where it ended last, and at the priors. */
  private last: Float64Array;
  private readonly start: Float64Array;

  /**
   * @param start a position of all numbers
   * @param order how many steps before a step depends on directly
   */
  constructor(
    density: LogDensity,
    layout: ChainLayout,
    options: {
      readonly start: Float64Array;
      readonly scales: Float64Array;
      readonly order: number;
    },
  ) {
    const { start, scales, order } = options;
    this.density = density;
    this.layout = layout;
    this.start = start;
    this.last = start;
    this.location = Float64Array.from(layout.outside, (i) => start[i]);
    this.scales = scales;
    this.dimension = layout.outside.length;
    this.band = Math.min(layout.inside.length, layout.width * (order + 1)) - 1;
  }

  /** The numbers outside of the chain at a position. */
  unscaled(position: Float64Array): Float64Array {
    return position.map((u, i) => this.location[i] + this.scales[i] * u);
  }

  /** The normal of the chain given the others; undefined where there is none. */
  inner(outside: Float64Array): Inner | undefined {
    const found = this.search(outside, this.last) ?? this.search(outside, this.start);
    if (found !== undefined) this.last = found.position;
    return found;
  }

  /** The value; the gradient, which costs more, is made where it is asked for. */
  at(position: Float64Array): AscentPoint {
    const here = this.inner(this.unscaled(position));
    let gradient: Float64Array | undefined;
    const made = () => {
      gradient ??= here && this.gradient(position, here);
      gradient ??= new Float64Array(this.dimension).fill(Number.NaN);
      return gradient;
    };
    return {
      position,
      value: here?.value ?? Number.NaN,
      get gradient() {
        return made();
      },
    };
  }

  private gradient(position: Float64Array, here: Inner): Float64Array {
    const { dimension, scales, layout, density } = this;
    const all = density.gradient(here.position);
    const gradient = Float64Array.from(layout.outside, (i, k) => all[i] * scales[k]);
    const steps = this.steps(here);
    for (let k = 0; k < dimension; k++) {
      const [more, less] = [1, -1].map((side) => {
        const moved = position.slice();
        moved[k] += side * steps[k];
        const there = this.search(this.unscaled(moved), here.position);
        return there === undefined ? Number.NaN : logDiagonal(there.factor);
      });
      gradient[k] -= (more - less) / (2 * steps[k]);
    }
    return gradient;
  }

  /** By differences of gradients, row-major. */
  hessian(position: Float64Array): Float64Array {
    const { dimension } = this;
    const matrix = new Float64Array(dimension ** 2);
    const here = this.inner(this.unscaled(position));
    if (here === undefined) return matrix.fill(Number.NaN);
    const steps = this.steps(here);
    for (let k = 0; k < dimension; k++) {
      const [more, less] = [1, -1].map((side) => {
        const moved = position.slice();
        moved[k] += side * steps[k];
        this.last = here.position;
        return this.at(moved).gradient;
      });
      for (let i = 0; i < dimension; i++) {
        const slope = (more[i] - less[i]) / (2 * steps[k]);
        matrix[i * dimension + k] += slope / 2;
        matrix[k * dimension + i] += slope / 2;
      }
    }
    return matrix;
  }

  /** About a twentieth of the standard deviation of each number outside, in units of its scale. */
  private steps({ position, factor }: Inner): Float64Array {
    const { layout, density, scales } = this;
    return Float64Array.from(layout.outside, (i, k) => {
      const unit = new Float64Array(density.dimension);
      unit[i] = 1;
      const column = density.hessianVectorProduct(position, unit);
      const coupling = Float64Array.from(layout.inside, (at) => column[at]);
      const curvature = -column[i] - dot(coupling, bandedSolve(factor, coupling));
      const sd = 1 / Math.sqrt(Math.abs(curvature)) / scales[k];
      return STEP * Math.min(1, Math.max(1e-8, Number.isFinite(sd) ? sd : 1));
    });
  }

  /** Damped Newton steps along the chain. */
  private search(outside: Float64Array, from: Float64Array): Inner | undefined {
    const { density, layout } = this;
    const { inside } = layout;
    let position = from.slice();
    layout.outside.forEach((at, k) => {
      position[at] = outside[k];
    });
    const gradient = new Float64Array(density.dimension);
    let value = density.evaluate(position, gradient);
    if (!Number.isFinite(value)) return undefined;
    for (let step = 0; step < MOST_STEPS; step++) {
      const curvature = this.curvature(position);
      const slope = Float64Array.from(inside, (at) => gradient[at]);
      let damping = 0;
      let factor = bandedCholesky(curvature);
      const isCurved = factor !== undefined;
      while (factor === undefined && damping < 1e12) {
        damping = damping === 0 ? 1e-6 : 10 * damping;
        factor = bandedCholesky(damped(curvature, damping));
      }
      if (factor === undefined) return undefined;
      const newton = bandedSolve(factor, slope);
      const gain = dot(newton, slope) / 2;
      if (isCurved && gain < ARRIVED) {
        const logVolume = (inside.length / 2) * Math.log(2 * Math.PI) - logDiagonal(factor);
        return { position, factor, value: value + logVolume };
      }
      let scale = 1;
      for (; scale > 1e-6; scale /= 2) {
        const to = position.slice();
        inside.forEach((at, i) => {
          to[at] += scale * newton[i];
        });
        const next = density.evaluate(to, gradient);
        if (next > value || (scale === 1 && gain < 1e-6 && Number.isFinite(next))) {
          position = to;
          value = next;
          break;
        }
      }
      if (scale <= 1e-6) return undefined;
    }
    return undefined;
  }

  /**
   * Minus the Hessian of the chain, by products with sums of unit vectors too far apart to meet in a row (Curtis, Powell
   * and Reid, "On the estimation of sparse Jacobian matrices", 1974).
   */
  private curvature(position: Float64Array): Banded {
    const { density, layout, band } = this;
    const { inside } = layout;
    const size = inside.length;
    const every = 2 * band + 1;
    const data = new Float64Array(size * (band + 1));
    for (let colour = 0; colour < Math.min(every, size); colour++) {
      const direction = new Float64Array(density.dimension);
      for (let j = colour; j < size; j += every) direction[inside[j]] = 1;
      const product = density.hessianVectorProduct(position, direction);
      for (let j = colour; j < size; j += every) {
        for (let i = j; i < Math.min(size, j + band + 1); i++) {
          data[i * (band + 1) + band - (i - j)] = -product[inside[i]];
        }
      }
    }
    return { size, band, data };
  }
}

/** How many steps before a step depends on directly, as far as the Hessian at a position tells. */
export function orderOf(
  density: LogDensity,
  { axis, width, inside }: ChainLayout,
  position: Float64Array,
): number {
  let order = 0;
  for (const t of new Set([0, 1, Math.floor(axis.size / 2), axis.size - 1])) {
    if (t >= axis.size) continue;
    for (let k = 0; k < width; k++) {
      const unit = new Float64Array(density.dimension);
      unit[inside[inside.length - 1 - (t * width + k)]] = 1;
      const column = density.hessianVectorProduct(position, unit);
      const size = inside.reduce((most, at) => Math.max(most, Math.abs(column[at])), 0);
      inside.forEach((at, i) => {
        const step = Math.floor((inside.length - 1 - i) / width);
        if (Math.abs(column[at]) > 1e-12 * size) order = Math.max(order, Math.abs(step - t));
      });
    }
  }
  return order;
}

function damped({ size, band, data }: Banded, damping: number): Banded {
  const more = data.slice();
  for (let i = 0; i < size; i++) {
    const at = i * (band + 1) + band;
    more[at] += damping * Math.max(Math.abs(data[at]), Number.MIN_VALUE);
  }
  return { size, band, data: more };
}
