import { ANYTHING, checkArguments, optionsWith, realNumber } from "../tensor/internal.ts";
import { type AdamOptions, adam } from "./adam.ts";
import type { Optimiser } from "./optimiser.ts";
import { type Rate, rateAt } from "./schedule.ts";

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, ICLR 2019), as in PyTorch: x is made smaller by
 * rate decay x beside the step of `adam`.
 *
 * @throws SurmiseError as `adam`, and unless `decay` is at least 0.
 */
export function adamW(
  rate: Rate,
  options: { readonly decay?: number } & AdamOptions = {},
): Optimiser {
  checkArguments(
    "adamW",
    { options },
    optionsWith<AdamOptions & { decay: number }>({
      decay: ANYTHING,
      beta1: ANYTHING,
      beta2: ANYTHING,
      epsilon: ANYTHING,
    }),
  );
  const { decay = 0.01, ...rest } = options;
  realNumber("adamW: decay", decay, { least: 0 });
  const plain = adam(rate, rest);
  return {
    ...plain,
    name: "adamW",
    settings: { ...plain.settings, decay },
    update(param, gradient, slots, step) {
      const moved = plain.update(param, gradient, slots, step);
      const shrink = param.mul(rateAt(rate, step, param).mul(decay));
      return { ...moved, param: moved.param.sub(shrink) };
    },
  };
}
