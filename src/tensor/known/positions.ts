/** Positions along an axis that are data: they must lie on it. */
import { type Axis, describePlace } from "../axis.ts";
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { nodesOf, type Tensor } from "../tensor.ts";

/**
 * Checks positions that are known when the graph is built: plain numbers and literals, also moved by a plain number,
 * of another type, or taken by rows that change from step to step, such as those of a minibatch or a loop.
 *
 * @throws SurmiseError naming the first that is not on the axis, not whole, or not a number.
 */
export function checkPositions(a: Axis, positions: Tensor): void {
  const known = knownPositions(positions);
  if (known === undefined) return;
  const { node, map } = known;
  const { operation } = node;
  const [data, order] =
    operation.op === "literal" ? [operation.data, operation.order] : [[numberOf(node)], []];
  const at = data.findIndex((value: number) => !isOn(a, map(value)));
  if (at < 0) return;
  const value = map(data[at]);
  const place = order.length === 0 ? "" : ` of ${describePlace(order, at)}`;
  const hint = !Number.isInteger(value)
    ? "a position is a whole number"
    : value === a.size
      ? "subtract 1, if they are numbered from 1?"
      : "mend the data, or make the axis larger";
  throw new SurmiseError(
    `gather along '${a.name}' (size ${a.size}): the position${place} is ${value}, but positions are counted from 0 ` +
      `to ${a.size - 1}: ${hint}`,
  );
}

function isOn({ size }: Axis, position: number): boolean {
  return Number.isInteger(position) && position >= 0 && position < size;
}

/** Whether positions are known when the graph is built, so that `checkPositions` says whether they are whole. */
export function isKnown(positions: Tensor): boolean {
  return knownPositions(positions) !== undefined;
}

/** What `x` takes its elements from, if it takes them at places that change from step to step: of a minibatch, or a loop. */
export function sourceOfRows({ op, inputs }: Tensor): Tensor | undefined {
  if (op !== "gather") return undefined;
  const changes = nodesOf([inputs[1]]).some((node) => node.op === "input" || node.op === "carry");
  return changes ? inputs[0] : undefined;
}

interface Known {
  /** A constant or a literal. */
  readonly node: Tensor;
  /** From its values to positions. */
  readonly map: (value: number) => number;
}

function knownPositions(x: Tensor): Known | undefined {
  const { op, inputs } = x;
  const through = (node: Tensor, f: (value: number) => number): Known | undefined => {
    const known = knownPositions(node);
    return known && { node: known.node, map: (value) => f(known.map(value)) };
  };
  switch (op) {
    case "constant":
    case "literal":
      return { node: x, map: (value) => value };
    case "cast":
      return x.dtype === "int32" || isFloat(x.dtype) ? through(inputs[0], (v) => v) : undefined;
    case "add":
    case "sub": {
      if (inputs[1].op !== "constant") return undefined;
      const by = numberOf(inputs[1]) * (op === "add" ? 1 : -1);
      return through(inputs[0], (v) => v + by);
    }
    case "gather": {
      const source = sourceOfRows(x);
      return source && through(source, (v) => v);
    }
    default:
      return undefined;
  }
}

function numberOf({ operation }: Tensor): number {
  return operation.op === "constant" ? operation.value : Number.NaN;
}
