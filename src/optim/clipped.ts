import {
  ANYTHING,
  checkArguments,
  maximum,
  minimum,
  OBJECT,
  optionsWith,
  realNumber,
  SurmiseError,
} from "../tensor/internal.ts";
import type { Optimiser } from "./optimiser.ts";

/** How gradients are clipped. */
export interface ClipOptions {
  /** The most that the Euclidean norm of the gradients of all parameters together may be: they are scaled down to it. */
  readonly norm?: number;
  /** The most that an element may be, up and down. */
  readonly value?: number;
}

/**
 * A rule with clipped gradients (Pascanu, Mikolov and Bengio, ICML 2013, algorithm 1): of all parameters together to a norm,
 * element by element to a value, or first the one and then the other. Gradients are those of the loss, in units of the
 * learning-rate scales.
 *
 * @throws SurmiseError unless there is one of both, above 0, or if the rule clips already.
 *
 * @example fit({ model, data, optimiser: clipped(adam(0.01), { norm: 10 }) })
 */
export function clipped(rule: Optimiser, options: ClipOptions): Optimiser {
  checkArguments("clipped", { rule }, OBJECT);
  checkArguments(
    "clipped",
    { options },
    optionsWith<ClipOptions>({ norm: ANYTHING, value: ANYTHING }),
  );
  const { norm, value } = options;
  if (norm === undefined && value === undefined) {
    throw new SurmiseError("clipped: give norm or value; a rule as it is needs no clipped(...)");
  }
  if (rule.settings.clipNorm !== undefined || rule.settings.clipValue !== undefined) {
    throw new SurmiseError(
      "clipped: the rule clips gradients already: give norm and value together, clipped(adam(0.01), { norm: 10, value: 1 })",
    );
  }
  if (norm !== undefined) realNumber("clipped: norm", norm, { above: 0 });
  if (value !== undefined) realNumber("clipped: value", value, { above: 0 });
  const settings = {
    ...(norm !== undefined && { clipNorm: norm }),
    ...(value !== undefined && { clipValue: value }),
  };
  return {
    ...rule,
    settings: { ...rule.settings, ...settings },
    ...(norm !== undefined && { mostNorm: norm }),
    update: (param, gradient, slots, step) => {
      const within = value === undefined ? gradient : minimum(maximum(gradient, -value), value);
      return rule.update(param, within, slots, step);
    },
  };
}
