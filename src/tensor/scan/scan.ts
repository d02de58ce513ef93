/** Loops along an axis: chains, filters, steps of a sampler, without unrolling. */
import {
  AXIS,
  checkArguments,
  FLAG,
  FUNCTION,
  optional,
  optionsWith,
  recordOf,
  TENSOR,
  TEXT,
} from "../arguments/kinds.ts";
import { type Axis, describeAxes, unionAxes, withoutAxes } from "../axis.ts";
import { SurmiseError } from "../errors.ts";
import { gatherClamped } from "../known/gather.ts";
import { overflowOfCarry } from "../known/intervals.ts";

import type { Tensor } from "../tensor.ts";
import { carry, everyTurn, freeIn, lastTurn, type ScanLoop } from "./loop.ts";

type Named = Readonly<Record<string, Tensor>>;

/** Where a turn stands. */
export interface Turn {
  /** The position along the axis: an int32 scalar. */
  readonly position: Tensor;
  /** The element of `x` at this turn's position along the axis. */
  at(x: Tensor): Tensor;
}

/** What a `scan` gives. */
export interface Scanned<C extends Named, O extends Named> {
  /** The carries after the last turn. */
  readonly last: C;
  /** The outputs of all turns, each with the axis in addition. */
  readonly outputs: O;
}

/** Axes of carries may grow from turn to turn no more often than this. */
const MOST_GROWTH = 8;

/**
 * Goes along `axis` turn by turn, from its start or, with `reverse`, from its end: `body` takes the
 * carries, which are `init` at first, and returns the next ones and outputs. A program contains the body
 * once, however long the axis is. The reverse-mode derivative goes back along the axis, from the
 * carries of each turn, which are kept, and computes the body again.
 *
 * With `until`, the name of an int32 carry, it ends after the first turn that leaves this other than 0 in all elements;
 * the size of the axis is the most turns. Turns after the first at which an element of the carry is not 0 should leave
 * what belongs to it as it is. Such a loop has no outputs, and no derivative: what is made of it gets its own.
 *
 * @throws SurmiseError if a carry changes its type or its name, varies over the axis, or is int32 and can be
 * seen to go beyond it; or if a loop with `until` has outputs or no such carry.
 */
export function scan<C extends Named, O extends Named>(
  axis: Axis,
  init: C,
  body: (carries: C, turn: Turn) => { readonly carries: C; readonly outputs?: O },
  options: { readonly reverse?: boolean; readonly until?: keyof C & string } = {},
): Scanned<C, O> {
  checkArguments("scan", { axis }, AXIS);
  checkArguments("scan", { init }, recordOf(TENSOR));
  checkArguments("scan", { body }, FUNCTION);
  checkArguments(
    "scan",
    { options },
    optionsWith<typeof options>({ reverse: optional(FLAG), until: optional(TEXT) }),
  );
  const names = Object.keys(init);
  const { reverse = false, until } = options;
  const position = carry([], "int32");
  const turn: Turn = { position, at: (x) => gatherClamped(x, axis, position) };
  let axes = names.map((name) => init[name].axes);
  for (let attempt = 0; attempt < MOST_GROWTH; attempt++) {
    const leaves = names.map((name, i) => carry(axes[i], init[name].dtype));
    const made = body(record(names, leaves) as C, turn);
    check(axis, init, made);
    const next = names.map((name) => made.carries[name]);
    const grown = next.map((x, i) => unionAxes(axes[i], x.axes));
    if (grown.some((list, i) => list.length > axes[i].length)) {
      axes = grown;
      continue;
    }
    names.forEach((name, i) => {
      checkRange(`scan along '${axis.name}': the carry '${name}'`, init[name], leaves[i], next[i], {
        position,
        turns: axis.size,
      });
    });
    const outputs = Object.entries(made.outputs ?? {});
    const roots = [...next, ...outputs.map(([, x]) => x)];
    const free = freeIn(roots, [position, ...leaves]);
    const loop: ScanLoop = {
      axis,
      reverse,
      turn: position,
      carries: leaves,
      next,
      free,
      until: until === undefined ? undefined : checkUntil(axis, init, until, outputs.length),
    };
    const inputs = [...names.map((name) => init[name]), ...free];
    return {
      last: record(
        names,
        next.map((_, k) => lastTurn(loop, k, inputs)),
      ) as C,
      outputs: Object.fromEntries(
        outputs.map(([name, x]) => [name, everyTurn(loop, x, inputs)]),
      ) as unknown as O,
    };
  }
  throw new SurmiseError(
    `scan along '${axis.name}': the carries get new axes in every turn; sum over them in the body`,
  );
}

/** The number of the carry at which a loop ends. */
function checkUntil(axis: Axis, init: Named, until: string, outputs: number): number {
  if (init[until]?.dtype !== "int32" || outputs > 0) {
    const what = outputs > 0 ? "has no outputs" : `needs an int32 carry '${until}'`;
    throw new SurmiseError(`scan along '${axis.name}': a loop with until ${what}`);
  }
  return Object.keys(init).indexOf(until);
}

/** What is added up in int32 must be seen to stay in it, or not to be known before it runs. */
function checkRange(
  what: string,
  init: Tensor,
  carry: Tensor,
  next: Tensor,
  turn: { readonly position: Tensor; readonly turns: number },
): void {
  if (init.dtype !== "int32") return;
  const beyond = overflowOfCarry(init, carry, next, turn);
  if (beyond === undefined) return;
  throw new SurmiseError(
    `${what} is int32 and may become ${beyond} in ${turn.turns} turns, beyond the type: carry float64`,
  );
}

function record(names: readonly string[], values: readonly Tensor[]): Named {
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

function check(axis: Axis, init: Named, made: { carries: Named; outputs?: Named }): void {
  const where = `scan along '${axis.name}'`;
  for (const [name, first] of Object.entries(init)) {
    const next = made.carries[name];
    if (next === undefined) {
      throw new SurmiseError(`${where}: the body returns no carry '${name}'`);
    }
    if (next.dtype !== first.dtype) {
      throw new SurmiseError(
        `${where}: the carry '${name}' is ${first.dtype} at first and ${next.dtype} after a turn; cast it`,
      );
    }
  }
  const all = [init, made.carries, made.outputs ?? {}].flatMap((x) => Object.entries(x));
  for (const [name, x] of all) {
    if (!x.has(axis)) continue;
    const rest = describeAxes(withoutAxes(x.axes, [axis]));
    throw new SurmiseError(
      `${where}: '${name}' varies over '${axis.name}' itself; take its element of each turn with ` +
        `turn.at(...), which has axes ${rest}`,
    );
  }
}
