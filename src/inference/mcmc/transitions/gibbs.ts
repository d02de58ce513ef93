/** Gibbs steps for discrete latents that are held at values, beside a sampler of the others. */

import { placeAmong, sizeOf } from "../../../tensor/internal.ts";
import type { HeldLatent } from "../../density/heldDiscrete.ts";
import type { LogDensity } from "../../density/logDensity.ts";
import type { HeldConditional } from "../../density/programs/conditional.ts";
import type { Slots } from "../memory.ts";
import type { ChainRandom } from "../random.ts";
import type { Point } from "./point.ts";

/** Metropolis moves of each count in a sweep, and the share of them to be accepted. */
const [MOVES, TARGET] = [3, 0.44];
/** What the draws of the values are called in the memory of a chain. */
export const VALUE_DRAWS = "value draws";
/** How fast the width of moves adapts. */
const RATE = 0.1;

/** A latent, with the places of its elements that change together. */
interface Sweep {
  readonly latent: HeldLatent;
  readonly conditional: HeldConditional;
  /** One list for each combination of the axes whose elements depend on one another; row-major over the others. */
  readonly groups: readonly Int32Array[];
  /** The number of the latent. */
  readonly number: number;
}

/**
 * The discrete latents of one chain, each element of which is drawn anew given all else (Geman and Geman, 1984): with
 * finitely many values from its full conditional, counts by some moves of a random walk on the integers (Metropolis
 * within Gibbs), whose width adapts while the chain warms up. Elements that are independent given all else change at
 * once, the others one after the other.
 */
export class Gibbs {
  private readonly density: LogDensity;
  private readonly values: Float64Array;
  /** Row-major: draws, then the values. */
  private readonly draws: Float64Array;
  /** Log widths of moves, one for each latent. */
  private readonly widths: Float64Array;
  private readonly sweeps: readonly Sweep[];

  constructor(density: LogDensity, slots: Slots, draws: number) {
    const { held } = density;
    this.density = density;
    this.values = slots("values", held.size);
    this.draws = slots(VALUE_DRAWS, draws * held.size);
    this.widths = slots("log widths", held.latents.length);
    this.sweeps = held.latents.map((latent, number) => {
      const conditional = density.conditional(latent);
      return { latent, conditional, groups: groupsOf(latent, conditional), number };
    });
  }

  /** Puts the latents at values. */
  begin(values: Float64Array): void {
    this.values.set(values);
    this.density.hold(values);
  }

  /** Writes the present values down. */
  record(draw: number): void {
    this.draws.set(this.values, draw * this.values.length);
  }

  /** One sweep, after which `point` has the density and gradient given the new values. */
  next(point: Point, random: ChainRandom, adapts: boolean): void {
    const { density, values } = this;
    for (const sweep of this.sweeps) {
      const own = values.subarray(sweep.latent.offset, sweep.latent.offset + sweep.latent.size);
      const logDensities = sweep.conditional.at(point.position, values);
      for (const group of sweep.groups) {
        if (sweep.latent.finite === undefined) {
          this.walk(sweep, own, group, logDensities, random, adapts);
        } else drawFinite(sweep.latent.finite, own, group, logDensities, random);
      }
    }
    density.hold(values);
    point.logDensity = density.evaluate(point.position, point.gradient);
  }

  private walk(
    { number }: Sweep,
    own: Float64Array,
    group: Int32Array,
    logDensities: (of: Float64Array) => ArrayLike<number>,
    random: ChainRandom,
    adapts: boolean,
  ): void {
    const { widths } = this;
    let here = Float64Array.from(logDensities(own));
    for (let move = 0; move < MOVES; move++) {
      const proposed = own.slice();
      for (const at of group) {
        const step = 1 + Math.floor(Math.abs(random.normal()) * Math.exp(widths[number]));
        proposed[at] = Math.max(-1, own[at] + (random.uniform() < 0.5 ? step : -step));
      }
      const isInside = Array.from(group, (at) => proposed[at] >= 0);
      group.forEach((at, i) => {
        if (!isInside[i]) proposed[at] = own[at];
      });
      const there = Float64Array.from(logDensities(proposed));
      let accepted = 0;
      group.forEach((at, i) => {
        const isTaken = random.uniform() < Math.exp(there[i] - here[i]) && isInside[i];
        if (!isTaken) {
          there[i] = here[i];
          return;
        }
        accepted++;
        own[at] = proposed[at];
      });
      here = there;
      if (adapts) {
        widths[number] = Math.max(0, widths[number] + RATE * (accepted / group.length - TARGET));
      }
    }
  }
}

/** Draws each element of a group from its full conditional. */
function drawFinite(
  { first, count }: { readonly first: number; readonly count: number },
  own: Float64Array,
  group: Int32Array,
  logDensities: (of: Float64Array) => ArrayLike<number>,
  random: ChainRandom,
): void {
  const tried = own.slice();
  const table = Array.from({ length: count }, (_, k) => {
    for (const at of group) tried[at] = first + k;
    return Float64Array.from(logDensities(tried), (x) => (Number.isNaN(x) ? -Infinity : x));
  });
  group.forEach((at, i) => {
    const most = Math.max(...table.map((all) => all[i]));
    // Where no value is possible given the others, as before the first start, it stays.
    if (most === Number.NEGATIVE_INFINITY) return;
    const weights = table.map((all) => Math.exp(all[i] - most));
    let left = random.uniform() * weights.reduce((a, b) => a + b, 0);
    let k = 0;
    while (k < count - 1 && left >= weights[k]) left -= weights[k++];
    own[at] = first + k;
  });
}

/** See `Sweep`. */
function groupsOf({ axes, size }: HeldLatent, { apart }: HeldConditional): readonly Int32Array[] {
  const together = sizeOf(apart);
  const groups = Array.from({ length: size / together }, () => new Int32Array(together));
  const [within, among] = [true, false].map((isApart) =>
    axes.filter((axis) => apart.includes(axis) === isApart),
  );
  for (let at = 0; at < size; at++) {
    groups[placeAmong(among, axes, at)][placeAmong(within, axes, at)] = at;
  }
  return groups;
}
