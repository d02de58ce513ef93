import type { Optimiser, Schedule } from "../../../optim/index.ts";
import { cast, constant, exp, sqrt, square } from "../../../tensor/internal.ts";

/** Learning rates of the authors' code, stage by stage: those of the paper, rounded. */
export const RATES_OF_CODE = [10, 7.2, 5.2, 3.7, 2.7, 1.9, 1.4, 1].map((rate) => rate * 1e-4);

/**
 * Adam as in the code of Burda and others (github.com/yburda/iwae), for gradients that are sums over a minibatch:
 * beta1 is 0.99, second moments start at 1 and the count of steps at 1, which is a warm-up, and epsilon stands outside
 * the root.
 */
export function adamOfCode(rate: Schedule): Optimiser {
  const [beta1, beta2, epsilon] = [0.99, 0.999, 1e-4];
  return {
    name: "adam of the authors' code",
    settings: { beta1, beta2, epsilon },
    slots: ["mean", "squares"],
    init: (param) => ({ mean: constant(0, param.dtype), squares: constant(1, param.dtype) }),
    update(param, gradient, slots, step) {
      const t = cast(step, param.dtype).add(1);
      const left = (beta: number) =>
        exp(t.mul(Math.log(beta)))
          .neg()
          .add(1);
      const mean = slots.mean.mul(beta1).add(gradient.mul(1 - beta1));
      const squares = slots.squares.mul(beta2).add(square(gradient).mul(1 - beta2));
      const size = cast(rate(step), param.dtype)
        .mul(sqrt(left(beta2)))
        .div(left(beta1));
      return {
        param: param.sub(mean.mul(size).div(sqrt(squares).add(epsilon))),
        slots: { mean, squares },
      };
    },
  };
}
