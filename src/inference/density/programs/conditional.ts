/** Full conditionals of the discrete latents that are held at values, for Gibbs steps. */
import { broadcast } from "../../../runtime/internal.ts";
import type { Axis } from "../../../tensor/internal.ts";
import { conditionalOf, type HeldLatent, inputOf } from "../heldDiscrete.ts";
import type { UnconstrainedTrace } from "../traceUnconstrained.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

/** The program of the full conditional of a latent. */
export const conditionalName = ({ name }: HeldLatent) => `conditional ${name}`;

/** The full conditional of a held latent. */
export interface HeldConditional {
  /** The axes along which elements are independent given all else, in the order of the plates. */
  readonly apart: readonly Axis[];
  /**
   * At a position and values of all held latents: what gives, for other values of the one, the log density in nats that
   * depends on it, row-major over `apart`. Overwritten by the next call.
   */
  at(position: Float64Array, values: Float64Array): (of: Float64Array) => ArrayLike<number>;
}

/** The full conditional of a held latent, ready to be evaluated (`LogDensity.conditional`). */
export function heldConditional(
  programs: PositionPrograms,
  here: UnconstrainedTrace,
  latent: HeldLatent,
): HeldConditional {
  const { apart, value } = conditionalOf(latent, here.factors());
  const program = programs.of(conditionalName(latent), () => ({
    outputs: { value },
    varying: [...programs.inputs.map(({ tensor }) => tensor), latent.value],
  }));
  return {
    apart,
    at: (position, values) => {
      programs.write(program, POSITION, position);
      programs.writeHeld(program, values);
      return (of) => {
        program.write(inputOf(latent.name), of);
        return broadcast(program.run().value, apart);
      };
    },
  };
}
