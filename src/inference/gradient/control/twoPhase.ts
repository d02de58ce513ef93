import {
  checkArguments,
  OBJECT,
  objectWith,
  optional,
  select,
  TENSOR,
  type Tensor,
  wholeNumber,
} from "../../../tensor/internal.ts";
import { joinStates } from "../estimator.ts";
import type { Control } from "./control.ts";
import { perDatum } from "./perDatum.ts";
import { scalar } from "./scalar.ts";

/** Which controls follow one another, and when. */
export interface Phases {
  /** The 0-based int32 step of the training. */
  readonly step: Tensor;
  /** The first step of the second phase. */
  readonly at: number;
  /** `scalar` unless given. */
  readonly first?: Control;
  /** `perDatum()` unless given. */
  readonly then?: Control;
}

/**
 * One control variate until a step, then another, both of which are kept all the time (Ruiz and Titsias, ICML 2019:
 * the scalar one for 3000 iterations, then one for each datum).
 *
 * @throws SurmiseError unless `at` is a whole number.
 */
export function twoPhase(phases: Phases): Control {
  checkArguments("twoPhase", { phases }, objectWith({ step: TENSOR, first: optional(OBJECT) }));
  const { step, at, first = scalar, then = perDatum() } = phases;
  wholeNumber("controls.twoPhase: at", at, { least: 0, most: 2 ** 31 - 1 });
  return {
    name: "TwoPhase",
    about: "the score function, with one control variate until a step, and then another",
    source: "Ruiz and Titsias, ICML 2019",
    requires: (combination) => first.requires?.(combination) ?? then.requires?.(combination),
    apply(signal) {
      const { latent } = signal;
      const [early, late] = [first, then].map((control, phase) =>
        control.apply({ ...signal, latent: { ...latent, name: `${latent.name} ${phase}` } }),
      );
      return {
        value: select(step.lt(at), early.value, late.value),
        state: joinStates(early.state, late.state),
      };
    },
  };
}
