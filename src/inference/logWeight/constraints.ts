/** What must lie in a set while a model is trained: parameters of distributions, and observed values. */
import { describeLimit, isOutside, type Support } from "../../distributions/index.ts";
import type { Latent, Observed, Trace } from "../../model/index.ts";
import { cast, max, select, sizeOf, sum, type Tensor } from "../../tensor/index.ts";

/** A quantity of a site and the set that it must lie in. */
export interface Limit {
  readonly site: string;
  /** For people, such as `the sd of its normal`. */
  readonly what: string;
  /** What it must be, such as `greater than 0 and finite`. */
  readonly must: string;
  /** How many elements there are, and how many of them lie outside: a float64 scalar. */
  readonly elements: number;
  readonly outside: Tensor;
  /** The least of those that lie outside: a float64 scalar. */
  readonly example: Tensor;
}

/** The limits of all sites of some traces, in the order of the statements. */
export function limitsOf(...traces: readonly Trace[]): readonly Limit[] {
  return traces.flatMap(({ sites }) =>
    [...sites.values()].flatMap((site) => {
      return site.kind === "latent" || site.kind === "observed" ? limitsOfSite(site) : [];
    }),
  );
}

function limitsOfSite({ kind, name, distribution, value }: Latent | Observed): readonly Limit[] {
  const { parameters, constraints, support, mask } = distribution;
  const of = Object.entries(parameters).flatMap(([parameter, x]) =>
    limit(name, `the ${named(parameter)} of its ${distribution.name}`, x, constraints[parameter]),
  );
  return kind === "observed" && mask === undefined
    ? [...of, ...limit(name, "the observed value", value, support)]
    : of;
}

/** Probabilities are kept as their logits. */
function named(parameter: string): string {
  return parameter === "logits" ? "logit log(p / (1 - p))" : parameter;
}

function limit(site: string, what: string, x: Tensor, support?: Support): readonly Limit[] {
  const outside = support && isOutside(support, x);
  if (support === undefined || outside === undefined) return [];
  const least = max(select(outside, cast(x, "float64").neg(), Number.NEGATIVE_INFINITY)).neg();
  return [
    {
      site,
      what,
      must: describeLimit(support),
      elements: sizeOf(x.axes),
      outside: sum(cast(outside, "float64")),
      example: least,
    },
  ];
}
