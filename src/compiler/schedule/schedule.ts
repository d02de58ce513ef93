/**
 * Which stores share one loop nest, and in what order the nests run. Elementwise work joins
 * what produces or consumes it over the same axes; updates in place wait for every reader of the old
 * value.
 */
import { type Axis, sameAxes, sizeOf, type Tensor } from "../../tensor/internal.ts";
import type { Buffer } from "../buffer.ts";
import { isSameScan, planScan, type ScanPlan } from "./scan.ts";
import { KINDS, type ProgramRoots, type Store, storesOf, type WorkGraph } from "./stores.ts";

/** Items computed in one walk over `space`. A matrix product comes first, the rest is its epilogue. */
export class FusionGroup {
  /** In the order in which they are computed. */
  readonly stores: Store[] = [];
  /** The axes looped over. */
  readonly iterationSpace: readonly Axis[];
  /** Groups that must run earlier, as far as they follow from a store directly. */
  readonly after = new Set<FusionGroup>();
  /** Bits of all groups that must run earlier, directly or not. */
  earlier = 0n;
  /** The bit of this group in `earlier`. */
  readonly bit: bigint;

  constructor(space: readonly Axis[], number: number) {
    this.iterationSpace = space;
    this.bit = 1n << BigInt(number);
  }

  /** The matrix product that it begins with, if any. */
  get product(): Store | undefined {
    return this.stores[0]?.kind === "product" ? this.stores[0] : undefined;
  }

  /** Whether what its stores write is the same in every step: all of them, or none. */
  get invariant(): boolean {
    return this.stores[0].invariant;
  }

  /** Whether this group must run after `other`, directly or not. */
  follows(other: FusionGroup): boolean {
    return (this.earlier & other.bit) !== 0n;
  }
}

/** Fusion groups in the order in which they run. */
export interface Schedule extends WorkGraph {
  /** In running order: first those that are the same in every step. */
  readonly groups: readonly FusionGroup[];
  /** How the groups that are scans are done. */
  readonly scans: ReadonlyMap<FusionGroup, ScanPlan<Schedule>>;
  /** Temporaries that never leave the registers of the one group that makes and uses them. */
  readonly registerOnly: ReadonlySet<Tensor>;
}

/** Below this many elements unrelated work is merged just to save calls. */
const SMALL = 1024;

/**
 * A group of so many stores takes no more, unless they need its values over many elements: they would only compete
 * for registers, and groups that are alike share code. A multiple of the stores that a latent usually has.
 */
const MANY = 12;

/** How many groups over the same axes are looked at for a new store, beside those it reads from. */
const LOOK_BACK = 32;

/** Groups the work that `roots` need; `given` are the buffers of inputs that have one already. */
export function schedule(
  roots: ProgramRoots,
  given: ReadonlyMap<Tensor, Buffer> = new Map(),
): Schedule {
  const deferred = new Set<Tensor>();
  for (;;) {
    const work = storesOf(roots, deferred, given);
    const scheduler = new Scheduler(work);
    const conflict = scheduler.run();
    if (conflict === undefined) {
      const groups = inOrder(scheduler.groups);
      const scans = new Map(
        groups.filter(isScan).map((g) => [g, planScan(g.stores, work.buffers, schedule)]),
      );
      return { ...work, groups, scans, registerOnly: registerOnlyOf(work, groups) };
    }
    deferred.add(conflict);
  }
}

class Scheduler {
  readonly groups: FusionGroup[] = [];
  private readonly work: WorkGraph;
  private readonly bySpace = new Map<string, FusionGroup[]>();
  private readonly axisNumbers = new Map<Axis, number>();
  private readonly makerOf = new Map<Tensor, FusionGroup>();
  private readonly readersOf = new Map<Tensor, { store: Store; group: FusionGroup }[]>();
  private readonly writerOf = new Map<Tensor, FusionGroup>();

  constructor(work: WorkGraph) {
    this.work = work;
  }

  /** Places every store; returns an input that must be updated through a copy, if there is one. */
  run(): Tensor | undefined {
    for (const store of this.work.stores) {
      const home = this.candidates(store).findLast((group) => this.fits(store, group));
      const group = home ?? this.open(store);
      const overwritten = this.join(store, group);
      if (overwritten !== undefined) return overwritten;
    }
    return undefined;
  }

  private open(store: Store): FusionGroup {
    const group = new FusionGroup(store.iterationSpace, this.groups.length);
    this.groups.push(group);
    this.overSame(store).push(group);
    return group;
  }

  /** The groups over the same set of axes, in the order they were made. */
  private overSame(store: Store): FusionGroup[] {
    const number = (a: Axis) => {
      const known = this.axisNumbers.get(a) ?? this.axisNumbers.size;
      this.axisNumbers.set(a, known);
      return known;
    };
    const name = store.iterationSpace
      .map(number)
      .sort((a, b) => a - b)
      .join();
    const known = this.bySpace.get(name) ?? [];
    this.bySpace.set(name, known);
    return known;
  }

  private candidates(store: Store): FusionGroup[] {
    if (KINDS[store.kind].joins === "none") return [];
    // Values of one scan are taken in one loop, whatever axes they have.
    if (store.kind === "scan")
      return this.groups.filter(({ stores: [head] }) => isSameScan(store, head));
    const same = this.overSame(store);
    const recent = same.slice(-LOOK_BACK);
    const makers = [...store.reads]
      .map((x) => this.makerOf.get(x))
      .filter(
        (g) =>
          g !== undefined &&
          !recent.includes(g) &&
          sameAxes(g.iterationSpace, store.iterationSpace),
      );
    return [...new Set(makers as FusionGroup[]), ...recent];
  }

  /** Records that `group` runs after `other`, and with it all that run after `group`. */
  private order(group: FusionGroup, other: FusionGroup): void {
    if (group === other) return;
    group.after.add(other);
    if (group.follows(other)) return;
    const earlier = other.earlier | other.bit;
    for (const g of this.groups) {
      if (g === group || g.follows(group)) g.earlier |= earlier;
    }
  }

  private fits(store: Store, group: FusionGroup): boolean {
    if (store.invariant !== group.invariant) return false;
    const { joins } = KINDS[store.kind];
    const [head] = group.stores;
    if (group.product !== undefined && joins === "loops") return false;
    if (joins === "own" || KINDS[head.kind].joins === "own") return isSameScan(store, head);
    if (!this.related(store, group)) return false;
    for (const x of store.reads) {
      const maker = this.makerOf.get(x);
      if (maker === group && !(store.aligned.has(x) && this.atOncePlace(x, group))) return false;
      if (maker !== undefined && maker !== group && maker.follows(group)) return false;
      if (this.writerOf.get(x) === group && !store.aligned.has(x)) return false;
    }
    return this.earlierReaders(store).every(({ store: reader, group: home }) => {
      const own = this.work.updates.get(store) as Tensor;
      return home === group ? reader.aligned.has(own) : !home.follows(group);
    });
  }

  /** Whether the group has the value of `x` at hand at each point of its loops. */
  private atOncePlace(x: Tensor, group: FusionGroup): boolean {
    const maker = group.stores.find((store) => store.computes && store.node === x);
    return maker !== undefined && KINDS[maker.kind].atEachPoint;
  }

  private related(store: Store, group: FusionGroup): boolean {
    const small = sizeOf(store.iterationSpace) <= SMALL && group.product === undefined;
    if (group.stores.length >= MANY) return !small && this.readsFrom(store, group);
    if (small) return true;
    return (
      this.readsFrom(store, group) ||
      [...store.reads].some((x) => group.stores.some((other) => other.reads.has(x)))
    );
  }

  private readsFrom(store: Store, group: FusionGroup): boolean {
    return [...store.reads].some((x) => this.makerOf.get(x) === group);
  }

  /** Readers of the old value of the input a store overwrites. */
  private earlierReaders(store: Store): readonly { store: Store; group: FusionGroup }[] {
    const input = this.work.updates.get(store);
    return input === undefined ? [] : (this.readersOf.get(input) ?? []);
  }

  /** Adds a store and its order; returns an input whose new value would be written too early. */
  private join(store: Store, group: FusionGroup): Tensor | undefined {
    group.stores.push(store);
    if (store.computes) this.makerOf.set(store.node, group);
    for (const { group: reader } of this.earlierReaders(store)) {
      this.order(group, reader);
    }
    for (const x of store.reads) {
      const maker = this.makerOf.get(x);
      if (maker !== undefined) this.order(group, maker);
      const readers = this.readersOf.get(x) ?? [];
      readers.push({ store, group });
      this.readersOf.set(x, readers);
    }
    for (const x of store.reads) {
      const writer = this.writerOf.get(x);
      if (writer === undefined) continue;
      if (writer === group ? !store.aligned.has(x) : group.follows(writer)) return x;
      this.order(writer, group);
    }
    const own = this.work.updates.get(store);
    if (own !== undefined) {
      this.writerOf.set(own, group);
      if (store.reads.has(own) && !store.aligned.has(own)) return own;
    }
    return undefined;
  }
}

function isScan({ stores: [head] }: FusionGroup): boolean {
  return head.kind === "scan";
}

/** The groups in an order that respects `after`, invariant ones first, otherwise as they were made. */
function inOrder(groups: readonly FusionGroup[]): FusionGroup[] {
  const placed = new Set<FusionGroup>();
  const place = (group: FusionGroup) => {
    if (placed.has(group)) return;
    for (const earlier of group.after) place(earlier);
    placed.add(group);
  };
  for (const group of groups) if (group.invariant) place(group);
  groups.forEach(place);
  return [...placed];
}

/** Temporaries that only their own group reads, at each point of its loops. */
function registerOnlyOf(work: WorkGraph, groups: readonly FusionGroup[]): Set<Tensor> {
  const homeOf = new Map(groups.flatMap((group) => group.stores.map((store) => [store, group])));
  const readIn = new Map<Tensor, Set<FusionGroup>>();
  for (const store of work.stores) {
    const home = homeOf.get(store) as FusionGroup;
    for (const x of store.reads) readIn.set(x, (readIn.get(x) ?? new Set()).add(home));
  }
  const registerOnly = new Set<Tensor>();
  for (const group of groups) {
    for (const { node, kind, target, computes } of group.stores) {
      if (!computes || target.kind !== "temporary" || !KINDS[kind].atEachPoint) continue;
      const readers = readIn.get(node) ?? new Set();
      if ([...readers].every((reader) => reader === group)) registerOnly.add(node);
    }
  }
  return registerOnly;
}
