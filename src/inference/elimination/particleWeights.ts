/** The weights of particles, as derivatives of the log evidence estimate. */
import { type Latent, type Plate, scaleOfAll } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  grad,
  index,
  sum,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { Factor } from "../logWeight/factors.ts";
import { sumOverPlates } from "../logWeight/weights.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import { type EliminationOptions, eliminate } from "./eliminate.ts";

/**
 * The posterior probabilities of the particles of some latents, jointly: float64 over their importance axes,
 * along which they sum to one, and their plates.
 */
export function particleWeights(
  latents: readonly Latent[],
  factors: readonly Factor[],
  particles: readonly ParticleAxis[],
  options: EliminationOptions,
): Tensor {
  const scopes = latents.map(({ value, distribution }) =>
    withoutAxes(value.axes, distribution.eventAxes),
  );
  const plates = new Map<Axis, Plate>();
  for (const plate of latents.flatMap((latent) => latent.plates)) plates.set(plate.axis, plate);
  return weightsOver(unionAxes(...scopes), [...plates.values()], factors, particles, options);
}

/**
 * The posterior probabilities of what varies over `axes`, importance axes among them, in these plates. They are the
 * derivative with respect to a source term, a log factor of zero that is added (Heap, Leech and Aitchison, UAI 2023).
 */
export function weightsOver(
  axes: readonly Axis[],
  plates: readonly Plate[],
  factors: readonly Factor[],
  particles: readonly ParticleAxis[],
  options: EliminationOptions,
): Tensor {
  const source = { site: "source", value: zeros(axes), plates };
  const { weights } = eliminate([...factors, source], particles, options);
  const [derivative] = grad(sum(sumOverPlates(weights)), [source.value]);
  return derivative.div(scaleOfAll(plates));
}

/** A zero for each element over `axes`: a node of its own, to take derivatives by. */
function zeros(axes: readonly Axis[]): Tensor {
  const any = axes.reduce((x, a) => x.add(index(a)), constant(0, "int32"));
  return cast(any, "float64").mul(0);
}
