/** From the real line to a support: found by its kind. */
import { checkArguments, SurmiseError, Tensor } from "../../tensor/internal.ts";
import { firstOutside } from "../support/knownValues.ts";
import {
  describeSupport,
  REAL,
  SUPPORT,
  type Support,
  type SupportKind,
  type SupportOf,
} from "../support/support.ts";
import { endsOf } from "../support/supportRules.ts";
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
 * @throws SurmiseError if the support is discrete, or a known bound of it is infinite.
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
  refuseInfinite(support);
  return make(support);
}

/** Where some elements have a bound and others have none, their maps are of different kinds. */
function refuseInfinite(support: Support): void {
  const { low, high } = endsOf(support) ?? {};
  for (const [name, bound] of [
    ["lower", low],
    ["upper", high],
  ] as const) {
    const at = bound instanceof Tensor ? firstOutside(REAL, bound) : undefined;
    if (at === undefined) continue;
    throw new SurmiseError(
      `the ${name} bound of element ${at} of values to be drawn is no finite number: give those that have no bound a ` +
        "site of their own (observed values may have infinite bounds)",
    );
  }
}
