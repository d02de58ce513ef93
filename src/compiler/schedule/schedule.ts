/**
 * Which pieces of work share one loop nest, and in what order the nests run. Elementwise work joins
 * what produces or consumes it over the same axes; updates in place wait for every reader of the old
 * value.
 */
import { type Axis, sameAxes, sizeOf, type Tensor } from "../../tensor/index.ts";
import type { Buffer } from "../buffer.ts";
import { isSameScan, planScan, type ScanPlan } from "./scan.ts";
import { type Goals, type Item, itemsOf, KINDS, type Work } from "./stores.ts";

/** Items computed in one walk over `space`. A matrix product comes first, the rest is its epilogue. */
export class Group {
  readonly items: Item[] = [];
  readonly space: readonly Axis[];
  /** Groups that must run earlier, as far as they follow from an item directly. */
  readonly after = new Set<Group>();
  /** Bits of all groups that must run earlier, directly or not. */
  earlier = 0n;
  readonly bit: bigint;

  constructor(space: readonly Axis[], number: number) {
    this.space = space;
    this.bit = 1n << BigInt(number);
  }

  get product(): Item | undefined {
    return this.items[0]?.kind === "product" ? this.items[0] : undefined;
  }

  /** Whether this group must run after `other`, directly or not. */
  follows(other: Group): boolean {
    return (this.earlier & other.bit) !== 0n;
  }
}

export interface Schedule extends Work {
  /** In running order. */
  readonly groups: readonly Group[];
  /** How the groups that are scans are done. */
  readonly scans: ReadonlyMap<Group, ScanPlan<Schedule>>;
  /** Temporaries that never leave the registers of the one group that makes and uses them. */
  readonly fleeting: ReadonlySet<Tensor>;
}

/** Below this many elements unrelated work is merged just to save calls. */
const SMALL = 1024;

/** How many groups over the same axes are looked at for a new item, beside those it reads from. */
const LOOK_BACK = 32;

/** Groups the work that `goals` need; `given` are the buffers of inputs that have one already. */
export function schedule(goals: Goals, given: ReadonlyMap<Tensor, Buffer> = new Map()): Schedule {
  const deferred = new Set<Tensor>();
  for (;;) {
    const work = itemsOf(goals, deferred, given);
    const scheduler = new Scheduler(work);
    const conflict = scheduler.run();
    if (conflict === undefined) {
      const groups = inOrder(scheduler.groups);
      const scans = new Map(
        groups.filter(isScan).map((g) => [g, planScan(g.items, work.buffers, schedule)]),
      );
      return { ...work, groups, scans, fleeting: fleetingOf(work, groups) };
    }
    deferred.add(conflict);
  }
}

class Scheduler {
  readonly groups: Group[] = [];
  private readonly work: Work;
  private readonly bySpace = new Map<string, Group[]>();
  private readonly axisNumbers = new Map<Axis, number>();
  private readonly makerOf = new Map<Tensor, Group>();
  private readonly readersOf = new Map<Tensor, { item: Item; group: Group }[]>();
  private readonly writerOf = new Map<Tensor, Group>();

  constructor(work: Work) {
    this.work = work;
  }

  /** Places every item; returns an input that must be updated through a copy, if there is one. */
  run(): Tensor | undefined {
    for (const item of this.work.items) {
      const home = this.candidates(item).findLast((group) => this.fits(item, group));
      const group = home ?? this.open(item);
      const overwritten = this.join(item, group);
      if (overwritten !== undefined) return overwritten;
    }
    return undefined;
  }

  private open(item: Item): Group {
    const group = new Group(item.space, this.groups.length);
    this.groups.push(group);
    this.overSame(item).push(group);
    return group;
  }

  /** The groups over the same set of axes, in the order they were made. */
  private overSame(item: Item): Group[] {
    const number = (a: Axis) => {
      const known = this.axisNumbers.get(a) ?? this.axisNumbers.size;
      this.axisNumbers.set(a, known);
      return known;
    };
    const name = item.space
      .map(number)
      .sort((a, b) => a - b)
      .join();
    const known = this.bySpace.get(name) ?? [];
    this.bySpace.set(name, known);
    return known;
  }

  private candidates(item: Item): Group[] {
    if (KINDS[item.kind].joins === "none") return [];
    const same = this.overSame(item);
    const recent = same.slice(-LOOK_BACK);
    const makers = [...item.reads]
      .map((x) => this.makerOf.get(x))
      .filter((g) => g !== undefined && !recent.includes(g) && sameAxes(g.space, item.space));
    return [...new Set(makers as Group[]), ...recent];
  }

  /** Records that `group` runs after `other`, and with it all that run after `group`. */
  private order(group: Group, other: Group): void {
    if (group === other) return;
    group.after.add(other);
    const earlier = other.earlier | other.bit;
    for (const g of this.groups) {
      if (g === group || g.follows(group)) g.earlier |= earlier;
    }
  }

  private fits(item: Item, group: Group): boolean {
    const { joins } = KINDS[item.kind];
    const [head] = group.items;
    if (group.product !== undefined && joins === "loops") return false;
    if (joins === "own" || KINDS[head.kind].joins === "own") return isSameScan(item, head);
    if (!this.related(item, group)) return false;
    for (const x of item.reads) {
      const maker = this.makerOf.get(x);
      if (maker === group && !(item.aligned.has(x) && this.atOncePlace(x, group))) return false;
      if (maker !== undefined && maker !== group && maker.follows(group)) return false;
      if (this.writerOf.get(x) === group && !item.aligned.has(x)) return false;
    }
    return this.earlierReaders(item).every(({ item: reader, group: home }) => {
      const own = this.work.updates.get(item) as Tensor;
      return home === group ? reader.aligned.has(own) : !home.follows(group);
    });
  }

  /** Whether the group has the value of `x` at hand at each point of its loops. */
  private atOncePlace(x: Tensor, group: Group): boolean {
    const maker = group.items.find((item) => item.computes && item.node === x);
    return maker !== undefined && KINDS[maker.kind].atEachPoint;
  }

  private related(item: Item, group: Group): boolean {
    if (sizeOf(item.space) <= SMALL && group.product === undefined) return true;
    return [...item.reads].some(
      (x) => this.makerOf.get(x) === group || group.items.some((other) => other.reads.has(x)),
    );
  }

  /** Readers of the old value of the input an item overwrites. */
  private earlierReaders(item: Item): readonly { item: Item; group: Group }[] {
    const input = this.work.updates.get(item);
    return input === undefined ? [] : (this.readersOf.get(input) ?? []);
  }

  /** Adds an item and its order; returns an input whose new value would be written too early. */
  private join(item: Item, group: Group): Tensor | undefined {
    group.items.push(item);
    if (item.computes) this.makerOf.set(item.node, group);
    for (const { group: reader } of this.earlierReaders(item)) {
      this.order(group, reader);
    }
    for (const x of item.reads) {
      const maker = this.makerOf.get(x);
      if (maker !== undefined) this.order(group, maker);
      const readers = this.readersOf.get(x) ?? [];
      readers.push({ item, group });
      this.readersOf.set(x, readers);
    }
    for (const x of item.reads) {
      const writer = this.writerOf.get(x);
      if (writer === undefined) continue;
      if (writer === group ? !item.aligned.has(x) : group.follows(writer)) return x;
      this.order(writer, group);
    }
    const own = this.work.updates.get(item);
    if (own !== undefined) {
      this.writerOf.set(own, group);
      if (item.reads.has(own) && !item.aligned.has(own)) return own;
    }
    return undefined;
  }
}

function isScan({ items: [head] }: Group): boolean {
  return head.kind === "scan";
}

/** The groups in an order that respects `after`, otherwise as they were made. */
function inOrder(groups: readonly Group[]): Group[] {
  const placed = new Set<Group>();
  const place = (group: Group) => {
    if (placed.has(group)) return;
    for (const earlier of group.after) place(earlier);
    placed.add(group);
  };
  groups.forEach(place);
  return [...placed];
}

function fleetingOf(work: Work, groups: readonly Group[]): Set<Tensor> {
  const fleeting = new Set<Tensor>();
  for (const group of groups) {
    for (const { node, kind, target, computes } of group.items) {
      if (!computes || target.kind !== "temporary" || !KINDS[kind].atEachPoint) continue;
      const outside = work.items.some(
        (item) => item.reads.has(node) && !group.items.includes(item),
      );
      if (!outside) fleeting.add(node);
    }
  }
  return fleeting;
}
