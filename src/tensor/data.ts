/** Numbers as programs of others hold them, as the typed array of a tensor: exactly, or not at all. */

import { shown } from "./arguments/numbers.ts";
import { Axis, describeAxes, describePlace, sizeOf, unionAxes } from "./axis.ts";
import { allocate, type DType, roundTo, type TypedArray, whyNot } from "./dtype.ts";
import { SurmiseError } from "./errors.ts";

/** JavaScript's arrays of numbers. */
export type NumberArray =
  | TypedArray
  | Uint8ClampedArray
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A number, or lists in lists of numbers. */
export type Nested = number | bigint | NumberArray | readonly Nested[];

/** The data type that holds the numbers of an array; those of 32 bits and more must fit into it. */
const TYPE_OF: Readonly<Record<string, DType>> = {
  Float16Array: "float32",
  Float32Array: "float32",
  Float64Array: "float64",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Int8Array: "int32",
  Int16Array: "int32",
  Uint16Array: "int32",
  Int32Array: "int32",
  Uint32Array: "int32",
  BigInt64Array: "int32",
  BigUint64Array: "int32",
};

/** The arrays that are the memory of a tensor as they are. */
const OWN: Readonly<Record<DType, string>> = {
  float32: "Float32Array",
  float64: "Float64Array",
  int32: "Int32Array",
  uint8: "Uint8Array",
};

/** The name of the kind of a typed array (also of another realm), or undefined. */
function kindOf(values: unknown): string | undefined {
  if (!ArrayBuffer.isView(values)) return undefined;
  const kind = (values as unknown as { [Symbol.toStringTag]: string })[Symbol.toStringTag];
  return kind in TYPE_OF ? kind : undefined;
}

/** The data type of an array, or undefined if it is no array of numbers. */
export function dtypeOf(values: unknown): DType | undefined {
  const kind = kindOf(values);
  return kind === undefined ? undefined : TYPE_OF[kind];
}

/** @throws SurmiseError unless `x` is an axis; `what` begins the message. */
export function checkAxis(what: string, x: unknown): asserts x is Axis {
  if (x instanceof Axis) return;
  throw new SurmiseError(`${what}: ${shown(x)} is no axis; make one by axis(name, size)`);
}

/** @throws SurmiseError unless `axes` is a list of different axes with names of their own. */
export function checkAxes(what: string, axes: unknown): asserts axes is readonly Axis[] {
  if (!Array.isArray(axes)) {
    const hint =
      axes instanceof Axis ? `put it into a list: [${axes.name}]` : "give a list of axes";
    const found = axes instanceof Axis ? `the axis ${axes}` : shown(axes);
    throw new SurmiseError(`${what}: the axes are ${found}; ${hint}`);
  }
  const strange = axes.find((a) => !(a instanceof Axis));
  if (strange !== undefined || axes.includes(undefined)) {
    throw new SurmiseError(`${what}: ${shown(strange)} is no axis; make one by axis(name, size)`);
  }
  const twice = axes.find((a, i) => axes.indexOf(a) !== i);
  if (twice !== undefined) {
    throw new SurmiseError(
      `${what}: the axis '${twice.name}' stands twice in ${describeAxes(axes)}; make a second axis of ` +
        `size ${twice.size} with a name of its own`,
    );
  }
  unionAxes(...axes.map((a) => [a]));
}

/**
 * `values` row-major over `axes`. Typed arrays are taken flat; lists are nested as the axes are listed,
 * the first outermost, or one flat list of all values. An array that has the type already is returned
 * itself; any other number is converted. Fractions are rounded to the nearest float; whole numbers must
 * be kept exactly.
 *
 * @param what begins messages
 * @param dtype that of the array, for lists float32, unless given
 * @throws SurmiseError naming the place: of a list whose length is not that of its axis, of what is no
 * number, of a number that the type does not hold.
 */
export function dataOver(
  what: string,
  values: unknown,
  axes: readonly Axis[],
  dtype?: DType,
): TypedArray {
  const size = sizeOf(axes);
  const refuseLength = (length: number) => {
    if (length === size) return;
    throw new SurmiseError(`${what} needs ${size} values, got ${length}`);
  };
  const kind = kindOf(values);
  if (kind !== undefined) {
    const array = values as TypedArray;
    refuseLength(array.length);
    const type = dtype ?? TYPE_OF[kind];
    if (kind === OWN[type]) return array;
    return convert(what, array, axes, type, dtype !== undefined);
  }
  const flat: unknown[] = [];
  if (!Array.isArray(values)) {
    if (typeof values === "object" || typeof values === "function") {
      throw new SurmiseError(
        `${what}: ${shown(values)} holds no values; give a number, lists of numbers or a typed array`,
      );
    }
    flat.push(values);
    refuseLength(1);
  } else if (isFlat(values)) {
    refuseLength(values.length);
    for (let i = 0; i < values.length; i++) flat.push(values[i]);
  } else {
    flatten(what, values, axes, [], flat);
  }
  return convert(what, flat, axes, dtype ?? "float32", dtype !== undefined);
}

const isList = (x: unknown): x is ArrayLike<unknown> => Array.isArray(x) || kindOf(x) !== undefined;

function isFlat(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) if (isList(values[i])) return false;
  return true;
}

/** Appends the numbers of lists whose lengths are the sizes of the axes, and refuses others. */
function flatten(
  what: string,
  values: unknown,
  axes: readonly Axis[],
  place: readonly number[],
  flat: unknown[],
): void {
  const wrong = (found: string) => {
    const here = place.length === 0 ? "the outermost list" : `[${place.join("][")}]`;
    return new SurmiseError(
      `${what}: ${here} ${found}; nest the lists as the axes are listed, the first outermost`,
    );
  };
  const along = axes[place.length];
  if (!isList(values)) {
    if (along !== undefined)
      throw wrong(
        `is ${shown(values)} where a list along '${along.name}' (size ${along.size}) is needed`,
      );
    flat.push(values);
    return;
  }
  if (along === undefined) throw wrong(`is a list of ${values.length} where a number is needed`);
  if (values.length !== along.size) {
    throw wrong(
      `has ${values.length} elements, but the axis '${along.name}' has size ${along.size}`,
    );
  }
  for (let i = 0; i < along.size; i++) flatten(what, values[i], axes, [...place, i], flat);
}

/** Whole numbers up to here are exact in float64; larger ones are magnitudes, not counts. */
const EXACT = 2 ** 53;

function convert(
  what: string,
  values: ArrayLike<unknown>,
  axes: readonly Axis[],
  dtype: DType,
  isChosen: boolean,
): TypedArray {
  const data = allocate(dtype, values.length);
  for (let i = 0; i < values.length; i++) {
    const given = values[i];
    const x = typeof given === "bigint" ? Number(given) : given;
    const why = typeof x === "number" ? whyLost(dtype, given, x) : "numbers are needed";
    if (why === undefined) {
      data[i] = x as number;
      continue;
    }
    const place = axes.length === 0 ? "" : ` at ${describePlace(axes, i)}`;
    const hint = isChosen || typeof x !== "number" ? "" : ": give 'float64' as the type";
    throw new SurmiseError(`${what}: the value${place} is ${shown(given)}; ${why}${hint}`);
  }
  return data;
}

/** Why a number is refused, of which `x` is the float64: a whole one must stay what it is. */
function whyLost(dtype: DType, given: unknown, x: number): string | undefined {
  const why = whyNot(dtype, x);
  if (why !== undefined) return why;
  const rounded = roundTo(dtype, x);
  const isExact =
    typeof given === "bigint"
      ? Number.isFinite(rounded) && BigInt(rounded) === given
      : rounded === x || !Number.isInteger(x) || Math.abs(x) > EXACT;
  return isExact ? undefined : `${dtype} would round it to ${rounded}`;
}
