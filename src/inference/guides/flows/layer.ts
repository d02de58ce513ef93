/** What flows are made of: smooth one-to-one maps of vectors, and the density of what they make of normal noise. */
import {
  type Axis,
  grad,
  square,
  stopGradient,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import type { NoiseSpace } from "../noise/sharedNoise.ts";

/** An image under a layer. */
export interface Image {
  /** Over the axis of vectors and those of particles. */
  readonly value: Tensor;
  /** log |det J|, over the axes of particles. */
  readonly logDeterminant: Tensor;
}

/** A smooth one-to-one map y = f(x) of vectors along an axis, with the Jacobian J = dy / dx. */
export interface Layer {
  /** f(x). */
  forward(x: Tensor): Image;
  /** f^-1(y). */
  inverse(y: Tensor): Tensor;
  /** J^-T v at x: what a derivative by x becomes as one by y. */
  transposedInverse(v: Tensor, x: Tensor): Tensor;
}

/** Makes a layer; what it trains it declares by the `param` of the space. */
export type LayerFamily = (space: NoiseSpace) => Layer;

/** The vectors between layers, from the noise to the end. */
export type States = readonly Tensor[];

/** Normal noise through some layers. */
export class FlowDensity {
  private readonly layers: readonly Layer[];
  private readonly number: Axis;

  constructor(layers: readonly Layer[], number: Axis) {
    this.layers = layers;
    this.number = number;
  }

  /** From noise to the end. */
  statesFrom(noise: Tensor): States {
    const states = [noise];
    for (const layer of this.layers) states.push(layer.forward(states[states.length - 1]).value);
    return states;
  }

  /** From the end back to the noise. */
  statesTo(end: Tensor): States {
    const states = [end];
    for (const layer of [...this.layers].reverse()) states.unshift(layer.inverse(states[0]));
    return states;
  }

  /** log q of the end, over the axes of particles. */
  logProb(states: States): Tensor {
    const height = (this.number.size / 2) * Math.log(2 * Math.PI);
    const noise = sum(square(states[0]), this.number).mul(-0.5).sub(height);
    return this.layers.reduce(
      (total, layer, j) => total.sub(layer.forward(states[j]).logDeterminant),
      noise,
    );
  }

  /**
   * The derivative of log q by the end z_K, the parameters held constant, from the states on the way:
   *
   *     g_0 = d log q_0 / d z_0,   g_j = J_j^-T (g_(j-1) - d log |det J_j| / d z_(j-1)),
   *
   * without any inverse (Vaitl, Nicoli, Nakajima and Kessel, ICML 2022).
   */
  derivative(states: States): Tensor {
    const at = states.map(stopGradient);
    return this.layers.reduce((g, layer, j) => {
      const { logDeterminant } = layer.forward(at[j]);
      const [slope] = grad(sumOfAll(logDeterminant), [at[j]]);
      return layer.transposedInverse(g.sub(slope), at[j]);
    }, at[0].neg());
  }
}

/** The sum of all elements. */
export function sumOfAll(x: Tensor): Tensor {
  return x.axes.length === 0 ? x : sum(x, ...x.axes);
}
