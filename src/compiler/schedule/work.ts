/** How much work a schedule is, before it is lowered: enough to choose what it becomes. */
import { sizeOf, type Tensor } from "../../tensor/index.ts";
import { isLinear, linearWork } from "../graph/linear.ts";
import { costOf, isSource } from "../operations.ts";
import type { FusionGroup, Schedule } from "./schedule.ts";

/** About how many operations on numbers are made once, and how many in each step. */
export interface ScheduleWork {
  /** Before the first step. */
  readonly prologue: number;
  /** In each step. */
  readonly step: number;
}

/** The work of a schedule: operations on numbers, once and in each step. */
export function workOf({ groups, scans }: Schedule): ScheduleWork {
  const ofGroup = (group: FusionGroup): number => {
    const scan = scans.get(group);
    if (scan === undefined) return ofProduct(group) + ofLinear(group) + ofWalk(group);
    const { prologue, step } = workOf(scan.body);
    return prologue + scan.axis.size * step;
  };
  const ofAll = (some: readonly FusionGroup[]) => some.reduce((total, g) => total + ofGroup(g), 0);
  return {
    prologue: ofAll(groups.filter((g) => g.invariant)),
    step: ofAll(groups.filter((g) => !g.invariant)),
  };
}

function ofProduct({ product: store }: FusionGroup): number {
  if (store?.product === undefined) return 0;
  return 2 * sizeOf([...store.node.axes, ...store.product.contracted]);
}

function ofLinear({ stores: [{ node, computes }] }: FusionGroup): number {
  return computes && isLinear(node) ? linearWork(node) : 0;
}

function ofWalk({ stores, iterationSpace: space }: FusionGroup): number {
  const ends = new Set(stores.flatMap((store) => [...store.reads]));
  const seen = new Set<Tensor>();
  let operations = 0;
  const visit = (x: Tensor) => {
    if (seen.has(x) || isSource(x)) return;
    seen.add(x);
    operations += costOf(x);
    if (!ends.has(x)) x.inputs.forEach(visit);
  };
  for (const store of stores) if (store.kind !== "product") store.body.forEach(visit);
  return operations * sizeOf(space);
}
