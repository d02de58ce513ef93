/** What a run of a model has to tell: the values of its latents, its parameters, and what follows from them. */
import { type Axis, type Tensor, withoutAxes } from "../tensor/internal.ts";
import { ownAxes } from "./sites.ts";
import type { Trace } from "./trace.ts";

/** What a value of a run is: one of a parameter is the same in all draws. */
export type SiteKind = "latent" | "deterministic" | "param";

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
    if (kind === "param") return [{ name, kind, value, axes: site.axes }];
    if (kind === "latent") {
      return [{ name, kind, value, axes: ownAxes(site.plates, site.distribution) }];
    }
    const plates = site.plates.map((plate) => plate.axis).filter((a) => value.has(a));
    const axes = [...plates, ...withoutAxes(value.axes, [...plates, ...further])];
    return [{ name, kind, value, axes }];
  });
}
