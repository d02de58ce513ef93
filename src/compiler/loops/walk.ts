/** Lowers stores that share a walk over their axes to one loop nest. */
import {
  type Axis,
  affineWithin,
  isInjective,
  type OperationOf,
  sizeOf,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Buffer } from "../buffer.ts";
import { givenAxes, lowerTriangle } from "../graph/linear.ts";
import type { Scalar } from "../scalar/language.ts";
import type { ScatterTarget, Store } from "../schedule/stores.ts";
import { chainLevel, inRegisters, inShortChains, most } from "./chains.ts";
import { type AxisIndex, ExpressionLowering } from "./expressions.ts";
import {
  type Address,
  type AffineTerm,
  CHAIN,
  type Combine,
  type Count,
  lanesOf,
  type Statement,
  type Target,
  type Variable,
} from "./loops.ts";
import { Nest, type NestLoop } from "./nest.ts";
import { type Layout, loopOrder, mergeLoops, type Order } from "./order.ts";
import {
  type Candidate,
  choosePartition,
  combineParts,
  fillOf,
  partialsOf,
  splitLoop,
} from "./partition.ts";

/** Axes whose loops stand outside the walk, wholly (a fixed counter) or in part (a block). */
export interface OuterLoops {
  /** The counters of loops outside, and what a walk along that axis starts from. */
  readonly outside: ReadonlyMap<Axis, readonly AffineTerm[]>;
  /** For blocked axes: how many elements are walked. */
  readonly rounds: ReadonlyMap<Axis, Count>;
  /** The parallel loop outside, if there is one: its counter, its rounds and the axis it cuts. */
  readonly parallel?: { readonly index: Variable; readonly tasks: number; readonly axis: Axis };
}

/** A nest with no loops outside it. */
export const NO_OUTER_LOOPS: OuterLoops = { outside: new Map(), rounds: new Map() };

/** The counters of a walk: one per axis that is walked. */
interface Walk {
  readonly loops: NestLoop[];
  readonly position: AxisIndex;
  readonly vector: Variable | undefined;
  readonly axisOf: Map<Variable, Axis>;
}

/** Prepares counters for `axes`; axes fixed from outside get none. */
function walkAlong(axes: readonly Axis[], vector: Axis | undefined, around: OuterLoops): Walk {
  const counters = new Map<Axis, Variable>();
  const loops: NestLoop[] = [];
  for (const a of axes) {
    const rounds = around.rounds.get(a);
    if (around.outside.has(a) && rounds === undefined) continue;
    const variable = { name: a.name };
    counters.set(a, variable);
    loops.push({ variable, to: rounds ?? a.size, step: 1, lanes: 1 });
  }
  const position = (a: Axis): AffineTerm[] => {
    const start = around.outside.get(a) ?? [];
    const variable = counters.get(a);
    if (variable === undefined && start.length === 0) throw new Error(`no loop along '${a.name}'`);
    return variable === undefined ? [...start] : [...start, { variable, factor: 1 }];
  };
  const axisOf = new Map([...counters].map(([a, v]) => [v, a]));
  return { loops, position, vector: vector && counters.get(vector), axisOf };
}

/** What is done at each point of a walk. */
export interface StoreAction {
  /** Computes the value. */
  readonly value: (body: ExpressionLowering) => Scalar;
  /** Computes where it goes. */
  readonly address: (body: ExpressionLowering) => Address;
  /** Axes summed (or maximised) over on the way to the address. */
  readonly over: readonly Axis[];
  /** How it is combined with what is there; replaced where undefined. */
  readonly combine: Combine | undefined;
  /** Whether places that no value goes to become 0. */
  readonly leavesGaps?: boolean;
}

/** What one loop nest computes: its iteration space, its loads and its stores. */
export interface WalkPlan {
  /** The axes looped over. */
  readonly space: readonly Axis[];
  /** The axis orders of the buffers written. */
  readonly writes: readonly Layout[];
  /** The axis orders of the buffers read. */
  readonly reads: readonly Layout[];
  /** The order of loops, where the caller knows better than the layouts tell. */
  readonly order?: Order;
  /** What is done at each point. */
  readonly actions: readonly StoreAction[];
  /** Where a value lies, if it is stored. */
  readonly bufferOf: (x: Tensor) => Buffer | undefined;
  /** Called first, to say where special values are read. */
  readonly prepare?: (body: ExpressionLowering, position: AxisIndex) => void;
}

/** What lowering one kind of group yields. */
export interface Lowered {
  /** The loop nest. */
  readonly statements: readonly Statement[];
  /** Buffers of its own. */
  readonly scratch: readonly Buffer[];
  /** Floating-point operations. */
  readonly flops: number;
}

/** Statements for before, in and after the loops (or the parallel loop) that a walk stands in. */
export interface LoweredNest {
  /** Done before the loops. */
  readonly before: readonly Statement[];
  /** The loops. */
  readonly statements: readonly Statement[];
  /** Done after the loops. */
  readonly after: readonly Statement[];
  /** Buffers of its own. */
  readonly scratch: readonly Buffer[];
  /** Operations at each point of the walk, for `explain`. */
  readonly operations: number;
}

/** Lowers a walk. With `mayCut` it is shared out in a parallel loop if the work is worth it. */
export function lowerWalk(
  plan: WalkPlan,
  around: OuterLoops,
  target: Target,
  mayCut = false,
): LoweredNest {
  const walked = plan.space.filter((a) => !around.outside.has(a) || around.rounds.has(a));
  const over = plan.actions.map((action) => action.over);
  const order = plan.order ?? loopOrder(walked, over, plan.writes, plan.reads);
  const walk = walkAlong(order.axes, order.vector, around);
  const body = new ExpressionLowering(walk.position, plan.bufferOf, walk.vector);
  plan.prepare?.(body, walk.position);
  const done = plan.actions.map((action) => ({
    action,
    value: action.value(body),
    address: action.address(body),
  }));
  const scalars = reachable(
    done.flatMap((d) => [d.value, ...d.address.positions.map((p) => p.position)]),
  );
  const operations = scalars.filter((s) => s.args.length > 0 && s.op !== "load").length;
  const wide = scalars.some((s) => s.type === "f64" || s.type === "i64" || s.type === "m64");
  const lanes = lanesOf(wide ? "f64" : "f32", target);
  const sums = ({ over }: StoreAction, loop: { readonly variable: Variable }): boolean =>
    over.includes(walk.axisOf.get(loop.variable) as Axis);
  const alike = (variable: Variable, other: Variable) =>
    plan.actions.every((a) => sums(a, { variable }) === sums(a, { variable: other }));
  const vectorised = walk.loops.map((loop) =>
    loop.variable === walk.vector ? { ...loop, step: lanes, lanes } : loop,
  );
  const addresses = [...body.loads, ...done.map((d) => d.address)];
  const merged = mergeLoops(vectorised, addresses, body.places, alike);
  const work = (operations + addresses.length) * sizeOf(walked);
  const cut = mayCut ? choosePartition(candidates(merged, done, sums), work, target) : undefined;
  const tasks = cut ? splitLoop(merged, cut, addresses, body.places) : merged;
  const chain = target.chain ?? CHAIN;
  const counters = { addresses, places: body.places, axisOf: walk.axisOf };
  const roundedSums = done
    .filter(({ action, value }) => isRounded(action, value))
    .map(
      ({ action }) =>
        (loop: NestLoop) =>
          sums(action, loop),
    );
  const near =
    roundedSums.length === done.length
      ? inRegisters(tasks, roundedSums, chain, scalars, counters)
      : tasks;
  const loops = inShortChains(near, roundedSums, chain, counters);
  const parallel = cut ?? around.parallel;
  const isCut = (action: StoreAction) =>
    cut ? sums(action, cut.loop) : around.parallel && action.over.includes(around.parallel.axis);

  const nest = new Nest(loops);
  const before: Statement[] = [];
  const first: Statement[] = [];
  const after: Statement[] = [];
  const scratch: Buffer[] = [];
  for (const { action, value, address } of done) {
    const { combine } = action;
    if (combine === undefined) {
      if (action.leavesGaps) before.push(fillOf(address.buffer, "sum"));
      nest.store(address, value);
      continue;
    }
    const again = action.over.some(
      (a) => around.outside.has(a) && !(isCut(action) && a === around.parallel?.axis),
    );
    const summed = loops.map((loop) => sums(action, loop));
    const level = address.positions.length > 0 ? loops.length : summed.lastIndexOf(false) + 1;
    const inMemory = level === loops.length || again || summed.slice(0, level).includes(true);
    const collected = loops.slice(level).reduce((n, loop) => n * most(loop.to), 1);
    const terms = address.positions.length > 0 ? sizeOf(plan.space) : sizeOf(action.over);
    const wide = inMemory && isRounded(action, value) && terms / collected > chain;
    const perTask = isCut(action) ? parallel : undefined;
    const dtype = wide ? "float64" : address.buffer.dtype;
    const part = perTask || wide ? partialsOf(address, dtype, perTask) : undefined;
    const into = part?.address ?? address;
    if (inMemory) {
      const fills = perTask === undefined ? before : first;
      fills.push(fillOf(into.buffer, combine, part?.at));
    }
    const kept = inMemory ? combine : undefined;
    if (level === loops.length) nest.store(into, value, kept);
    else {
      const levels = isRounded(action, value) ? [chainLevel(loops, level, chain), level] : [level];
      const result = collect(nest, loops, levels, value, combine, body.builder);
      nest.storeAt(level, into, result, kept);
    }
    if (part === undefined) continue;
    after.push(...combineParts(part.partials, address.buffer, combine, value.type, target));
    scratch.push(part.partials);
  }
  const inner = [...first, ...nest.statements()];
  const statements: Statement[] = cut
    ? [{ kind: "parallel", variable: cut.index, to: cut.tasks, body: inner }]
    : inner;
  return { before, statements, after, scratch, operations };
}

/** What may be cut: nothing where tasks could write to one place without knowing it. */
function candidates(
  loops: readonly NestLoop[],
  done: readonly { readonly action: StoreAction; readonly address: Address }[],
  sums: (action: StoreAction, loop: NestLoop) => boolean,
): Candidate[] {
  return loops.flatMap((loop) => {
    const summing = done.filter(({ action }) => sums(action, loop));
    if (summing.some(({ address }) => address.positions.length > 0)) return [];
    const partials = summing.reduce((n, { address }) => n + address.buffer.length, 0);
    return [{ loop, kept: summing.length === 0, partials }];
  });
}

/** Whether the results of an action depend on how float32 numbers are added up. */
function isRounded({ combine }: StoreAction, { type }: Scalar): boolean {
  return combine === "sum" && type === "f32";
}

/** Collects a value in registers: over the loops from the first of `levels` on, and so on outwards. */
function collect(
  nest: Nest,
  loops: readonly NestLoop[],
  levels: readonly number[],
  value: Scalar,
  combine: Combine,
  builder: ExpressionLowering["builder"],
): Scalar {
  let from = loops.length;
  return levels.reduce((x, level) => {
    if (level === from) return x;
    const wide = from < loops.length;
    const lanes = wide ? 1 : Math.max(...loops.slice(level).map((loop) => loop.lanes));
    const accumulator = { type: value.type, combine, lanes, wide };
    const result = builder.leaf("reduced", value.type, accumulator);
    nest.collect(level, from, x, accumulator, result);
    from = level;
    return result;
  }, value);
}

function reachable(roots: readonly Scalar[]): Scalar[] {
  const seen = new Set<Scalar>(roots);
  for (const s of seen) for (const arg of s.args) seen.add(arg);
  return [...seen];
}

/** What a store does at each point of its walk. */
export function storeActionOf(store: Store): StoreAction {
  const { target, kind, node } = store;
  switch (kind) {
    case "map":
    case "product":
      return {
        value: (body) => body.number(node),
        address: (body) => body.addressIn(target),
        over: [],
        combine: undefined,
      };
    case "put": {
      const { axis, position, within } = store.place as ScatterTarget;
      const address = (body: ExpressionLowering) =>
        body.addressAt(target, axis, body.number(position));
      return {
        value: (body) =>
          within
            ? body.number(node)
            : body.ifWithin(axis, body.number(position), body.number(node), address(body)),
        address,
        over: [],
        combine: undefined,
      };
    }
    case "sum":
    case "max":
      return {
        value: (body) => body.number(store.body[0]),
        address: (body) => body.addressIn(target),
        over: withoutAxes(store.iterationSpace, node.axes),
        combine: kind,
      };
    case "scatterAdd": {
      const [values, position] = store.body;
      const { axis, over } = node.operation as OperationOf<"scatterAdd">;
      const affine = affineWithin(position, axis);
      if (affine !== undefined && isInjective(affine, over)) {
        // Each value has a place of its own.
        return {
          value: (body) => body.number(values),
          address: (body) => body.addressMoved(target, axis, affine),
          over: [],
          combine: undefined,
          leavesGaps: sizeOf(over) < axis.size,
        };
      }
      return {
        value: (body) => body.number(values),
        address: (body) => body.addressAt(target, axis, body.number(position)),
        over,
        combine: "sum",
      };
    }
    case "cholesky":
      return {
        value: (body) => body.number(lowerTriangle(node)),
        address: (body) => body.addressIn(target),
        over: [],
        combine: undefined,
      };
    case "choleskyAdjoint":
    case "triangularSolve":
      return {
        value: (body) => body.number(store.body[1]),
        address: (body) => body.addressIn(target, givenAxes(node, target.order)),
        over: [],
        combine: undefined,
      };
    case "scan":
      throw new Error("a scan is lowered as the kernels of its turns");
  }
}
