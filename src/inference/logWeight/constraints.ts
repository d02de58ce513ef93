/** The constraints that training must not violate: of parameters of distributions, and of observed values. */
import { describeConstraint, isOutside, type Support } from "../../distributions/index.ts";
import type { Latent, Observed, Trace } from "../../model/index.ts";
import { cast, max, select, sizeOf, sum, type Tensor } from "../../tensor/index.ts";

/** A quantity of a site, its constraint, and how many of its elements violate it. */
export interface ConstraintCheck {
  readonly site: string;
  /** For people, such as `the sd of its normal`. */
  readonly quantity: string;
  /** In words, such as `greater than 0 and finite`. */
  readonly constraint: string;
  /** How many elements there are, and how many of them lie outside: a float64 scalar. */
  readonly elements: number;
  readonly outside: Tensor;
  /** The least of those that lie outside: a float64 scalar. */
  readonly example: Tensor;
}

/** The constraints of all sites of some traces, in the order of the statements. */
export function constraintChecks(...traces: readonly Trace[]): readonly ConstraintCheck[] {
  return traces.flatMap(({ sites }) =>
    [...sites.values()].flatMap((site) => {
      return site.kind === "latent" || site.kind === "observed" ? checksOfSite(site) : [];
    }),
  );
}

function checksOfSite({
  kind,
  name,
  distribution,
  value,
}: Latent | Observed): readonly ConstraintCheck[] {
  const { parameters, constraints, support, mask } = distribution;
  const of = Object.entries(parameters).flatMap(([parameter, x]) =>
    constraintCheck(
      name,
      `the ${named(parameter)} of its ${distribution.name}`,
      x,
      constraints[parameter],
    ),
  );
  return kind === "observed" && mask === undefined
    ? [...of, ...constraintCheck(name, "the observed value", value, support)]
    : of;
}

/** Probabilities are kept as their logits. */
function named(parameter: string): string {
  return parameter === "logits" ? "logit log(p / (1 - p))" : parameter;
}

function constraintCheck(
  site: string,
  quantity: string,
  x: Tensor,
  support?: Support,
): readonly ConstraintCheck[] {
  const outside = support && isOutside(support, x);
  if (support === undefined || outside === undefined) return [];
  const least = max(select(outside, cast(x, "float64").neg(), Number.NEGATIVE_INFINITY)).neg();
  return [
    {
      site,
      quantity,
      constraint: describeConstraint(support),
      elements: sizeOf(x.axes),
      outside: sum(cast(outside, "float64")),
      example: least,
    },
  ];
}
