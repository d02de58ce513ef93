/** Small networks whose outputs shape a layer: some numbers in, others out. */
import { normalInit, zeros } from "../../../nn/index.ts";
import { type Axis, cast, index, mod, sum, type Tensor, tanh } from "../../../tensor/internal.ts";
import type { NoiseSpace } from "../noise/sharedNoise.ts";

/** How large networks are. */
export interface NetworkOptions {
  /** Units of the hidden layer; 32 unless given. */
  readonly hidden?: number;
}

/** What depends on what. */
export interface Connections {
  /** 1 where the hidden unit may see the number, 0 elsewhere: over the number and `hidden`. */
  readonly inward: (hidden: Axis) => Tensor;
  /** 1 where the output of a number may see the hidden unit. */
  readonly outward: (hidden: Axis) => Tensor;
}

/**
 * Outputs, each over the axis of vectors and axes of its own, of a tanh layer of vectors. They are 0 at the start.
 */
export function network(
  { number, dtype, axis, param }: NoiseSpace,
  outputs: Readonly<Record<string, readonly Axis[]>>,
  { inward, outward }: Connections,
  { hidden: size = 32 }: NetworkOptions,
): (x: Tensor) => Readonly<Record<string, Tensor>> {
  const hidden = axis("flow hidden", size);
  const weights = param("hidden.weights", [number, hidden], normalInit(1 / Math.sqrt(number.size)));
  const bias = param("hidden.bias", [hidden], zeros);
  const heads = Object.entries(outputs).map(([name, own]) => ({
    name,
    weights: param(`${name}.weights`, [hidden, number, ...own], zeros).mul(
      cast(outward(hidden), dtype),
    ),
    bias: param(`${name}.bias`, [number, ...own], zeros),
  }));
  const seen = weights.mul(cast(inward(hidden), dtype));
  return (x) => {
    const units = tanh(sum(seen.mul(x), number).add(bias));
    return Object.fromEntries(
      heads.map((head) => [head.name, sum(head.weights.mul(units), hidden).add(head.bias)]),
    );
  };
}

/** Log scales are kept between minus and plus so much. */
const MOST_LOG_SCALE = 3;

/** The log scale that an output of a network stands for. */
export function boundedLogScale(raw: Tensor): Tensor {
  return tanh(raw.div(MOST_LOG_SCALE)).mul(MOST_LOG_SCALE);
}

/** Every second number, beginning with the first or the second: 1 where it stays as it is. */
export function everySecond(number: Axis, parity: number): Tensor {
  return mod(index(number).add(parity), 2).eq(0);
}
