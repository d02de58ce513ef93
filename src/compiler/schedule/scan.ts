/** How a scan is done: what is set before the first turn, each turn, and what is taken after the last. */
import {
  type Axis,
  bodyOf,
  cast,
  constant,
  input,
  max,
  type OperationOf,
  substitute,
  type Tensor,
} from "../../tensor/internal.ts";
import { type Buffer, buffer } from "../buffer.ts";
import { simplifyRoots } from "./simplifyRoots.ts";
import type { ProgramRoots, Store, WorkGraph } from "./stores.ts";

/** The three schedules of a scan: before its first turn, of a turn, and after the last. */
export interface ScanPlan<Schedule> {
  /** The axis of the turns. */
  readonly axis: Axis;
  /** Before the first turn. */
  readonly before: Schedule;
  /** One turn. */
  readonly body: Schedule;
  /** After the last turn. */
  readonly after: Schedule;
  /** Of a loop that may end before the last turn: what is not 0 once it has. */
  readonly until: Buffer | undefined;
  /** Buffers that the body shares with what is outside, or with its other turns. */
  readonly outside: ReadonlySet<Buffer>;
}

const operationOf = ({ node }: Store) => node.operation as OperationOf<"scan">;

/** Whether two stores take values of one scan. */
export function isSameScan(a: Store, b: Store): boolean {
  if (a.kind !== "scan" || b.kind !== "scan") return false;
  const same = a.node.inputs.every((x, i) => x === b.node.inputs[i]);
  return same && bodyOf(operationOf(a)).loop === bodyOf(operationOf(b)).loop;
}

/** Plans a scan of which `stores` take values. */
export function planScan<Schedule extends Pick<WorkGraph, "lasting">>(
  stores: readonly Store[],
  buffers: ReadonlyMap<Tensor, Buffer>,
  schedule: (roots: ProgramRoots, given: ReadonlyMap<Tensor, Buffer>) => Schedule,
): ScanPlan<Schedule> {
  const { loop } = bodyOf(operationOf(stores[0]));
  const { axis, reverse, turn, carries, next, free, until } = loop;
  const given = new Map<Tensor, Buffer>();
  const known = new Map<Buffer, Tensor>();
  const source = (b: Buffer): Tensor => {
    const x = known.get(b) ?? input(`shared ${known.size}`, b.order, b.dtype);
    known.set(b, x);
    given.set(x, b);
    return x;
  };
  const position = source(buffer(`turn along ${axis.name}`, "temporary", "int32", []));
  const carried = carries.map((c) =>
    source(buffer(`carried along ${axis.name}`, "temporary", c.dtype, c.axes)),
  );
  const inputs = stores[0].node.inputs.map((x) =>
    x.op === "constant" ? x : source(buffers.get(x) as Buffer),
  );
  const here = new Map<Tensor, Tensor>([[turn, position]]);
  for (const [k, c] of carries.entries()) here.set(c, carried[k]);
  for (const [i, f] of free.entries()) here.set(f, inputs[carries.length + i]);

  const stacks = stores.filter((store) => operationOf(store).last === undefined);
  const finals = stores.filter((store) => operationOf(store).last !== undefined);
  const after = substitute(next, here);
  const values = substitute(
    stacks.map((store) => bodyOf(operationOf(store)).value),
    here,
  );
  const planned = (roots: ProgramRoots) => schedule(simplifyRoots(roots), given);
  const updates = (pairs: readonly (readonly [Tensor, Tensor])[]): ProgramRoots => ({
    outputs: [],
    updates: pairs.map(([to, value]) => ({ input: to, value })),
  });
  const ended =
    until === undefined ? undefined : buffer(`${axis.name} ended`, "temporary", "int32", []);
  const end: (readonly [Tensor, Tensor])[] =
    ended === undefined
      ? []
      : [[source(ended), cast(max(cast(after[until as number].eq(0), "int32")).eq(0), "int32")]];
  const first = constant(reverse ? axis.size - 1 : 0, "int32");
  const body = planned({
    ...updates([
      [position, position.add(reverse ? -1 : 1)],
      ...carried.map((c, k) => [c, after[k]] as const),
      ...end,
    ]),
    puts: stacks.map(({ target }, i) => {
      return { target, axis, position, value: values[i], within: true };
    }),
  });
  const targets = stacks.map(({ target }) => target);
  return {
    axis,
    before: planned(
      updates([[position, first], ...carried.map((c, k) => [c, inputs[k]] as const)]),
    ),
    body,
    until: ended,
    after: planned(
      updates(
        finals.map((store) => [source(store.target), carried[operationOf(store).last as number]]),
      ),
    ),
    outside: new Set([...given.values(), ...targets, ...body.lasting]),
  };
}
