/** What belongs to a chain whose steps hand their particles on, step by step. */
import {
  type Axis,
  axis,
  constant,
  gatherClamped,
  gatherInsideWhere,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Factor } from "../logWeight/factors.ts";
import type { ChainLink, ParticleAxis } from "../proposal/traces.ts";
import { renamed, type StateParticles } from "./chains.ts";

/** A chain, and the axes of its particles. */
export interface ChainStates {
  /** The axis of the chain. */
  readonly along: Axis;
  /** Its latents with particles of their own. */
  readonly states: readonly StateParticles[];
}

type Valued = Pick<Factor, "value">;
type SplittableFactor = Pick<Factor, "value" | "steps" | "plates">;

/** The chains whose steps are linked by what varies along their particles, with the particle axes of their states. */
export function chainStates(
  particles: readonly ParticleAxis[],
  factors: readonly Valued[],
): readonly ChainStates[] {
  const states = particles.flatMap(({ link }) =>
    link !== undefined && isLinked(link, factors)
      ? [{ ...link, first: axis(`first ${link.own.name}`, link.own.size) }]
      : [],
  );
  return [...new Set(states.map(({ chain }) => chain))].map((along) => {
    return { along, states: states.filter(({ chain }) => chain === along) };
  });
}

/** Whether a factor knows the particles of the step before. */
export function isLinked({ previous }: ChainLink, factors: readonly Valued[]): boolean {
  return factors.some(({ value }) => value.has(previous));
}

/** The factors of a chain: at its first step, over particle axes of their own, and at the later ones. */
export function splitFactors<T extends SplittableFactor>(
  { along, states }: ChainStates,
  factors: readonly T[],
) {
  const mine = factors.filter(({ value }) =>
    states.some(({ own, previous }) => value.has(own) || value.has(previous)),
  );
  const first = mine.map(({ steps, ...factor }) => {
    const value = steps ? firstOf(steps.first, along) : elementOf(factor.value, along);
    const plates = factor.plates.filter((plate) => plate.axis !== along);
    return { ...factor, value: renamed(value, states, "own", "first"), plates };
  });
  const later = mine.map(({ steps, ...factor }) => {
    return { ...factor, value: steps?.later ?? factor.value };
  });
  return { first, later, others: factors.filter((factor) => !mine.includes(factor)) };
}

/** The first element along `along`, computed without the others. */
function firstOf(x: Tensor, along: Axis): Tensor {
  return gatherInsideWhere(x, along, constant(0, "int32"), () => true);
}

function elementOf(x: Tensor, along: Axis): Tensor {
  return x.has(along) ? gatherClamped(x, along, 0) : x;
}
