/** From the real line to a support: found by its kind. */
import { checkArguments, SurmiseError } from "../../tensor/internal.ts";
import {
  describeSupport,
  SUPPORT,
  type Support,
  type SupportKind,
  type SupportOf,
} from "../support/support.ts";
import type { Bijection } from "./bijection.ts";
import { choleskyFactor, positiveDefinite } from "./choleskyFactor.ts";
import { correlationFactor } from "./correlationFactor.ts";
import { ordered, positiveOrdered } from "./ordered.ts";
import { above, angle, below, exponential, identity, interval, unit } from "./scalar.ts";
import { simplex } from "./simplex.ts";

export type { Bijection } from "./bijection.ts";

const BIJECTIONS: { readonly [K in SupportKind]?: (support: SupportOf<K>) => Bijection } = {
  real: () => identity,
  positive: () => exponential,
  unit: () => unit,
  above: ({ low }) => above(low),
  below: ({ high }) => below(high),
  interval: ({ low, high }) => interval(low, high),
  angle: () => angle,
  simplex: ({ axis }) => simplex(axis),
  ordered: ({ axis }) => ordered(axis),
  positiveOrdered: ({ axis }) => positiveOrdered(axis),
  image: ({ map }) => map,
  choleskyFactor: ({ row, column }) => choleskyFactor(row, column),
  correlationFactor: ({ row, column }) => correlationFactor(row, column),
  positiveDefinite: ({ row, column }) => positiveDefinite(row, column),
};

/**
 * The map from unconstrained parameters to the support, such as exp for positive numbers.
 *
 * @throws SurmiseError if the support is discrete.
 *
 * @example normal(m, bijectionTo(POSITIVE).forward(param("logSd", axes, { init: zeros })))
 */
export function bijectionTo(support: Support): Bijection {
  checkArguments("bijectionTo", { support }, SUPPORT);
  const make = BIJECTIONS[support.kind] as ((support: Support) => Bijection) | undefined;
  if (make === undefined) {
    throw new SurmiseError(
      `no smooth map leads from the real line to the support '${describeSupport(support)}': its ` +
        "values are separate points",
    );
  }
  return make(support);
}
