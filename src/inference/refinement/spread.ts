/** How far the draws of a guide spread, learnt from step to step. */

import { isSubsampled, type Plate } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  input,
  maximum,
  mean,
  select,
  sqrt,
  square,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { CarriedState } from "../gradient/index.ts";
import type { ParticleAxis } from "../proposal/traces.ts";
import type { Values } from "./elements.ts";

/** The least share of a step in the averages. */
const LEAST_SHARE = 0.02;

/** Standard deviations, and what they are made of. */
export interface Spread {
  /** Of the numbers of each latent, over its own axes, those of averages and minibatches left out; 1 at the first two steps. */
  readonly scales: Values;
  /** The draws before, half the mean squares of how far draws are from those before, and the count of steps. */
  readonly state: CarriedState;
}

/**
 * The standard deviations of draws that are independent from step to step: half the mean square of how far they are from
 * those of the step before, which a guide that moves slowly hardly changes, an average over all steps and later over the
 * last 50 or so.
 */
export function spreadOf(
  draws: Values,
  names: readonly string[],
  averages: readonly ParticleAxis[],
  plates: readonly Plate[],
): Spread {
  const count = input("#spread steps", [], "int32");
  const pooled: readonly Axis[] = [
    ...averages.map(({ axis }) => axis),
    ...plates.filter(isSubsampled).map(({ axis }) => axis),
  ];
  const share = maximum(
    constant(1, "float64").div(cast(maximum(count, 1), "float64")),
    LEAST_SHARE,
  );
  const each = draws.map((draw, i) => {
    const before = input(`${names[i]}#before`, draw.axes, draw.dtype);
    const square0 = input(`${names[i]}#spread`, withoutAxes(draw.axes, pooled), draw.dtype);
    const apart = square(draw.sub(before)).mul(0.5);
    const along = pooled.filter((axis) => apart.has(axis));
    const here = along.length === 0 ? apart : mean(apart, ...along);
    const moved = square0.add(here.sub(square0).mul(cast(share, draw.dtype)));
    return { draw, before, square0, after: select(count.eq(0), square0, moved) };
  });
  return {
    scales: each.map(({ square0 }) => sqrt(square0)),
    state: {
      initial: {
        "#spread steps": constant(0, "int32"),
        ...Object.fromEntries(
          each.flatMap(({ before, square0 }, i) => [
            [`${names[i]}#before`, constant(0, before.dtype)],
            [`${names[i]}#spread`, constant(1, square0.dtype)],
          ]),
        ),
      },
      updates: [
        [count, count.add(1)] as const,
        ...each.flatMap(({ draw, before, square0, after }) => [
          [before, draw] as const,
          [square0, after] as const,
        ]),
      ],
    },
  };
}
