/** Whether two expressions that were built at different times say the same. */
import { Axis } from "../axis.ts";
import { Tensor } from "../tensor.ts";

/**
 * Whether `a` and `b` are made by the same operations of the same numbers and inputs, over axes of the same names and
 * sizes. `met` keeps what was compared, for others of the same two graphs.
 */
export function isAlike(a: Tensor, b: Tensor, met: Set<Tensor>): boolean {
  const waiting: [unknown, unknown][] = [[a, b]];
  while (waiting.length > 0) {
    const [x, y] = waiting.pop() as [unknown, unknown];
    if (Object.is(x, y) || (x instanceof Tensor && met.has(x))) continue;
    if (x instanceof Tensor) met.add(x);
    const pairs = partsOf(x, y);
    if (pairs === undefined) return false;
    for (const pair of pairs) waiting.push(pair);
  }
  return true;
}

/** What must be alike for two values to be so; undefined if they differ. */
function partsOf(x: unknown, y: unknown): [unknown, unknown][] | undefined {
  if (typeof x === "function" && typeof y === "function") return [];
  if (typeof x !== "object" || typeof y !== "object" || x === null || y === null) return undefined;
  if (Object.getPrototypeOf(x) !== Object.getPrototypeOf(y)) return undefined;
  if (x instanceof Axis) {
    const { name, size } = y as Axis;
    return x.name === name && x.size === size ? [] : undefined;
  }
  if (ArrayBuffer.isView(x)) return sameNumbers(x as Float64Array, y as Float64Array);
  if (x instanceof Tensor) {
    const { operation, inputs, dtype, exact } = y as Tensor;
    return [
      [x.dtype, dtype],
      [x.exact, exact],
      [x.operation, operation],
      [x.inputs, inputs],
    ];
  }
  const names = Object.keys(x);
  if (names.length !== Object.keys(y).length) return undefined;
  type Entries = Readonly<Record<string, unknown>>;
  return names.map((name) => [(x as Entries)[name], (y as Entries)[name]]);
}

function sameNumbers(x: Float64Array, y: Float64Array): [] | undefined {
  return x.length === y.length && x.every((value, i) => Object.is(value, y[i])) ? [] : undefined;
}
