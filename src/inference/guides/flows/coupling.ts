/** Coupling layers: half of the numbers shape the map of the others (Dinh, Sohl-Dickstein and Bengio, ICLR 2017). */
import {
  constant,
  exp,
  grad,
  select,
  stopGradient,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import type { NoiseSpace } from "../noise/sharedNoise.ts";
import { boundedLogScale, everySecond, type NetworkOptions, network } from "./conditioner.ts";
import { type LayerFamily, sumOfAll } from "./layer.ts";

/** A map of single numbers. */
export interface Elementwise {
  /** Its value and the logarithm of its derivative. */
  forward(x: Tensor): { readonly value: Tensor; readonly logSlope: Tensor };
  /** The number it makes y of. */
  inverse(y: Tensor): Tensor;
}

/** How a network's outputs shape the map of each number. */
export type Shape = (space: NoiseSpace) => {
  readonly outputs: Parameters<typeof network>[1];
  of(outputs: Readonly<Record<string, Tensor>>): Elementwise;
};

/**
 * Every second number stays; the others are mapped one by one, as a network of those that stay says. The identity at
 * the start. J is a triangle of two blocks, so that J^-T is a derivative of the network and divisions.
 */
export function coupling(shape: Shape, parity: number, options: NetworkOptions): LayerFamily {
  return (space) => {
    const { number, dtype } = space;
    const stays = everySecond(number, parity);
    const { outputs, of } = shape(space);
    const all = () => constant(1, "uint8");
    const networkOf = network(space, outputs, { inward: () => stays, outward: all }, options);
    const leadingOf = (x: Tensor) => select(stays, x, 0);
    const mapOf = (leading: Tensor) => of(networkOf(leading));
    const map = (x: Tensor) => mapOf(leadingOf(x));
    const zero = constant(0, dtype);
    return {
      forward(x) {
        const { value, logSlope } = map(x).forward(x);
        return {
          value: select(stays, x, value),
          logDeterminant: sum(select(stays, zero, logSlope), number),
        };
      },
      inverse: (y) => select(stays, y, map(y).inverse(y)),
      transposedInverse(v, x) {
        const { logSlope } = map(x).forward(x);
        const moved = select(stays, 0, v.div(exp(logSlope)));
        // What the numbers that stay do to the others, which are held.
        const leading = leadingOf(stopGradient(x));
        const { value } = mapOf(leading).forward(stopGradient(x));
        const [through] = grad(sumOfAll(value.mul(stopGradient(moved))), [leading]);
        return select(stays, v.sub(through), moved);
      },
    };
  };
}

/** y = exp(s) x + t: RealNVP. */
export function affineCoupling(parity: number, options: NetworkOptions = {}): LayerFamily {
  const shape: Shape = () => ({
    outputs: { logScale: [], shift: [] },
    of({ logScale: raw, shift }) {
      const logScale = boundedLogScale(raw);
      const scale = exp(logScale);
      return {
        forward: (x) => ({ value: x.mul(scale).add(shift), logSlope: logScale }),
        inverse: (y) => y.sub(shift).div(scale),
      };
    },
  });
  return coupling(shape, parity, options);
}
