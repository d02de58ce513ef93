/** The body of a scan: a graph of its own that is evaluated again at every turn along an axis. */
import { type Axis, unionAxes } from "../axis.ts";
import type { DType } from "../dtype.ts";
import { guardedGather } from "../known/gather.ts";
import { checkPositions } from "../known/positions.ts";
import type { AnyScanBody, OperationOf } from "../ops.ts";
import { make, nodesOf, Tensor, withInputs } from "../tensor.ts";

/** The body names values from outside (`free`) by the tensors they were when it was built. */
export interface ScanLoop {
  /** The axis of the turns. */
  readonly axis: Axis;
  /** Whether turns go from the end of the axis to its start. */
  readonly reverse: boolean;
  /** The position along the axis: an int32 scalar. */
  readonly turn: Tensor;
  /** What is carried into a turn, and, in the same order, out of it. */
  readonly carries: readonly Tensor[];
  /** What is carried out of a turn. */
  readonly next: readonly Tensor[];
  /** What the body uses from outside. */
  readonly free: readonly Tensor[];
  /**
   * The number of an int32 carry: the loop ends after the first turn that leaves it other than 0 in all elements. Only of
   * loops whose last carries alone are taken.
   */
  readonly until?: number | undefined;
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

/**
 * Expressions with other tensors in the place of some, below which nothing is looked at. What is made once is
 * remembered, so that what several expressions share they share afterwards. A loop is made anew where its inputs
 * get axes that its body does not know.
 */
export class Substitution {
  private readonly made: Map<Tensor, Tensor>;
  private readonly standsFor: ReadonlyMap<Tensor, Tensor>;
  private readonly loops: WidenedLoop[] = [];

  /**
   * @param others what is put in the place of what.
   * @param standsFor tensors that become what others become.
   */
  constructor(
    others: Iterable<readonly [Tensor, Tensor]>,
    standsFor: ReadonlyMap<Tensor, Tensor> = new Map(),
  ) {
    this.made = new Map(others);
    this.standsFor = standsFor;
  }

  /** Puts `other` in the place of `x`, which must not have been met yet. */
  set(x: Tensor, other: Tensor): void {
    this.made.set(x, other);
  }

  /** @throws SurmiseError if the new inputs of an operation do not fit it, or are known positions outside an axis. */
  of(root: Tensor): Tensor {
    const { made, standsFor } = this;
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      const same = standsFor.get(node);
      const inputs = same === undefined ? node.inputs : [same];
      const missing = made.has(node) ? [] : inputs.filter((x) => !made.has(x));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      stack.pop();
      if (made.has(node)) continue;
      const found = inputs.map((x) => made.get(x) as Tensor);
      made.set(node, same === undefined ? this.rebuilt(node, found) : found[0]);
    }
    return made.get(root) as Tensor;
  }

  private rebuilt(node: Tensor, inputs: readonly Tensor[]): Tensor {
    const { operation } = node;
    const isWider = inputs.some((x, i) => x.axes.some((a) => !node.inputs[i].has(a)));
    if (operation.op !== "scan" || !isWider) {
      const rebuilt = withInputs(node, inputs);
      const looked = rebuilt === node ? undefined : guardedGather(rebuilt);
      if (looked !== undefined) checkPositions(looked.axis, looked.position);
      return rebuilt;
    }
    const { loop, value } = bodyOf(operation);
    const known = this.loops.find(
      ({ from, given }) => from === loop && given.every((x, i) => x === inputs[i]),
    );
    const wide = known ?? widened(loop, inputs);
    if (known === undefined) this.loops.push(wide);
    return operation.last === undefined
      ? everyTurn(wide.loop, wide.body.of(value), inputs)
      : lastTurn(wide.loop, operation.last, inputs);
  }
}

interface WidenedLoop {
  readonly from: ScanLoop;
  readonly given: readonly Tensor[];
  readonly loop: ScanLoop;
  /** From values in the body of the one loop to those in the body of the other. */
  readonly body: Substitution;
}

/** A loop for inputs with axes that those it was built for have not. */
function widened(from: ScanLoop, given: readonly Tensor[]): WidenedLoop {
  const { axis, reverse, carries, free, until } = from;
  const turn = carry([], "int32");
  const frees = free.map((f, i) => carry(given[carries.length + i].axes, f.dtype));
  let axes = carries.map((c, k) => unionAxes(c.axes, given[k].axes));
  for (;;) {
    const leaves = carries.map((c, k) => carry(axes[k], c.dtype));
    const body = new Substitution([
      [from.turn, turn],
      ...carries.map((c, k) => [c, leaves[k]] as const),
      ...free.map((f, i) => [f, frees[i]] as const),
    ]);
    const next = from.next.map((x) => body.of(x));
    const grown = next.map((x, k) => unionAxes(axes[k], x.axes));
    if (grown.every((list, k) => list.length === axes[k].length)) {
      return {
        from,
        given,
        loop: { axis, reverse, turn, carries: leaves, next, free: frees, until },
        body,
      };
    }
    axes = grown;
  }
}

/** `roots` with other tensors in the place of some, below which nothing is looked at. */
export function substitute(
  roots: readonly Tensor[],
  others: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const made = new Substitution(others);
  return roots.map((root) => made.of(root));
}
