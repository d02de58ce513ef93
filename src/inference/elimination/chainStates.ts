/** What belongs to a chain whose steps hand their particles on, step by step. */
import { type Axis, axis, constant, gather, type Tensor } from "../../tensor/index.ts";
import type { Factor } from "../logWeight/factors.ts";
import { elements } from "../proposal/gatherInside.ts";
import type { ChainLink, DrawnAxis } from "../proposal/traces.ts";
import { renamed, type StateAxes } from "./chains.ts";

/** A chain, and the axes of its particles. */
export interface LinkedChain {
  readonly along: Axis;
  readonly states: readonly StateAxes[];
}

type Valued = Pick<Factor, "value">;
type Split = Pick<Factor, "value" | "steps" | "plates">;

/** The chains whose steps are linked by what varies along their particles, with these. */
export function chainsOf(
  particles: readonly DrawnAxis[],
  terms: readonly Valued[],
): readonly LinkedChain[] {
  const states = particles.flatMap(({ link }) =>
    link !== undefined && isLinked(link, terms)
      ? [{ ...link, first: axis(`first ${link.own.name}`, link.own.size) }]
      : [],
  );
  return [...new Set(states.map(({ chain }) => chain))].map((along) => {
    return { along, states: states.filter(({ chain }) => chain === along) };
  });
}

/** Whether a factor knows the particles of the step before. */
export function isLinked({ previous }: ChainLink, terms: readonly Valued[]): boolean {
  return terms.some(({ value }) => value.has(previous));
}

/** The terms of a chain: at its first step, over axes of particles of their own, and at the others. */
export function split<T extends Split>({ along, states }: LinkedChain, terms: readonly T[]) {
  const mine = terms.filter(({ value }) =>
    states.some(({ own, previous }) => value.has(own) || value.has(previous)),
  );
  const first = mine.map(({ steps, ...term }) => {
    const value = steps ? firstOf(steps.first, along) : elementOf(term.value, along);
    const plates = term.plates.filter((plate) => plate.axis !== along);
    return { ...term, value: renamed(value, states, "own", "first"), plates };
  });
  const later = mine.map(({ steps, ...term }) => {
    return { ...term, value: steps?.later ?? term.value };
  });
  return { first, later, others: terms.filter((term) => !mine.includes(term)) };
}

/** The first element along `along`, computed without the others. */
function firstOf(x: Tensor, along: Axis): Tensor {
  const start = constant(0, "int32");
  return elements(
    x,
    along,
    start,
    () => true,
    (node) => (node.op === "index" ? start : gather(node, along, start)),
  );
}

function elementOf(x: Tensor, along: Axis): Tensor {
  return x.has(along) ? gather(x, along, 0) : x;
}
