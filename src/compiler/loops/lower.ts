/** Lowers groups of work to kernels. */
import { sizeOf, type Tensor } from "../../tensor/index.ts";
import { type Buffer, byteLength } from "../buffer.ts";
import { givenAxes, isLinear } from "../graph/linear.ts";
import type { ScanPlan } from "../schedule/scan.ts";
import type { FusionGroup, Schedule } from "../schedule/schedule.ts";
import type { Store } from "../schedule/stores.ts";
import { summarise } from "../schedule/summary.ts";
import { lowerLinear } from "./linear/lower.ts";
import type { Kernel, Target } from "./loops.ts";
import { lowerProduct } from "./product/lower.ts";
import { Operands } from "./product/operands.ts";
import { type Lowered, lowerWalk, NO_OUTER_LOOPS, storeActionOf, type WalkPlan } from "./walk.ts";

/** The kernels of a schedule, in running order, the prologue first. */
export function lower(schedule: Schedule, target: Target): Kernel[] {
  const kernels = lowerAll(schedule, target);
  const first = kernels.filter((k) => k.prologue).length;
  return kernels.map((kernel, i) => ({
    ...kernel,
    name: kernel.prologue ? `p${i}` : `k${i - first}`,
  }));
}

function lowerAll(schedule: Schedule, target: Target): Kernel[] {
  const ofGroups = (groups: readonly FusionGroup[]) => lowerGroups(groups, schedule, target);
  const once = ofGroups(schedule.groups.filter((g) => g.invariant));
  return [
    ...once.map((kernel) => ({ ...kernel, prologue: true })),
    ...ofGroups(schedule.groups.filter((g) => !g.invariant)),
  ];
}

/** Kernels of one part of a schedule, whose panels no other part reads. */
function lowerGroups(groups: readonly FusionGroup[], schedule: Schedule, target: Target): Kernel[] {
  const products = groups.flatMap(({ product }) => product?.product ?? []);
  const operands = new Operands(schedule.buffers, products);
  return groups.flatMap((group) => {
    const scan = schedule.scans.get(group);
    return scan === undefined
      ? lowerGroup(group, operands, schedule, target)
      : lowerScan(scan, target);
  });
}

/**
 * The kernels of a turn are repeated, those of its prologue come before; memory and order are their business,
 * not those of loops.
 */
function lowerScan(
  { axis, before, body, after, outside, until }: ScanPlan<Schedule>,
  target: Target,
): Kernel[] {
  const repeat = { turns: axis.size, until, outside };
  const kernels = lowerAll(body, target);
  const once = kernels.filter((kernel) => kernel.prologue);
  const turns = kernels.filter((kernel) => !kernel.prologue);
  const repeated = turns.map((kernel) => ({
    ...kernel,
    repeats: [repeat, ...kernel.repeats],
    axes: `${axis}${kernel.axes === "" ? "" : `; ${kernel.axes}`}`,
    cost: {
      flops: kernel.cost.flops * axis.size,
      bytes: kernel.cost.bytes * axis.size,
    },
  }));
  const all = [...lowerAll(before, target), ...once, ...repeated, ...lowerAll(after, target)];
  return all.map((kernel) => ({ ...kernel, prologue: false }));
}

function lowerGroup(
  group: FusionGroup,
  operands: Operands,
  schedule: Schedule,
  target: Target,
): Kernel {
  const written = group.stores.filter((store) => !isRegisterOnly(store, schedule));
  const reads = readsOf(group, schedule);
  const writes = written.map((store) => store.target);
  const plan = walkPlan(group, written, reads, schedule);
  const [head] = group.stores;
  const { statements, scratch, flops } =
    group.product === undefined
      ? inPlace(head, plain(plan, target), schedule, target)
      : lowerProduct(group.product, plan, operands, schedule, target, group.stores.length === 1);
  const touched = new Map(written.map((store) => [store.target, bytesWritten(store)]));
  for (const b of reads) touched.set(b, byteLength(b));
  const bytes = [...touched.values()].reduce((n, size) => n + size, 0);
  return {
    name: "",
    prologue: false,
    repeats: [],
    summary: summarise(group.stores, (store) => written.includes(store)),
    axes: plan.space.map(String).join(", "),
    body: statements,
    reads,
    writes,
    scratch,
    cost: { flops, bytes },
  };
}

function plain(plan: WalkPlan, target: Target): Lowered {
  const walked = lowerWalk(plan, NO_OUTER_LOOPS, target, true);
  const { before, statements, after, scratch } = walked;
  const flops = walked.operations * sizeOf(plan.space);
  return { statements: [...before, ...statements, ...after], scratch, flops };
}

/** Of a put only the elements at its position. */
function bytesWritten({ target, place }: Store): number {
  return byteLength(target) / (place?.axis.size ?? 1);
}

/** With what is done where an operand of linear algebra has been written. */
function inPlace(head: Store, filled: Lowered, schedule: Schedule, target: Target): Lowered {
  if (!head.computes || !isLinear(head.node)) return filled;
  const [matrix] = head.node.inputs;
  const { statements, flops } = lowerLinear(
    head.node,
    head.target,
    schedule.buffers.get(matrix),
    target,
  );
  return {
    statements: [...filled.statements, ...statements],
    scratch: filled.scratch,
    flops: filled.flops + flops,
  };
}

function isRegisterOnly(store: Store, schedule: Schedule): boolean {
  return store.computes && schedule.registerOnly.has(store.node);
}

/** Buffers a group reads from memory: not what it computes at the same place. */
function readsOf(group: FusionGroup, schedule: Schedule): Buffer[] {
  const here = new Set(group.stores.filter((store) => store.computes).map((store) => store.node));
  const nodes = new Set(group.stores.flatMap((store) => [...store.reads]));
  return [...nodes].filter((x) => !here.has(x)).map((x) => schedule.buffers.get(x) as Buffer);
}

function walkPlan(
  group: FusionGroup,
  written: readonly Store[],
  reads: readonly Buffer[],
  schedule: Schedule,
): WalkPlan {
  const inline = new Set(
    group.stores.filter((i) => i.kind === "map" && i.computes).map((i) => i.node),
  );
  return {
    space: group.iterationSpace,
    writes: written.map(({ node, computes, target: { order } }) =>
      computes ? givenAxes(node, order) : order,
    ),
    reads: reads.map((b) => b.order),
    actions: written.map(storeActionOf),
    bufferOf: (x: Tensor) => (inline.has(x) ? undefined : schedule.buffers.get(x)),
  };
}
