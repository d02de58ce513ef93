/** What a run of a model has to tell: the values of its latents, its parameters, and what follows from them. */
import { type Distribution, finiteValues, isDiscrete } from "../distributions/internal.ts";
import { type Axis, isFloat, type Tensor, withoutAxes } from "../tensor/internal.ts";
import { ownAxes } from "./sites.ts";
import type { Trace } from "./trace.ts";

/** What a value of a run is: one of a parameter is the same in all draws; one of an observed site is a prediction. */
export type SiteKind = "latent" | "deterministic" | "param" | "observed";

/** The values of a discrete quantity. */
export interface DiscreteValues {
  /** The first of them; the others follow in steps of one. */
  readonly first: number;
  /** What each is called. */
  readonly labels: readonly string[];
}

/** A site whose values results show. */
export interface RecordedSite {
  /** The name of the site. */
  readonly name: string;
  /** Latent, or deterministic. */
  readonly kind: SiteKind;
  /** Over `axes`, of which it may lack some, and further axes of draws. */
  readonly value: Tensor;
  /** Its plates, then its event axes. */
  readonly axes: readonly Axis[];
  /** Of a discrete latent with finitely many values. */
  readonly values?: DiscreteValues;
  /** Its values are whole numbers: those of a discrete distribution, or of such a type. */
  readonly whole?: true;
}

/** The sites that have values to tell, in the order of the statements; `further` are axes of draws. */
export function recordedSites(
  { sites }: Trace,
  further: readonly Axis[] = [],
): readonly RecordedSite[] {
  return [...sites.values()].flatMap((site): RecordedSite[] => {
    const { name, kind } = site;
    if (kind === "observed") return [];
    const { value } = site;
    const ofType = !isFloat(value.dtype) && { whole: true as const };
    if (kind === "param") return [{ name, kind, value, axes: site.axes }];
    if (kind === "latent") {
      const axes = ownAxes(site.plates, site.distribution);
      return [{ name, kind, value, axes, ...discreteness(site.distribution) }];
    }
    const plates = site.plates.map((plate) => plate.axis).filter((a) => value.has(a));
    const axes = [...plates, ...withoutAxes(value.axes, [...plates, ...further])];
    return [{ name, kind, value, axes, ...ofType }];
  });
}

/** Whether a draw is a whole number, and what its values are called where they are finitely many. */
export function discreteness(distribution: Distribution): Pick<RecordedSite, "values" | "whole"> {
  const values = discreteValues(distribution);
  return { ...(values && { values }), ...(isDiscrete(distribution.support) && { whole: true }) };
}

/** The values of a draw, with the labels of the axis along which they are positions. */
function discreteValues({ support }: Distribution): DiscreteValues | undefined {
  const finite = finiteValues(support);
  if (finite === undefined) return undefined;
  const { first, count } = finite;
  const known = support.kind === "index" ? support.axis.labels : undefined;
  return { first, labels: known ?? Array.from({ length: count }, (_, k) => String(first + k)) };
}
