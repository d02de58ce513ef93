/** The derivative of a scan: a scan that goes back, from the carries of each turn. */
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { gatherClamped } from "../known/gather.ts";
import { sum } from "../math.ts";
import type { OperationOf } from "../ops.ts";
import { cast, constant, nodesOf, type Tensor } from "../tensor.ts";
import { bodyOf, carry, everyTurn, lastTurn, type ScanLoop, substitute } from "./loop.ts";

type Gradients = (y: Tensor, xs: readonly Tensor[]) => Tensor[];

const isZero = ({ operation }: Tensor) => operation.op === "constant" && operation.value === 0;

/**
 * Contributions of the adjoint `g` of a scan to its initial carries and free values. The way back
 * computes the body of each turn again from the carries it began with, which are kept; its own carries
 * are the adjoints of the carries and the sums of what turns contribute to free values, in float64. What a turn
 * contributes to elements that it alone has taken (`turn.at`) needs no sum: it is laid along the axis.
 */
export function adjointOfScan(
  g: Tensor,
  node: Tensor,
  operation: OperationOf<"scan">,
  gradients: Gradients,
): (Tensor | undefined)[] {
  const { last } = operation;
  const { loop, value } = bodyOf(operation);
  const { axis, carries, next, free, until } = loop;
  if (until !== undefined) {
    throw new SurmiseError(
      `scan along '${axis.name}': a loop with until has no derivative: stop it, and give what is made of the ` +
        "loop one of its own",
    );
  }
  const leaf = (x: Tensor) => carry(x.axes, x.dtype);
  const position = carry([], "int32");
  const here = (x: Tensor) => (x.has(axis) ? gatherClamped(x, axis, position) : x);

  const kept = carries.map((c) => everyTurn(loop, c, node.inputs));
  const keptLeaves = kept.map(leaf);
  const freeLeaves = free.map(leaf);
  const adjointLeaf = leaf(g);
  const begun = carries.map(leaf);
  const taken = elementsTaken([value, ...next], loop).map(({ element, from }) => ({
    element,
    from,
    here: leaf(element),
  }));
  const [valueHere, ...nextHere] = substitute(
    [value, ...next],
    new Map([
      [loop.turn, position],
      ...carries.map((c, k) => [c, begun[k]] as const),
      ...free.map((f, i) => [f, freeLeaves[i]] as const),
      ...taken.map((t) => [t.element, t.here] as const),
    ]),
  );

  const moving = carries.flatMap((c, k) => (isFloat(c.dtype) ? [k] : []));
  const adjoints = moving.map((k) => leaf(carries[k]));
  const parts = moving.map((k, j) => sum(adjoints[j].mul(nextHere[k])));
  if (last === undefined) parts.push(sum(here(adjointLeaf).mul(valueHere)));
  const objective = parts.map((x) => cast(x, "float64")).reduce((a, b) => a.add(b));
  const floating = free.flatMap((f, i) => (isFloat(f.dtype) ? [i] : []));
  const slopes = substitute(
    gradients(objective, [
      ...moving.map((k) => begun[k]),
      ...floating.map((i) => freeLeaves[i]),
      ...taken.map((t) => t.here),
    ]),
    new Map([
      ...begun.map((x, k) => [x, here(keptLeaves[k])] as const),
      ...taken.map((t) => [t.here, here(freeLeaves[t.from])] as const),
    ]),
  );
  const ofCarries = slopes.slice(0, moving.length);
  const ofFree = slopes.slice(moving.length, moving.length + floating.length);
  const ofTaken = slopes.slice(moving.length + floating.length);

  const summed = floating.flatMap((i, at) =>
    isZero(ofFree[at]) ? [] : [{ i, slope: ofFree[at] }],
  );
  const totals = summed.map(({ i }) => carry(free[i].axes, "float64"));
  const back: ScanLoop = {
    axis,
    reverse: !loop.reverse,
    turn: position,
    carries: [...adjoints, ...totals],
    next: [...ofCarries, ...summed.map(({ slope }, at) => totals[at].add(cast(slope, "float64")))],
    free: [...keptLeaves, ...freeLeaves, adjointLeaf],
  };
  const zero = (x: Tensor) => constant(0, x.dtype);
  const inputs = [
    ...moving.map((k, j) => (k === last ? g : zero(adjoints[j]))),
    ...totals.map(zero),
    ...kept,
    ...node.inputs.slice(carries.length),
    g,
  ];
  const used = new Set(nodesOf([...back.next, ...ofTaken]));
  const { loop: pruned, inputs: given } = withoutUnused(back, inputs, used);

  const contributions = new Map<number, Tensor>();
  const add = (input: number, x: Tensor) => {
    const known = contributions.get(input);
    contributions.set(input, known === undefined ? x : known.add(x));
  };
  for (const [j, k] of moving.entries()) add(k, lastTurn(pruned, j, given));
  summed.forEach(({ i }, at) => {
    const total = lastTurn(pruned, moving.length + at, given);
    add(carries.length + i, cast(total, free[i].dtype));
  });
  taken.forEach(({ from }, at) => {
    if (!isZero(ofTaken[at])) add(carries.length + from, everyTurn(pruned, ofTaken[at], given));
  });
  return node.inputs.map((_, i) => contributions.get(i));
}

/** The nodes of a body that take this turn's element of a free value. */
function elementsTaken(roots: readonly Tensor[], { axis, turn, free }: ScanLoop) {
  return nodesOf(roots).flatMap((element) => {
    const { operation, inputs } = element;
    if (operation.op !== "gather" || operation.axis !== axis || inputs[1] !== turn) return [];
    const from = free.indexOf(inputs[0]);
    return from < 0 ? [] : [{ element, from }];
  });
}

/** The loop without free values that its body does not use. */
function withoutUnused(
  loop: ScanLoop,
  inputs: readonly Tensor[],
  used: ReadonlySet<Tensor>,
): { loop: ScanLoop; inputs: readonly Tensor[] } {
  const { carries, free } = loop;
  const stays = free.map((f) => used.has(f));
  return {
    loop: { ...loop, free: free.filter((_, i) => stays[i]) },
    inputs: inputs.filter((_, i) => i < carries.length || stays[i - carries.length]),
  };
}
