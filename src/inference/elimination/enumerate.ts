import {
  type Distribution,
  type FiniteValues,
  finiteValues,
} from "../../distributions/internal.ts";
import {
  type Axis,
  axis,
  boundAxes,
  cast,
  index,
  type Tensor,
  withInputs,
} from "../../tensor/internal.ts";
import { type Factor, mapFactor } from "../logWeight/factors.ts";
import type { ModelAndGuideTraces, ParticleAxis } from "../proposal/traces.ts";

/** Factors, and the particle axes that they vary along. */
interface FactorsAndParticles {
  readonly factors: readonly Factor[];
  readonly particles: readonly ParticleAxis[];
}

/**
 * Where a discrete latent has fewer values than particles of its own, what depends on it is computed for
 * each of its values: 30 particles of a latent with 5 values are 5 cases, not 30. The factors vary
 * along an axis of values in the place of the particles, which `eliminate` puts back where it comes to
 * them. The estimate is the same. States of chains stay as they are.
 */
export function enumerateValues(
  factors: readonly Factor[],
  { guide, particles }: ModelAndGuideTraces,
): FactorsAndParticles {
  return particles.reduce<FactorsAndParticles>(
    (found, particle) => {
      const [name, another] = particle.latents;
      const latent = guide.latents.find((other) => other.name === name);
      if (latent === undefined || another !== undefined || particle.link) return found;
      const { first, count } = valuesOf(latent.distribution);
      if (particle.kind === "average" || count >= particle.axis.size) return found;
      const { value } = latent;
      const values = axis(`value of ${name}`, count);
      const each = cast(index(values).add(first), value.dtype);
      const known: ParticleAxis = {
        ...particle,
        values: { axis: values, at: cast(value, "int32").sub(first) },
      };
      return {
        factors: found.factors.map((factor) =>
          mapFactor(factor, (x) => replaceValue(x, value, each, particle.axis)),
        ),
        particles: found.particles.map((other) => (other === particle ? known : other)),
      };
    },
    { factors, particles },
  );
}

/** The values that a draw of one number can have; infinitely many where they are not known. */
function valuesOf({ support, eventAxes }: Distribution): FiniteValues {
  const known = eventAxes.length > 0 ? undefined : finiteValues(support);
  return known ?? { first: 0, count: Number.POSITIVE_INFINITY };
}

/**
 * `x` with `from`, the only thing in it that varies along `particle`, replaced by `to`; or `x` itself if
 * it adds up elements of `from`, such as those of a plate: then it does not depend on one value.
 */
export function replaceValue(x: Tensor, from: Tensor, to: Tensor, particle: Axis): Tensor {
  const done = new Map<Tensor, Tensor>([[from, to]]);
  let combines = false;
  const visit = (node: Tensor): Tensor => {
    if (combines || !node.has(particle)) return node;
    let result = done.get(node);
    if (result === undefined) {
      combines ||= boundAxes(node).some((a) => from.has(a));
      result = withInputs(node, node.inputs.map(visit));
      done.set(node, result);
    }
    return result;
  };
  const replaced = visit(x);
  return combines ? x : replaced;
}
