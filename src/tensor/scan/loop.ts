/** The body of a scan: a graph of its own that is evaluated again at every turn along an axis. */
import { type Axis, unionAxes } from "../axis.ts";
import type { DType } from "../dtype.ts";
import type { AnyScanBody, OperationOf } from "../ops.ts";
import { make, nodesOf, Tensor, withInputs } from "../tensor.ts";

/** The body names values from outside (`free`) by the tensors they were when it was built. */
export interface ScanLoop {
  readonly axis: Axis;
  /** Whether turns go from the end of the axis to its start. */
  readonly reverse: boolean;
  /** The position along the axis: an int32 scalar. */
  readonly turn: Tensor;
  /** What is carried into a turn, and, in the same order, out of it. */
  readonly carries: readonly Tensor[];
  readonly next: readonly Tensor[];
  readonly free: readonly Tensor[];
}

interface LoopValue extends AnyScanBody {
  readonly loop: ScanLoop;
  readonly value: Tensor;
}

/** The loop of a scan, and the value in its body that the scan is about. */
export function bodyOf({ body }: OperationOf<"scan">): { loop: ScanLoop; value: Tensor } {
  return body as LoopValue;
}

/** The value `value` in the body of a loop. */
export function loopValue(loop: ScanLoop, value: Tensor): AnyScanBody {
  const body: LoopValue = { kind: "body", loop, value };
  return body;
}

/** A tensor that stands for something carried from turn to turn. */
export function carry(order: readonly Axis[], dtype: DType): Tensor {
  return new Tensor({ op: "carry", order }, [], order, dtype);
}

/** The value at every turn along the loop's axis, for given initial carries and free values. */
export function everyTurn(loop: ScanLoop, value: Tensor, inputs: readonly Tensor[]): Tensor {
  const order = unionAxes([loop.axis], value.axes);
  return scanNode({ kind: "body", loop, value }, undefined, order, inputs);
}

/** The carry number `k` after the last turn. */
export function lastTurn(loop: ScanLoop, k: number, inputs: readonly Tensor[]): Tensor {
  const body = { kind: "body", loop, value: loop.next[k] } as const;
  return scanNode(body, k, loop.carries[k].axes, inputs);
}

function scanNode(
  body: LoopValue,
  last: number | undefined,
  order: readonly Axis[],
  inputs: readonly Tensor[],
): Tensor {
  return make({ op: "scan", body, last, order, dtype: body.value.dtype }, inputs);
}

/** The values from outside that `roots` use beside `leaves`: what does not depend on the leaves. */
export function freeIn(roots: readonly Tensor[], leaves: readonly Tensor[]): Tensor[] {
  const inside = new Set<Tensor>(leaves);
  const nodes = nodesOf(roots);
  for (const node of nodes) if (node.inputs.some((x) => inside.has(x))) inside.add(node);
  const free = new Set<Tensor>();
  const use = (x: Tensor) => {
    if (!inside.has(x) && x.op !== "constant" && x.op !== "index") free.add(x);
  };
  for (const node of nodes) if (inside.has(node)) node.inputs.forEach(use);
  roots.forEach(use);
  return [...free];
}

/** `roots` with other tensors in the place of some, below which nothing is looked at. */
export function substitute(
  roots: readonly Tensor[],
  others: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const done = new Map(others);
  const visit = (root: Tensor): Tensor => {
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const missing = done.has(node) ? [] : node.inputs.filter((x) => !done.has(x));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      stack.pop();
      if (done.has(node)) continue;
      done.set(
        node,
        withInputs(
          node,
          node.inputs.map((x) => done.get(x) as Tensor),
        ),
      );
    }
    return done.get(root) as Tensor;
  };
  return roots.map(visit);
}
