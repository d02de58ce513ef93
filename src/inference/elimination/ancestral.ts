import { categorical } from "../../distributions/index.ts";
import {
  type Axis,
  fold,
  gatherClamped,
  index,
  type Key,
  scan,
  select,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Chain, Contraction } from "./chains.ts";
import type { EliminationStep } from "./eliminate.ts";

/** Of axes of particles, the int32 places that were drawn. */
export type ChosenParticles = ReadonlyMap<Axis, Tensor>;

/**
 * Joint draws of particles from all combinations, by their weights: for each axis that was eliminated,
 * the int32 position along it, over `to` and the plates of its step; in a chain, also over its axis.
 *
 * The factors that a step has summed up are the log weights of its particles given those on the axes that
 * are eliminated after it. So the steps are taken backwards, and each particle is drawn from its
 * conditional weights at the particles drawn before: ancestral sampling.
 */
export function drawCombinations(
  steps: readonly EliminationStep[],
  to: Axis,
  key: Key,
): ChosenParticles {
  const drawn = new Map<Axis, Tensor>();
  for (const { axis, values, plates, factors, chain } of [...steps].reverse()) {
    const over = [to, ...plates.map((plate) => plate.axis)];
    const here = fold(fold(key, "draws"), axis.name);
    if (chain !== undefined) {
      for (const [a, places] of drawChain(chain, drawn, over, here)) drawn.set(a, places);
      continue;
    }
    drawn.set(axis, drawOne({ axis, factors }, drawn, over, here));
    if (values !== undefined) drawn.set(values.axis, selectParticles(values.at, drawn));
  }
  return drawn;
}

function drawOne(
  { axis, factors }: Contraction,
  drawn: ChosenParticles,
  over: readonly Axis[],
  key: Key,
) {
  const logits = factors.map((factor) => selectParticles(factor, drawn)).reduce((a, b) => a.add(b));
  return categorical({ logits }, axis).sample(key, over);
}

/**
 * The particles of all steps of a chain, given those of the last: back from step to step (Godsill, Doucet and
 * West, "Monte Carlo smoothing for nonlinear time series", JASA 99, 2004). What knows the particles of
 * the step before, or of the first step only, gets theirs.
 */
function drawChain(
  { along, states, later, turn }: Chain,
  drawn: ChosenParticles,
  over: readonly Axis[],
  key: Key,
): ChosenParticles {
  const last = Object.fromEntries(states.map(({ own }) => [own.name, drawn.get(own) as Tensor]));
  const { outputs } = scan(
    later,
    last,
    (after, here) => {
      const known = new Map(drawn);
      for (const { own } of states) known.set(own, after[own.name]);
      for (const step of [...turn(here)].reverse()) {
        const k = fold(fold(key, step.axis.name), here.position);
        known.set(step.axis, drawOne(step, known, over, k));
      }
      const before = Object.fromEntries(
        states.map(({ own, previous }) => [own.name, known.get(previous) as Tensor]),
      );
      return { carries: before, outputs: before };
    },
    { reverse: true },
  );
  const time = index(along);
  return new Map(
    states.flatMap(({ own, previous, first }) => {
      const earlier = gatherClamped(outputs[own.name], later, time);
      const places = select(time.lt(later.size), earlier, last[own.name]);
      const before = gatherClamped(outputs[own.name], later, time.sub(1));
      return [
        [own, places],
        [previous, before],
        [first, gatherClamped(places, along, 0)],
      ] as const;
    }),
  );
}

/** `x` at the drawn particles; along axes of which none has been drawn it stays as it is. */
export function selectParticles(x: Tensor, drawn: ChosenParticles): Tensor {
  return [...drawn].reduce((y, [a, position]) => (y.has(a) ? gatherClamped(y, a, position) : y), x);
}
