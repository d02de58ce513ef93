/** What a model's sites are at a position: values, and probabilities of what is summed out. */
import { recordedSites, type SiteKind } from "../../../model/internal.ts";
import { broadcast } from "../../../runtime/internal.ts";
import type { Axis, DType, TypedArray } from "../../../tensor/internal.ts";
import { weightsOver } from "../../elimination/particleWeights.ts";
import { particlesOf } from "../../elimination/summedOut.ts";
import type { UnconstrainedTrace } from "../traceUnconstrained.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

/** The values of a site at a position, row-major over its plates and event axes. */
export interface SiteValue {
  /** Latent, or deterministic. */
  readonly kind: SiteKind;
  /** Plates, then event axes. */
  readonly axes: readonly Axis[];
  /** The type of `data`. */
  readonly dtype: DType;
  /** The values, row-major over `axes`. */
  readonly data: TypedArray;
}

/** The probabilities of the values of each discrete latent that is summed out (`LogDensity.probabilities`). */
export function probabilitiesAt(
  programs: PositionPrograms,
  here: UnconstrainedTrace,
  position: Float64Array,
): Record<string, SiteValue> {
  const { summedOut } = here;
  if (summedOut === undefined) return {};
  const { enumeration, factors } = summedOut;
  const program = programs.of("probabilities", () => ({
    outputs: Object.fromEntries(
      enumeration.latents.map(({ name, own, plates }) => [
        `probabilities ${name}`,
        weightsOver(
          [...plates.map(({ axis }) => axis), own],
          plates,
          factors,
          particlesOf(enumeration),
          {},
        ),
      ]),
    ),
  }));
  programs.write(program, POSITION, position);
  const found = program.run();
  return Object.fromEntries(
    enumeration.latents.map(({ name, own, plates }) => {
      const { dtype } = found[`probabilities ${name}`];
      const axes = [...plates.map(({ axis }) => axis), own];
      const data = broadcast(found[`probabilities ${name}`], axes).slice();
      return [name, { kind: "latent", axes, dtype, data }];
    }),
  );
}

/** The values of latents, parameters and deterministic sites (`LogDensity.constrain`). */
export function valuesAt(
  programs: PositionPrograms,
  here: UnconstrainedTrace,
  position: Float64Array,
): Record<string, SiteValue> {
  const { trace: run, summedOut } = here;
  const sites = recordedSites(run).filter(({ value }) => !summedOut?.enumeration.varies(value));
  const program = programs.of("constrain", () => ({
    outputs: Object.fromEntries(sites.map(({ name, value }) => [`site ${name}`, value])),
  }));
  programs.write(program, POSITION, position);
  const found = program.run();
  return Object.fromEntries(
    sites.map(({ name, kind, axes }) => {
      const { dtype } = found[`site ${name}`];
      return [name, { kind, axes, dtype, data: broadcast(found[`site ${name}`], axes).slice() }];
    }),
  );
}
