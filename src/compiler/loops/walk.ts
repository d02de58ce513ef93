/** Lowers items that share a walk over their axes to one loop nest. */
import { type Axis, type Tensor, withoutAxes } from "../../tensor/index.ts";
import type { Buffer } from "../buffer.ts";
import type { Item } from "../schedule/items.ts";
import { Body, laneType, type Position } from "./body.ts";
import {
  type Address,
  type Combine,
  type Count,
  neutral,
  type Statement,
  type Target,
  type Term,
  type Variable,
} from "./loops.ts";
import { type Loop, Nest } from "./nest.ts";
import { type Layout, loopOrder, mergeLoops, type Order } from "./order.ts";
import type { Scalar } from "./scalar.ts";

/** Axes whose loops stand outside the walk, wholly (a fixed counter) or in part (a block). */
export interface Surroundings {
  /** The counters of loops outside, and what a walk along that axis starts from. */
  readonly outside: ReadonlyMap<Axis, readonly Term[]>;
  /** For blocked axes: how many elements are walked. */
  readonly rounds: ReadonlyMap<Axis, Count>;
}

export const NOWHERE: Surroundings = { outside: new Map(), rounds: new Map() };

/** The counters of a walk: one per axis that is walked. */
interface Walk {
  readonly loops: Loop[];
  readonly position: Position;
  readonly vector: Variable | undefined;
  readonly axisOf: ReadonlyMap<Variable, Axis>;
}

/** Prepares counters for `axes`; axes fixed from outside get none. */
function walkAlong(axes: readonly Axis[], vector: Axis | undefined, around: Surroundings): Walk {
  const counters = new Map<Axis, Variable>();
  const loops: Loop[] = [];
  for (const a of axes) {
    const rounds = around.rounds.get(a);
    if (around.outside.has(a) && rounds === undefined) continue;
    const variable = { name: a.name };
    counters.set(a, variable);
    loops.push({ variable, to: rounds ?? a.size, step: 1, lanes: 1 });
  }
  const position = (a: Axis): Term[] => {
    const start = around.outside.get(a) ?? [];
    const variable = counters.get(a);
    if (variable === undefined && start.length === 0) throw new Error(`no loop along '${a.name}'`);
    return variable === undefined ? [...start] : [...start, { variable, factor: 1 }];
  };
  const axisOf = new Map([...counters].map(([a, v]) => [v, a]));
  return { loops, position, vector: vector && counters.get(vector), axisOf };
}

/** What is done at each point of a walk. */
export interface Action {
  readonly value: (body: Body) => Scalar;
  readonly address: (body: Body) => Address;
  /** Axes summed (or maximised) over on the way to the address. */
  readonly over: readonly Axis[];
  readonly combine: Combine | undefined;
}

export interface WalkPlan {
  readonly space: readonly Axis[];
  readonly writes: readonly Layout[];
  readonly reads: readonly Layout[];
  /** The order of loops, where the caller knows better than the layouts tell. */
  readonly order?: Order;
  readonly actions: readonly Action[];
  readonly bufferOf: (x: Tensor) => Buffer | undefined;
  /** Called first, to say where special values are read. */
  readonly prepare?: (body: Body, position: Position) => void;
}

/** What lowering one kind of group yields. */
export interface Lowered {
  readonly statements: readonly Statement[];
  readonly scratch: readonly Buffer[];
  readonly flops: number;
}

/** Lowers a walk; also counts the operations done at each point, for `explain`. */
export function lowerWalk(
  plan: WalkPlan,
  around: Surroundings,
  target: Target,
): { statements: Statement[]; operations: number } {
  const walked = plan.space.filter((a) => !around.outside.has(a) || around.rounds.has(a));
  const over = plan.actions.map((action) => action.over);
  const order = plan.order ?? loopOrder(walked, over, plan.writes, plan.reads);
  const walk = walkAlong(order.axes, order.vector, around);
  const body = new Body(walk.position, plan.bufferOf, walk.vector);
  plan.prepare?.(body, walk.position);
  const done = plan.actions.map((action) => ({
    action,
    value: action.value(body),
    address: action.address(body),
  }));
  const scalars = reachable(
    done.flatMap((d) => [d.value, ...d.address.positions.map((p) => p.position)]),
  );
  const wide = scalars.some((s) => s.type === "f64" || s.type === "i64" || s.type === "m64");
  const lanes = target.vectorBytes / (wide ? 8 : 4);
  const alike = (v: Variable, w: Variable) =>
    plan.actions.every(
      ({ over }) =>
        over.includes(walk.axisOf.get(v) as Axis) === over.includes(walk.axisOf.get(w) as Axis),
    );
  const vectorised = walk.loops.map((loop) =>
    loop.variable === walk.vector ? { ...loop, step: lanes, lanes } : loop,
  );
  const addresses = [...body.loads, ...done.map((d) => d.address)];
  const loops = mergeLoops(vectorised, addresses, body.places, alike);
  const nest = new Nest(loops);
  for (const step of done) {
    const { over } = step.action;
    const summed = loops.map((loop) => over.includes(walk.axisOf.get(loop.variable) as Axis));
    const outside = over.some((a) => around.outside.has(a));
    const { combine } = step.action;
    if (combine === undefined || step.address.positions.length > 0) {
      nest.store(step.address, step.value, combine);
    } else reduce(nest, loops, summed, outside, { ...step, combine }, body.builder);
  }
  const operations = scalars.filter((s) => s.args.length > 0 && s.op !== "load").length;
  return { statements: nest.statements(), operations };
}

/**
 * Adds a reduction to the nest: a register collects over the innermost summed loops; where loops
 * further out (`summed`, or `outside` the walk) are summed over too, results are combined in memory.
 */
function reduce(
  nest: Nest,
  loops: readonly Loop[],
  summed: readonly boolean[],
  outside: boolean,
  { address, value, combine }: { address: Address; value: Scalar; combine: Combine },
  builder: Body["builder"],
): void {
  const level = summed.lastIndexOf(false) + 1;
  const again = outside || summed.slice(0, level).includes(true) ? combine : undefined;
  if (level === loops.length) {
    nest.store(address, value, again);
    return;
  }
  const lanes = Math.max(...loops.slice(level).map((loop) => loop.lanes));
  const accumulator = { type: value.type, combine, lanes };
  const result = builder.leaf("reduced", value.type, accumulator);
  nest.reduce(level, address, value, accumulator, result, again);
}

/** Fills for the buffers in which results are combined. */
export function fillsFor(statements: readonly Statement[]): Statement[] {
  const fills = new Map<Buffer, Statement>();
  const visit = (s: Statement) => {
    if (s.kind === "store" && s.combine !== undefined) {
      const { buffer } = s.address;
      fills.set(buffer, {
        kind: "fill",
        buffer,
        value: neutral(s.combine, laneType(buffer.dtype)),
      });
    }
    if (s.kind === "loop") s.body.forEach(visit);
  };
  statements.forEach(visit);
  return [...fills.values()];
}

function reachable(roots: readonly Scalar[]): Scalar[] {
  const seen = new Set<Scalar>(roots);
  for (const s of seen) for (const arg of s.args) seen.add(arg);
  return [...seen];
}

/** What an item does at each point of its walk. */
export function actionOf(item: Item): Action {
  const { target } = item;
  if (item.kind === "scatterAdd") {
    const [values, position] = item.body;
    const { operation } = item.node;
    if (operation.op !== "scatterAdd") throw new Error("a scatter item needs a scatter node");
    return {
      value: (body) => body.number(values),
      address: (body) => body.addressAt(target, operation.axis, body.number(position)),
      over: operation.over,
      combine: "sum",
    };
  }
  const reduces = item.kind === "sum" || item.kind === "max";
  const value = reduces ? item.body[0] : item.node;
  return {
    value: (body) => body.number(value),
    address: (body) => body.addressIn(target),
    over: reduces ? withoutAxes(item.space, item.node.axes) : [],
    combine: reduces ? (item.kind as Combine) : undefined,
  };
}
