import { shown, wholeNumber } from "./arguments/numbers.ts";
import { SurmiseError } from "./errors.ts";

const LARGEST = 2 ** 31 - 1;

/**
 * A named axis. Two axes are the same only if they are the same object; a tensor is a function of
 * its set of axes, so there are no positions, no transposes and no reshapes.
 */
export class Axis {
  /** What messages and results call it; need not be unique, but two axes of one name cannot meet. */
  readonly name: string;
  /** Number of elements, from 1 to 2^31 - 1, so that positions are int32. */
  readonly size: number;
  /** One label per element, or undefined. Labels flow into every result. */
  readonly labels: readonly string[] | undefined;

  constructor(name: string, size: number, labels?: readonly (string | number)[]) {
    if (name === "") throw new SurmiseError("an axis needs a name");
    if (typeof name !== "string") {
      throw new SurmiseError(`the name of an axis must be a text, not ${shown(name)}`);
    }
    wholeNumber(`axis '${name}': the size`, size, { least: 1, most: LARGEST });
    if (labels && !(Array.isArray(labels) && labels.every(isLabel))) {
      throw new SurmiseError(
        `axis '${name}': labels must be a list of texts or numbers, not ${shown(labels)}`,
      );
    }
    const texts = labels?.map(String);
    if (texts && texts.length !== size) {
      throw new SurmiseError(`axis '${name}' has size ${size} but ${texts.length} labels`);
    }
    if (texts && new Set(texts).size !== size) {
      throw new SurmiseError(`axis '${name}': labels must differ from one another`);
    }
    this.name = name;
    this.size = size;
    this.labels = texts;
  }

  /** Such as `row: 3`, as in messages. */
  toString(): string {
    return `${this.name}: ${this.size}`;
  }
}

const isLabel = (x: unknown) => typeof x === "string" || Number.isFinite(x);

/** A new axis of `size` elements, with one label per element if `labels` is given: texts, or numbers such as years. */
export function axis(name: string, size: number, labels?: readonly (string | number)[]): Axis {
  return new Axis(name, size, labels);
}

/** `{user: 300, film: 5}`: how axes are printed in every message. */
export function describeAxes(axes: readonly Axis[]): string {
  return `{${axes.map(String).join(", ")}}`;
}

/** Number of elements of a tensor over `axes`. */
export function sizeOf(axes: readonly Axis[]): number {
  if (!Array.isArray(axes) || !axes.every((a) => a instanceof Axis)) {
    throw new SurmiseError(`sizeOf: axes must be a list of axes, not ${shown(axes)}`);
  }
  return axes.reduce((product, a) => product * a.size, 1);
}

/**
 * The union of axes, in order of first appearance.
 *
 * @throws SurmiseError if two different axes share one name.
 */
export function unionAxes(...sets: readonly (readonly Axis[])[]): readonly Axis[] {
  const first = sets[0] ?? [];
  if (sets.every((s) => s === first || s.length === 0)) return first;
  const byName = new Map<string, Axis>();
  for (const set of sets) {
    for (const a of set) {
      const known = byName.get(a.name);
      if (known === undefined) byName.set(a.name, a);
      else if (known !== a) {
        throw new SurmiseError(
          `two different axes are both named '${a.name}' (sizes ${known.size} and ${a.size}) and ` +
            `meet in one expression with axes ${sets.map(describeAxes).join(" and ")}: ` +
            "make the axis once and use that object in both places, or rename one of them" +
            (known.size === a.size
              ? "; one made inside of a model is made anew each time it runs"
              : ""),
        );
      }
    }
  }
  return [...byName.values()];
}

/** The axes of `axes` that are not in `removed`, in order. */
export function withoutAxes(axes: readonly Axis[], removed: readonly Axis[]): readonly Axis[] {
  return axes.filter((a) => !removed.includes(a));
}

/** Whether both lists hold the same set of axes. */
export function sameAxes(a: readonly Axis[], b: readonly Axis[]): boolean {
  return a.length === b.length && a.every((x) => b.includes(x));
}

/** The position along each axis of the element at a row-major place. */
export function positionsAt(axes: readonly Pick<Axis, "size">[], at: number): number[] {
  let rest = at;
  return axes
    .toReversed()
    .map(({ size }) => {
      const position = rest % size;
      rest = (rest - position) / size;
      return position;
    })
    .reverse();
}

/** The row-major place over `some` axes of the element at a row-major place over all `axes`. */
export function placeAmong(some: readonly Axis[], axes: readonly Axis[], at: number): number {
  const positions = positionsAt(axes, at);
  return some.reduce((place, a) => place * a.size + positions[axes.indexOf(a)], 0);
}

/** The label along each axis, or the position where it has none, of the element at a row-major place. */
export function labelsAt(axes: readonly Axis[], at: number): string[] {
  return positionsAt(axes, at).map((position, k) => axes[k].labels?.[position] ?? `${position}`);
}

/** The element at a row-major place, for people: `user '7', film '12'`; places are counted from 1: `row 3`. */
export function describePlace(axes: readonly Axis[], at: number): string {
  const labels = labelsAt(axes, at);
  return axes
    .map((a, k) =>
      a.labels === undefined ? `${a.name} ${Number(labels[k]) + 1}` : `${a.name} '${labels[k]}'`,
    )
    .join(", ");
}

/** An axis for each axis, made once: the same object at each call. */
export function oncePerAxis(make: (a: Axis) => Axis): (a: Axis) => Axis {
  const made = new WeakMap<Axis, Axis>();
  return (a) => {
    const known = made.get(a) ?? make(a);
    made.set(a, known);
    return known;
  };
}
