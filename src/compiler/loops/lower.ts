/** Lowers groups of work to kernels. */
import { sizeOf, type Tensor } from "../../tensor/index.ts";
import { type Buffer, byteLength } from "../buffer.ts";
import type { ScanPlan } from "../schedule/scan.ts";
import type { Group, Schedule } from "../schedule/schedule.ts";
import type { Item } from "../schedule/stores.ts";
import { summarise } from "../schedule/summary.ts";
import type { Kernel, Target } from "./loops.ts";
import { Operands } from "./operands.ts";
import { lowerProduct } from "./tiles.ts";
import { actionOf, type Lowered, lowerWalk, NOWHERE, type WalkPlan } from "./walk.ts";

/** The kernels of a schedule, in running order. */
export function lower(schedule: Schedule, target: Target): Kernel[] {
  return lowerAll(schedule, target).map((kernel, i) => ({ ...kernel, name: `k${i}` }));
}

function lowerAll(schedule: Schedule, target: Target): Kernel[] {
  const products = schedule.groups.flatMap(({ product }) => product?.product ?? []);
  const operands = new Operands(schedule.buffers, products);
  return schedule.groups.flatMap((group) => {
    const scan = schedule.scans.get(group);
    return scan === undefined
      ? lowerGroup(group, operands, schedule, target)
      : lowerScan(scan, target);
  });
}

/** The kernels of a turn are repeated; memory and order are their business, not those of loops. */
function lowerScan(
  { axis, before, body, after, outside }: ScanPlan<Schedule>,
  target: Target,
): Kernel[] {
  const repeat = { turns: axis.size, outside };
  const turn = lowerAll(body, target).map((kernel) => ({
    ...kernel,
    repeats: [repeat, ...kernel.repeats],
    axes: `${axis}${kernel.axes === "" ? "" : `; ${kernel.axes}`}`,
    cost: {
      flops: kernel.cost.flops * axis.size,
      bytes: kernel.cost.bytes * axis.size,
    },
  }));
  return [...lowerAll(before, target), ...turn, ...lowerAll(after, target)];
}

function lowerGroup(group: Group, operands: Operands, schedule: Schedule, target: Target): Kernel {
  const written = group.items.filter((item) => !isFleeting(item, schedule));
  const reads = readsOf(group, schedule);
  const writes = written.map((item) => item.target);
  const plan = walkPlan(group, written, reads, schedule);
  const { statements, scratch, flops } =
    group.product === undefined
      ? plain(plan, target)
      : lowerProduct(group.product, plan, operands, schedule, target, group.items.length === 1);
  const touched = new Map(written.map((item) => [item.target, bytesWritten(item)]));
  for (const b of reads) touched.set(b, byteLength(b));
  const bytes = [...touched.values()].reduce((n, size) => n + size, 0);
  return {
    name: "",
    repeats: [],
    summary: summarise(group.items, (item) => written.includes(item)),
    axes: plan.space.map(String).join(", "),
    body: statements,
    reads,
    writes,
    scratch,
    cost: { flops, bytes },
  };
}

function plain(plan: WalkPlan, target: Target): Lowered {
  const walked = lowerWalk(plan, NOWHERE, target, true);
  const { before, statements, after, scratch } = walked;
  const flops = walked.operations * sizeOf(plan.space);
  return { statements: [...before, ...statements, ...after], scratch, flops };
}

/** Of a put only the elements at its position. */
function bytesWritten({ target, place }: Item): number {
  return byteLength(target) / (place?.axis.size ?? 1);
}

function isFleeting(item: Item, schedule: Schedule): boolean {
  return item.computes && schedule.fleeting.has(item.node);
}

/** Buffers a group reads from memory: not what it computes at the same place. */
function readsOf(group: Group, schedule: Schedule): Buffer[] {
  const here = new Set(group.items.filter((item) => item.computes).map((item) => item.node));
  const nodes = new Set(group.items.flatMap((item) => [...item.reads]));
  return [...nodes].filter((x) => !here.has(x)).map((x) => schedule.buffers.get(x) as Buffer);
}

function walkPlan(
  group: Group,
  written: readonly Item[],
  reads: readonly Buffer[],
  schedule: Schedule,
): WalkPlan {
  const inline = new Set(
    group.items.filter((i) => i.kind === "map" && i.computes).map((i) => i.node),
  );
  return {
    space: group.space,
    writes: written.map((item) => item.target.order),
    reads: reads.map((b) => b.order),
    actions: written.map(actionOf),
    bufferOf: (x: Tensor) => (inline.has(x) ? undefined : schedule.buffers.get(x)),
  };
}
