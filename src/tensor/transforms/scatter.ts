/** Adjoints of gathers. Where positions are affine no scatter is needed, and products stay products. */
import { type Axis, axis as newAxis, withoutAxes } from "../axis.ts";
import { and } from "../bits.ts";
import {
  type AffinePosition,
  affineOf,
  affineWithin,
  isInjective,
  positionOf,
  rangeOf,
  substituted,
} from "../known/affine.ts";
import { index, select, sum } from "../math.ts";
import { constant, make, type Tensor } from "../tensor.ts";

/**
 * The sum over `over` of `values` at the int32 `position` along the new axis `axis`: the adjoint of a gather. Where
 * position is that of a slice or a renaming, each element has at most one source; where it is that of windows, each
 * element has one for each place in a window.
 */
export function scatterAdd(
  values: Tensor,
  position: Tensor,
  axis: Axis,
  over: readonly Axis[],
): Tensor {
  const affine = affineWithin(position, axis);
  if (affine !== undefined) {
    const [from] = over;
    if (isApart(values, [axis, ...over])) {
      const [source, at] = values.inputs;
      return make(values.operation, [scatterAdd(source, position, axis, over), at]);
    }
    if (over.length === 1 && affine.factors.size === 1 && affine.factors.get(from) === 1) {
      return sliceBack(values, from, affine.start, axis);
    }
    if (
      !affine.factors.has(axis) &&
      over.every((a) => affine.factors.has(a)) &&
      !isInjective(affine, over) &&
      isAlongWindows(values, axis, over)
    ) {
      return windowsBack(values, affine, axis, over);
    }
  }
  return make({ op: "scatterAdd", axis, over }, [values, position]);
}

/** Whether values are laid along an axis at positions, from axes, that have nothing to do with these. */
function isApart({ operation, inputs }: Tensor, axes: readonly Axis[]): boolean {
  if (operation.op !== "scatterAdd") return false;
  const { axis, over } = operation;
  return !axes.some((a) => a === axis || over.includes(a) || inputs[1].has(a));
}

/** Of the axes of a position, that of the windows: the longest. */
function windowAxis(over: readonly Axis[]): Axis {
  return over.reduce((a, b) => (b.size > a.size ? b : a));
}

/** Whether values are the same at all places of a window, or products of such with others. */
function isAlongWindows(values: Tensor, axis: Axis, over: readonly Axis[]): boolean {
  const from = windowAxis(over);
  let alone = true;
  throughProduct(values, from, [axis, ...over], (x) => {
    alone = over.every((a) => a === from || !x.has(a));
    return x;
  });
  return alone;
}

/** The adjoint of a slice along `axis` from `start` on, whose elements lie along `from`. */
function sliceBack(values: Tensor, from: Axis, start: number, axis: Axis): Tensor {
  const back = index(axis).sub(start);
  const moved = values.has(from) ? make({ op: "gather", axis: from }, [values, back]) : values;
  if (start === 0 && from.size === axis.size) return moved;
  const inside = and(back.ge(0), back.lt(from.size));
  return select(inside, moved, constant(0, values.dtype));
}

/**
 * The adjoint of windows: with the values set apart by the step from window to window, with zeros around them, it is
 * the sum over the places in a window of the values there: windows again, that go backwards.
 */
function windowsBack(
  values: Tensor,
  affine: AffinePosition,
  axis: Axis,
  over: readonly Axis[],
): Tensor {
  const from = windowAxis(over);
  const places = withoutAxes(over, [from]);
  const step = affine.factors.get(from) as number;
  const [place] = places;
  if (step > 1 && places.length === 1 && affine.factors.get(place) === 1) {
    return phasesBack(values, { from, place, step, start: affine.start }, axis);
  }
  const others = new Map(affine.factors);
  others.delete(from);
  const back = [...others].map(([a, factor]) => [a, -factor] as const);
  const wanted = { factors: new Map([[axis, 1], ...back]), start: -affine.start };
  const [low, high] = rangeOf(wanted);
  const padded = newAxis(`${from.name} (padded)`, high - low + 1);
  const apart = { factors: new Map([[from, step]]), start: -low };
  const at = { ...wanted, start: wanted.start - low };
  const moved = throughProduct(values, from, [axis, ...over], (x) =>
    windowsOf(set(x, from, apart, padded), padded, at),
  );
  const [own, missing] = [true, false].map((has) => places.filter((a) => moved.has(a) === has));
  const summed = own.length === 0 ? moved : sumOver(moved, own);
  return missing.reduce((x, { size }) => x.mul(size), summed);
}

/** Windows along `from`, of the places along `place`, the first of which begins at `start`. */
interface Steps {
  readonly from: Axis;
  readonly place: Axis;
  readonly step: number;
  readonly start: number;
}

/**
 * `windowsBack` of windows that are a step apart, without the zeros between them: with start + step q + r for an
 * element, r < step, it is the sum over v of the values at window q - v and place r + step v. So each phase r is a product of
 * its own places, and the phases are laid between one another in the end.
 */
function phasesBack(values: Tensor, { from, place, step, start }: Steps, axis: Axis): Tensor {
  const turns = Math.ceil(place.size / step);
  const [first, last] = [0, axis.size - 1].map((i) => Math.floor((i - start) / step));
  const quotient = newAxis(`${axis.name} (steps)`, last - first + 1);
  const phase = newAxis(`${axis.name} (phase)`, step);
  const turn = newAxis(`${place.name} (turns)`, turns);
  const padded = newAxis(`${from.name} (padded)`, quotient.size + turns - 1);
  const apart = { factors: new Map([[from, 1]]), start: turns - 1 - first };
  const window = {
    factors: new Map([
      [quotient, 1],
      [turn, -1],
    ]),
    start: turns - 1,
  };
  const bound = [axis, from, place, quotient, phase, turn];
  const moved = throughProduct(values, from, bound, (x) =>
    windowsOf(set(x, from, apart, padded), padded, window),
  );
  const at = {
    factors: new Map([
      [phase, 1],
      [turn, step],
    ]),
    start: 0,
  };
  const missing = turns * step - place.size;
  const whole = missing === 0 ? place : newAxis(`${place.name} (padded)`, turns * step);
  const inside = positionOf(at).lt(place.size);
  const filled = (x: Tensor) =>
    missing === 0 ? x : set(x, place, { factors: new Map([[place, 1]]), start: 0 }, whole);
  const parted = moved.has(place)
    ? throughProduct(moved, place, bound, (x) => windowsOf(filled(x), whole, at))
    : select(inside, moved, constant(0, moved.dtype));
  const phases = sumOver(parted, [turn]);
  // Elements beyond the ends, of the last phases, are 0.
  const elements = {
    factors: new Map([
      [quotient, step],
      [phase, 1],
    ]),
    start: start + step * first,
  };
  const over = [quotient, phase];
  return make({ op: "scatterAdd", axis, over }, [phases, positionOf(elements)]);
}

/** The sum over axes, as one with a sum that it is of. */
function sumOver(x: Tensor, axes: readonly Axis[]): Tensor {
  return x.operation.op === "sum"
    ? sum(x.inputs[0], ...axes, ...x.operation.over)
    : sum(x, ...axes);
}

/** The values along `from` at an affine position along `to`, and zero elsewhere. */
function set(x: Tensor, from: Axis, at: AffinePosition, to: Axis): Tensor {
  if (x.op === "gather" && canSink(x, from)) {
    const [source, position] = x.inputs;
    return make(x.operation, [set(source, from, at, to), position]);
  }
  return make({ op: "scatterAdd", axis: to, over: [from] }, [x, positionOf(at)]);
}

/** The values at an affine position along an axis. */
function windowsOf(x: Tensor, along: Axis, at: AffinePosition): Tensor {
  if (x.op === "gather" && canSink(x, along)) {
    const [source, position] = x.inputs;
    return make(x.operation, [windowsOf(source, along, at), position]);
  }
  return make({ op: "gather", axis: along }, [x, positionOf(at)]);
}

/** Whether a gather takes elements at positions that do not depend on `along`, of what does. */
function canSink({ inputs: [source, position] }: Tensor, along: Axis): boolean {
  return source.has(along) && !position.has(along);
}

/** The adjoint of a scatter: the elements of `g` at the positions, also of each factor of a matrix product. */
export function gatherBack(g: Tensor, axis: Axis, position: Tensor): Tensor {
  const plain = (x: Tensor) => make({ op: "gather", axis }, [x, position]);
  const affine = affineWithin(position, axis);
  if (affine === undefined || g.op !== "sum") return plain(g);
  const along = [...affine.factors.keys()];
  return throughProduct(g, axis, along, (x) => elementsOf(x, axis, affine) ?? plain(x));
}

/** The elements of windows at an affine position: other windows. */
function elementsOf(x: Tensor, axis: Axis, at: AffinePosition): Tensor | undefined {
  if (x.operation.op !== "gather") return undefined;
  const [source, position] = x.inputs;
  if (!position.has(axis)) {
    const below = elementsOf(source, axis, at);
    return below && make(x.operation, [below, position]);
  }
  const own = affineOf(position);
  if (own === undefined || source.has(axis)) return undefined;
  return make(x.operation, [source, positionOf(substituted(own, new Map([[axis, at]])))]);
}

/**
 * `move` of `x`; in a sum of products of which one factor has the axis, of that factor. Not where the sum is over an axis
 * of the positions that `move` takes elements at, which would be bound inside.
 */
function throughProduct(
  x: Tensor,
  axis: Axis,
  positions: readonly Axis[],
  move: (x: Tensor) => Tensor,
): Tensor {
  if (x.operation.op !== "sum" || x.inputs[0].op !== "mul") return move(x);
  if (x.operation.over.some((a) => positions.includes(a))) return move(x);
  const factors = x.inputs[0].inputs;
  const holders = factors.filter((f) => f.has(axis));
  if (holders.length !== 1) return move(x);
  const [a, b] = factors.map((f) => (f.has(axis) ? move(f) : f));
  return sum(a.mul(b), ...x.operation.over);
}
