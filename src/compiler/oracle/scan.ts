/** Scans, turn by turn. */
import { type Axis, bodyOf, type OperationOf, sizeOf, type Tensor } from "../../tensor/internal.ts";
import { places } from "./layout.ts";
import type { BoundedValues } from "./values.ts";

/** The value of a node whose inputs have these values. */
type Compute = (node: Tensor, inputs: readonly BoundedValues[]) => BoundedValues;

/** What a scan is worth, given what its inputs are worth. */
export function scanned(
  node: Tensor,
  inputs: readonly BoundedValues[],
  operation: OperationOf<"scan">,
  compute: Compute,
): BoundedValues {
  const { last } = operation;
  const { loop, value } = bodyOf(operation);
  const { axis, reverse, turn, carries, next, free, until } = loop;
  const order = inside([value, ...next], new Set([turn, ...carries, ...free]));
  let carried = carries.map((c, k) => relaid(inputs[k], c.axes));
  const outputs: BoundedValues[] = new Array(axis.size);
  for (let i = 0; i < axis.size; i++) {
    const position = reverse ? axis.size - 1 - i : i;
    const known = new Map<Tensor, BoundedValues>([[turn, scalar(turn, position)]]);
    for (const [k, c] of carries.entries()) known.set(c, carried[k]);
    for (const [j, f] of free.entries()) known.set(f, inputs[carries.length + j]);
    for (const x of order) {
      const operands = x.inputs.map((y) => known.get(y) as BoundedValues);
      known.set(x, compute(x, operands));
    }
    outputs[position] = known.get(value) as BoundedValues;
    carried = next.map((x, k) => relaid(known.get(x) as BoundedValues, carries[k].axes));
    if (until !== undefined && carried[until].values.every((x) => x !== 0)) break;
  }
  return last === undefined ? stacked(node, axis, outputs) : carried[last];
}

/** The nodes of a body, inputs first, without those in `known`. */
function inside(roots: readonly Tensor[], known: ReadonlySet<Tensor>): Tensor[] {
  const seen = new Set(known);
  const order: Tensor[] = [];
  const visit = (x: Tensor) => {
    if (seen.has(x)) return;
    seen.add(x);
    x.inputs.forEach(visit);
    order.push(x);
  };
  roots.forEach(visit);
  return order;
}

function scalar({ axes, dtype }: Tensor, x: number): BoundedValues {
  return { axes, dtype, values: Float64Array.of(x), error: new Float64Array(1) };
}

/** The same values over more axes, in their order. */
function relaid(x: BoundedValues, axes: readonly Axis[]): BoundedValues {
  const from = places(axes, x.axes);
  const pick = (a: Float64Array) => Float64Array.from(from, (i) => a[i]);
  return { axes, dtype: x.dtype, values: pick(x.values), error: pick(x.error) };
}

function stacked(
  { axes, dtype }: Tensor,
  axis: Axis,
  outputs: readonly BoundedValues[],
): BoundedValues {
  const length = sizeOf(axes);
  const result = { axes, dtype, values: new Float64Array(length), error: new Float64Array(length) };
  const at = places(axes, outputs[0].axes);
  const which = places(axes, [axis]);
  for (let i = 0; i < length; i++) {
    const from = outputs[which[i]];
    result.values[i] = from.values[at[i]];
    result.error[i] = from.error[at[i]];
  }
  return result;
}
