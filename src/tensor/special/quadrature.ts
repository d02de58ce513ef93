/** Integrals as sums along an axis of nodes: the graph stays small whatever the accuracy. */
import { type Axis, axis } from "../axis.ts";
import type { DType } from "../dtype.ts";
import { stopGradient, sum, tensor } from "../math.ts";
import { cast, type Tensor } from "../tensor.ts";

interface QuadratureRule {
  readonly axis: Axis;
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** One tensor of each kind, so that equal integrals are recognised as equal. */
function tensorsOf({ axis, nodes, weights }: QuadratureRule) {
  return { nodes: tensor(nodes, [axis], "float64"), weights: tensor(weights, [axis], "float64") };
}

/**
 * The trapezoidal rule in t for s = exp(t - exp(-t)), which makes integrands over s > 0 that end
 * like exp(-s), or faster, die doubly exponentially on both sides (Takahasi and Mori, 1974).
 */
function halfLine(count: number, low: number, high: number): QuadratureRule {
  const step = (high - low) / (count - 1);
  const at = Array.from({ length: count }, (_, k) => low + k * step);
  const nodes = at.map((t) => Math.exp(t - Math.exp(-t)));
  const weights = at.map((t, k) => step * nodes[k] * (1 + Math.exp(-t)));
  return { axis: axis("#node", count), nodes, weights };
}

const HALF_LINE = {
  float32: tensorsOf(halfLine(24, -3, 3.6)),
  float64: tensorsOf(halfLine(64, -3.7, 4.6)),
};

/**
 * The integral over s from 0 to infinity of a smooth `f` that falls off over about `scale`, whose
 * derivative is not taken; more or less by a few times does no harm. Integrals of exp(h) with a
 * concave falling h are good to 1e-10 in float64 (64 nodes) and 1e-5 in float32 (24 nodes).
 */
export function integrateTail(f: (s: Tensor) => Tensor, scale: Tensor): Tensor {
  const { nodes, weights } = HALF_LINE[scale.dtype as "float32" | "float64"];
  const [node] = nodes.axes;
  const size = stopGradient(scale);
  const values = f(size.mul(cast(nodes, scale.dtype)));
  return sum(cast(weights, scale.dtype).mul(values), node).mul(size);
}

/** Nodes and weights of Gauss and Legendre on [0, 1], by Newton's method. */
function gaussLegendre(count: number): QuadratureRule {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let k = 0; k < count; k++) {
    let x = Math.cos((Math.PI * (k + 0.75)) / (count + 0.5));
    let slope = 0;
    for (let round = 0; round < 6; round++) {
      let [previous, value] = [1, x];
      for (let n = 2; n <= count; n++) {
        [previous, value] = [value, ((2 * n - 1) * x * value - (n - 1) * previous) / n];
      }
      slope = (count * (previous - x * value)) / (1 - x * x);
      x -= value / slope;
    }
    nodes.push((1 - x) / 2);
    weights.push(1 / ((1 - x * x) * slope * slope));
  }
  return { axis: axis("#node", count), nodes, weights };
}

const INTERVAL = tensorsOf(gaussLegendre(32));

/** The integral of a smooth `f` from `low` to `high`, by 32 nodes of Gauss and Legendre. */
export function integrateBetween(
  f: (x: Tensor) => Tensor,
  low: Tensor,
  high: Tensor,
  dtype: DType = high.dtype,
): Tensor {
  const { nodes, weights } = INTERVAL;
  const [node] = nodes.axes;
  const width = high.sub(low);
  const values = f(low.add(width.mul(cast(nodes, dtype))));
  return sum(cast(weights, dtype).mul(values), node).mul(width);
}
