/** Where the unconstrained numbers of each latent lie in a flat position. */
import {
  type Axis,
  cast,
  constant,
  type DType,
  describeAxes,
  gatherClamped,
  index,
  input,
  SurmiseError,
  sizeOf,
  Tensor,
} from "../../tensor/internal.ts";
import type { PositionOf, Unconstrained } from "./traceUnconstrained.ts";

/** The part of a position that belongs to one latent. */
export interface UnconstrainedSite {
  /** The name of the latent. */
  readonly name: string;
  /** Of its unconstrained numbers, which lie row-major over them. */
  readonly axes: readonly Axis[];
  /** The type of its constrained values. */
  readonly dtype: DType;
  /** The place of the first of them, and how many there are. */
  readonly offset: number;
  /** The product of the sizes of `axes`. */
  readonly size: number;
  /** Whether it is measured in units of its prior, which depends on other latents. */
  readonly nonCentred: boolean;
}

/** A position: flat, over the axis `unconstrained`, or by site; and any further axes, such as chains. */
export type Position = Tensor | Readonly<Record<string, Tensor>>;

/** One input of a program that holds a position, or a part of it. */
export interface PositionInput extends Omit<UnconstrainedSite, "nonCentred"> {
  /** The input. */
  readonly tensor: Tensor;
}

/** Where the latents lie in a flat position. */
export interface Layout {
  /** The latents, each with its part of a position. */
  readonly sites: readonly UnconstrainedSite[];
  /** How many unconstrained numbers there are. */
  readonly dimension: number;
  /** The axis of flat positions. */
  readonly unconstrained: Axis;
}

/** The name of the latent that an element of a position belongs to. */
export function latentAt({ sites }: Pick<Layout, "sites">, element: number): string {
  return sites.find(({ offset, size }) => element < offset + size)?.name as string;
}

/** The latents one after the other. */
export function layoutOf(latents: readonly Unconstrained[]): readonly UnconstrainedSite[] {
  let offset = 0;
  return latents.map(({ name, axes, nonCentred, distribution: { dtype } }) => {
    const site = { name, axes, dtype, offset, size: sizeOf(axes), nonCentred };
    offset += site.size;
    return site;
  });
}

/** Inputs `NAME SITE` for each site, or one input `NAME` for all. */
export function positionInputs(
  layout: Layout,
  name: string,
  flat: boolean,
): readonly PositionInput[] {
  const { sites, dimension: size } = layout;
  const make = (site: Omit<PositionInput, "tensor">) => ({
    ...site,
    tensor: input(site.name, site.axes, site.dtype),
  });
  if (!flat) return sites.map((site) => make({ ...site, name: `${name} ${site.name}` }));
  const dtype = sites.some((site) => site.dtype === "float64") ? "float64" : "float32";
  return [make({ name, axes: [layout.unconstrained], dtype, offset: 0, size })];
}

/** What each site takes of a position. */
export function partsOf(layout: Layout, position: Position): PositionOf {
  const byName = new Map(layout.sites.map((site) => [site.name, site]));
  return ({ name }) => {
    const { axes, offset, dtype } = byName.get(name) as UnconstrainedSite;
    if (!(position instanceof Tensor)) return cast(position[name], dtype);
    const part = gatherClamped(position, layout.unconstrained, rowMajorIndex(axes).add(offset));
    return cast(part, dtype);
  };
}

/** The number of each element, row-major over `axes`. */
function rowMajorIndex(axes: readonly Axis[]): Tensor {
  return axes.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), constant(0, "int32"));
}

/**
 * Checks that a position has all parts.
 *
 * @throws SurmiseError if it lacks an axis or a site.
 */
export function checkPosition(layout: Layout, position: Position): void {
  if (position instanceof Tensor) {
    if (position.has(layout.unconstrained)) return;
    throw new SurmiseError(
      `the position has axes ${describeAxes(position.axes)}: it lacks ${describeAxes([layout.unconstrained])}, the ` +
        "axis of unconstrained numbers (density.unconstrained)",
    );
  }
  for (const { name, axes } of layout.sites) {
    const part: Tensor | undefined = position[name];
    if (part !== undefined && axes.every((a) => part.has(a))) continue;
    throw new SurmiseError(
      `the position of latent '${name}' must have the axes ${describeAxes(axes)}` +
        (part === undefined ? ", and is missing" : `, not ${describeAxes(part.axes)}`),
    );
  }
}
