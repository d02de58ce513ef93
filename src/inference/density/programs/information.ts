/** How much is known of a latent besides its prior. */
import { broadcast } from "../../../runtime/internal.ts";
import { threefry } from "../../../tensor/internal.ts";
import { type UnconstrainedTrace, unitsOf } from "../traceUnconstrained.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

/** Steps of second differences, in scales of the prior: so long that also those of float32 are right. */
const STEP = 0.1;
/** Directions of random signs. */
const DIRECTIONS = 8;

/** 1 or -1, the same ones for every model. */
function signOf(direction: number, element: number): number {
  return threefry(0, 0, direction, element)[0] < 0 ? -1 : 1;
}

/**
 * What all but its own prior says of a latent at a position, in units of that prior given other latents and steps: the
 * mean over its elements of -s^2 d^2 log p / dx^2, with s the scale of the prior, from second differences along
 * random signs (Hutchinson 1990).
 */
export function priorUnitsInformation(
  programs: PositionPrograms,
  { trace, value, sites }: UnconstrainedTrace,
  name: string,
  position: Float64Array,
): number {
  const program = programs.of(`besides the prior of ${name}`, () => {
    const latent = trace.latents.find((each) => each.name === name);
    const units = latent && unitsOf(latent.distribution);
    if (units === undefined) throw new Error(`the prior of '${name}' has no units`);
    return { outputs: { rest: value.sub(sites[name]), scale: units.scale } };
  });
  const run = (at: Float64Array) => {
    programs.write(program, POSITION, at);
    return program.run();
  };
  const site = programs.sites.find((each) => each.name === name);
  if (site === undefined) return Number.NaN;
  const { offset, size, axes } = site;
  const here = run(position);
  const rest = here.rest.data[0];
  const scale = Float64Array.from(broadcast(here.scale, axes));
  let total = 0;
  for (let direction = 0; direction < DIRECTIONS; direction++) {
    const [up, down] = [1, -1].map((side) => {
      const there = position.slice();
      for (let i = 0; i < size; i++) {
        there[offset + i] += side * STEP * scale[i] * signOf(direction, i);
      }
      return run(there).rest.data[0];
    });
    total += (2 * rest - up - down) / STEP ** 2;
  }
  return total / DIRECTIONS / size;
}
