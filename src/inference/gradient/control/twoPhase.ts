import {
  ANYTHING,
  checkArguments,
  optional,
  optionsWith,
  select,
  TENSOR,
  type Tensor,
  wholeNumber,
} from "../../../tensor/internal.ts";
import { type CarriedState, joinStates } from "../estimator.ts";
import { CONTROL, type Control } from "./control.ts";
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
  readonly second?: Control;
}

/**
 * One control variate until a step, then another, which begins where the first came to (Ruiz and Titsias, ICML 2019: the
 * scalar one for 3000 iterations, then one for each datum): it is that of what the first leaves of the signal, and
 * the first stays as it was at that step. A running mean of each datum that began at 0 would be off by half the signal
 * for tens of epochs.
 *
 * @throws SurmiseError unless `at` is a whole number.
 */
export function twoPhase(phases: Phases): Control {
  checkArguments(
    "twoPhase",
    { phases },
    optionsWith<Phases>({
      step: TENSOR,
      at: ANYTHING,
      first: optional(CONTROL),
      second: optional(CONTROL),
    }),
  );
  const { step, at, first = scalar, second = perDatum() } = phases;
  wholeNumber("controls.twoPhase: at", at, { least: 0, most: 2 ** 31 - 1 });
  const isFirst = step.lt(at);
  return {
    name: "TwoPhase",
    about: "the score function, with one control variate until a step, and then another",
    source: "Ruiz and Titsias, ICML 2019",
    requires: [...(first.requires ?? []), ...(second.requires ?? [])],
    apply(signal) {
      const { latent } = signal;
      const named = (phase: number) => ({ ...latent, name: `${latent.name} ${phase}` });
      const early = first.apply({ ...signal, latent: named(0) });
      const late = second.apply({ ...signal, value: early.value, latent: named(1) });
      return {
        value: select(isFirst, early.value, late.value),
        state: joinStates(
          changing(early.state, (before, after) => select(isFirst, after, before)),
          changing(late.state, (before, after) => select(isFirst, before, after)),
        ),
      };
    },
  };
}

/** The state with updates made of those there are. */
function changing(
  state: CarriedState | undefined,
  update: (before: Tensor, after: Tensor) => Tensor,
): CarriedState | undefined {
  return (
    state && {
      ...state,
      updates: state.updates.map(([before, after]) => [before, update(before, after)] as const),
    }
  );
}
