/** Elements by their position along an axis: taken, put in, and joined. */
import {
  AXIS,
  checkArguments,
  FLAG,
  listOf,
  OPERAND,
  optional,
  optionsWith,
  TENSOR,
} from "./arguments/kinds.ts";
import { wholeNumber } from "./arguments/numbers.ts";
import { type Axis, describeAxes } from "./axis.ts";
import { mod } from "./bits.ts";
import { isFloat } from "./dtype.ts";
import { SurmiseError } from "./errors.ts";
import { gatherClamped, guarded } from "./known/gather.ts";
import { checkPositions, isKnown } from "./known/positions.ts";
import { index, select } from "./math.ts";
import { cast, constant, lift, type Operand, Tensor } from "./tensor.ts";

/**
 * The elements of `source` at whole `positions` (int32; uint8, such as `x.lt(y)`; known numbers) along axis `a`: the
 * result has the axes of `positions` and the other axes of `source`. Positions that are data must lie on the axis; at
 * those that only the program computes, and that are outside it, the result is NaN.
 *
 * @throws SurmiseError if a known position lies outside the axis, is not whole, or not a number; or if the
 * elements are whole numbers, which have no NaN, and it cannot be seen that all positions lie on the axis.
 */
export function gather(source: Tensor, a: Axis, positions: Operand): Tensor {
  checkArguments("gather", { source }, TENSOR);
  checkArguments("gather", { axis: a }, AXIS);
  checkArguments("gather", { positions }, OPERAND);
  const isReal = positions instanceof Tensor && isFloat(positions.dtype);
  const isList = isReal && isKnown(positions);
  if (isReal && !isList) {
    throw new SurmiseError(
      `gather along '${a.name}': the positions are ${positions.dtype} ${describeAxes(positions.axes)}; int32 is needed; ` +
        "use cast(x, 'int32'), or, of what is 0 or 1, x.eq(1)",
    );
  }
  const inside = gatherClamped(source, a, isList ? cast(positions, "int32") : positions);
  const position = inside.inputs[1];
  checkPositions(a, position);
  return guarded(inside, a, position);
}

interface SetAtOptions {
  /** Whether the position is counted modulo the size of the axis, as in a ring buffer. */
  readonly wrap?: boolean;
}

const SET_AT_OPTIONS = optionsWith<SetAtOptions>({ wrap: optional(FLAG) });

/**
 * `target` with `value` in the place of its elements at the int32 `position` along axis `a`. Position and value
 * may vary over the other axes of `target`. A position outside the axis changes nothing; with `wrap` it
 * is counted modulo the size, as in a ring buffer.
 *
 * As an update of an input it is done in place: `updates: [[draws, setAt(draws, step, now, x)]]` writes only
 * the elements at that position, however long the axis is.
 *
 * @throws SurmiseError if `target` lacks the axis, `value` has another type, or `value` or `position` vary along
 * the axis or over axes that `target` lacks.
 */
export function setAt(
  target: Tensor,
  a: Axis,
  position: Operand,
  value: Operand,
  options: SetAtOptions = {},
): Tensor {
  checkArguments("setAt", { target }, TENSOR);
  checkArguments("setAt", { axis: a }, AXIS);
  checkArguments("setAt", { position, value }, OPERAND);
  checkArguments("setAt", { options }, SET_AT_OPTIONS);
  const at = typeof position === "number" ? constant(position, "int32") : position;
  const given = typeof value === "number" ? constant(value, target.dtype) : value;
  const refuse = (what: string): never => {
    throw new SurmiseError(`setAt along '${a.name}': ${what}`);
  };
  if (!target.has(a)) refuse(`the target has axes ${describeAxes(target.axes)}`);
  if (at.dtype !== "int32") refuse(`the position is ${at.dtype}; use cast(x, 'int32')`);
  if (given.dtype !== target.dtype) {
    refuse(`the target is ${target.dtype}, the value ${given.dtype}; use cast`);
  }
  for (const [what, x] of [["position", at] as const, ["value", given] as const]) {
    const extra = x.axes.filter((b) => b === a || !target.has(b));
    if (extra.length === 0) continue;
    const rest = target.axes.filter((b) => b !== a);
    refuse(`the ${what} varies over ${describeAxes(extra)}; it may over ${describeAxes(rest)}`);
  }
  const written = options.wrap === true ? wrapped(at, a.size) : at;
  return select(index(a).eq(written), given, target);
}

/** The remainder of a position, from 0 to `size - 1` for negative ones too. */
function wrapped(at: Tensor, size: number): Tensor {
  const behind = constant(-1, "int32").sub(at);
  return select(at.lt(0), constant(size - 1, "int32").sub(mod(behind, size)), mod(at, size));
}

/**
 * The elements `start`, `start + 1`, ... of `source` along `a`, along the axis `to` instead.
 *
 * @throws SurmiseError if some of them lie outside the axis.
 */
export function slice(source: Tensor, a: Axis, start: number, to: Axis): Tensor {
  checkArguments("slice", { source }, TENSOR);
  checkArguments("slice", { a, to }, AXIS);
  wholeNumber(`slice of '${a.name}': start`, start, { least: -Infinity });
  if (start < 0 || start + to.size > a.size) {
    throw new SurmiseError(
      `slice of '${a.name}' (size ${a.size}): elements ${start} to ${start + to.size - 1} are asked for`,
    );
  }
  return gatherClamped(source, a, index(to).add(start));
}

/**
 * `source` with the axis `a` called `to` (of the same size) instead.
 *
 * @throws SurmiseError if the sizes differ.
 */
export function rename(source: Tensor, a: Axis, to: Axis): Tensor {
  checkArguments("rename", { source }, TENSOR);
  checkArguments("rename", { a, to }, AXIS);
  if (a.size !== to.size) {
    throw new SurmiseError(`rename of axis ${a} to axis ${to}: the sizes differ`);
  }
  return gatherClamped(source, a, index(to));
}

/**
 * `a` along axis `from[0]`, followed by `b` along `from[1]`, along the axis `to` instead.
 *
 * @throws SurmiseError if `to` is not as long as both.
 */
export function concat(a: Tensor, b: Tensor, from: readonly [Axis, Axis], to: Axis): Tensor {
  checkArguments("concat", { a, b }, TENSOR);
  checkArguments("concat", { from }, listOf(AXIS));
  checkArguments("concat", { to }, AXIS);
  const [first, second] = from;
  if (first.size + second.size !== to.size) {
    throw new SurmiseError(`concat of ${first} and ${second}: axis ${to} has another size`);
  }
  const at = index(to);
  return select(
    at.lt(first.size),
    gatherClamped(a, first, at),
    gatherClamped(b, second, at.sub(first.size)),
  );
}

/**
 * `parts[i]` at element i of the new axis `a`, each along the axes of all: means of components, or probabilities of
 * categories, of which each is computed by itself.
 *
 * @throws SurmiseError if there are not as many parts as the axis has elements, one has the axis already, or they are
 * floats of different types.
 */
export function stack(parts: readonly Operand[], a: Axis): Tensor {
  checkArguments("stack", { parts }, listOf(OPERAND));
  checkArguments("stack", { axis: a }, AXIS);
  if (parts.length !== a.size) {
    throw new SurmiseError(
      `stack along ${a}: ${parts.length} are given, one for each element is needed`,
    );
  }
  const at = parts.findIndex((x) => x instanceof Tensor && x.has(a));
  if (at >= 0) {
    throw new SurmiseError(
      `stack along ${a}: number ${at} of what is given has that axis already; take one element of it, ` +
        `gather(x, ${a.name}, position), or join along another axis by concat`,
    );
  }
  const position = index(a);
  const lifted = lift("stack", ...parts);
  const types = [...new Set(lifted.map(({ dtype }) => dtype))];
  if (types.length > 1) {
    throw new SurmiseError(
      `stack along ${a}: some are ${types.join(", some ")}; cast them to one type`,
    );
  }
  const last = lifted[lifted.length - 1];
  if (lifted.length === 1) return select(position.ge(0), last, last);
  return lifted
    .slice(0, -1)
    .reduceRight((rest, part, i) => select(position.eq(i), part, rest), last);
}
