/**
 * A normal along a chain in the form in which a guide draws it: each number given those before it in its step and in the
 * steps before, as functions of the coordinates of the latents outside.
 */
import { type Axis, type DType, placeAmong } from "../../../tensor/internal.ts";
import { elementAt } from "./banded.ts";
import type { ChainLayout, ChainSite } from "./layout.ts";
import type { Inner } from "./nestedDensity.ts";

/** A number for each step and element of plates, row-major: where the coordinates outside are 0, and how it moves. */
export interface Moving {
  /** Where they are 0. */
  readonly value: Float64Array;
  /** The change with each of them, along a last axis. */
  readonly change: Float64Array;
}

/** How a latent of a chain depends on another, or on itself, some steps before. */
export interface ChainParent {
  /** The name of the other. */
  readonly name: string;
  /** How many steps before. */
  readonly lag: number;
  /**
   * By how much it moves with the deviation of the other from its mean; where `isBounded` the inverse hyperbolic tangent
   * of that, which stays between -1 and 1.
   */
  readonly coefficient: Moving;
  /** See `coefficient`. */
  readonly isBounded: boolean;
}

/** A latent of a chain. */
export interface ChainNormalSite {
  /** The name of the latent. */
  readonly name: string;
  /** The type of its values. */
  readonly dtype: DType;
  /** Its plates but for the chain. */
  readonly outer: readonly Axis[];
  /** Its mean. */
  readonly mean: Moving;
  /** The logarithm of its standard deviation given those before. */
  readonly logSd: Moving;
  /** What it depends on. */
  readonly parents: readonly ChainParent[];
}

/** The normal along a chain. */
export interface ChainNormal {
  /** The chain. */
  readonly axis: Axis;
  /** How many steps back its latents depend on others. */
  readonly order: number;
  /** Its latents, in the order of the model. */
  readonly sites: readonly ChainNormalSite[];
}

/** Where the inner normals that tell how it moves are: so many units of each coordinate away. */
export const APART = 0.7;

/**
 * From the normal where the coordinates outside are 0, and those where one of them is `APART`, and minus that.
 *
 * @param sides of each coordinate outside
 */
export function chainNormal(
  layout: ChainLayout,
  order: number,
  here: Inner,
  sides: readonly (readonly [Inner, Inner])[],
): ChainNormal {
  const { axis, width, sites, inside } = layout;
  const last = inside.length - 1;
  const placeOf = (t: number, site: ChainSite, element: number) =>
    last - (t * width + site.offset + element);
  const moving = (
    site: ChainSite,
    of: (inner: Inner, t: number, element: number) => number,
  ): Moving => {
    const count = axis.size * site.size;
    const value = new Float64Array(count);
    const change = new Float64Array(count * sides.length);
    for (let t = 0; t < axis.size; t++) {
      for (let element = 0; element < site.size; element++) {
        const at = t * site.size + element;
        value[at] = of(here, t, element);
        sides.forEach(([more, less], k) => {
          const slope = (of(more, t, element) - of(less, t, element)) / (2 * APART);
          change[at * sides.length + k] = slope;
        });
      }
    }
    return { value, change };
  };
  return {
    axis,
    order,
    sites: sites.map((site) => {
      const { name, outer } = site;
      const { dtype } = site.site;
      const parents = parentsOf(layout, order, site).map(([parent, lag]): ChainParent => {
        const coefficient = (inner: Inner, t: number, element: number) => {
          if (t < lag) return 0;
          const i = placeOf(t, site, element);
          const j = placeOf(t - lag, parent, elementOf(parent, site, element));
          return -elementAt(inner.factor, j, i) / elementAt(inner.factor, i, i);
        };
        const plain = moving(site, coefficient);
        const all = [here, ...sides.flat()];
        const isBounded = all.every((inner) =>
          everyElement(layout, site, (t, e) => Math.abs(coefficient(inner, t, e)) < NEAR_ONE),
        );
        return {
          ...{ name: parent.name, lag, isBounded },
          coefficient: isBounded ? moving(site, (...at) => Math.atanh(coefficient(...at))) : plain,
        };
      });
      return {
        ...{ name, dtype, outer, parents },
        mean: moving(
          site,
          ({ position }, t, element) => position[inside[placeOf(t, site, element)]],
        ),
        logSd: moving(site, ({ factor }, t, element) => {
          const i = placeOf(t, site, element);
          return -Math.log(elementAt(factor, i, i));
        }),
      };
    }),
  };
}

/** Coefficients beyond have no use for a bound. */
const NEAR_ONE = 0.9999;

/** The latents, with lags, that a latent may depend on: of no other plates than its own. */
function parentsOf({ sites }: ChainLayout, order: number, site: ChainSite) {
  const found: (readonly [ChainSite, number])[] = [];
  const known = sites.filter(({ outer }) => outer.every((a) => site.outer.includes(a)));
  for (let lag = 0; lag <= order; lag++) {
    for (const parent of known) {
      if (lag > 0 || parent.offset < site.offset) found.push([parent, lag]);
    }
  }
  return found;
}

/** The element of a parent that belongs to an element of a site. */
function elementOf(parent: ChainSite, site: ChainSite, element: number): number {
  return placeAmong(parent.outer, site.outer, element);
}

function everyElement(
  { axis }: ChainLayout,
  site: ChainSite,
  holds: (t: number, element: number) => boolean,
): boolean {
  for (let t = 0; t < axis.size; t++) {
    for (let element = 0; element < site.size; element++) if (!holds(t, element)) return false;
  }
  return true;
}
