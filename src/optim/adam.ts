import {
  ANYTHING,
  cast,
  checkArguments,
  constant,
  expm1,
  optionsWith,
  realNumber,
  sqrt,
  square,
  type Tensor,
} from "../tensor/internal.ts";
import type { Optimiser } from "./optimiser.ts";
import { checkRate, describeRate, type Rate, rateAt } from "./schedule.ts";

/** What `adam` may be told beside the rate. */
export interface AdamOptions {
  /** How much of the running mean of gradients is kept from step to step: from 0 to below 1; 0.9 unless given. */
  readonly beta1?: number;
  /** The same of their squares; 0.999 unless given. */
  readonly beta2?: number;
  /** What is added to the root of the squares: at least 0; 1e-8 unless given. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba, ICLR 2015, algorithm 1), as in PyTorch:
 *
 *     m_t = beta1 m_{t-1} + (1 - beta1) g_t,    v_t = beta2 v_{t-1} + (1 - beta2) g_t^2,
 *     x_t = x_{t-1} - rate (m_t / (1 - beta1^t)) / (sqrt(v_t / (1 - beta2^t)) + epsilon).
 *
 * @throws SurmiseError unless the rate and `epsilon` are at least 0, and both betas in [0, 1).
 */
export function adam(rate: Rate, options: AdamOptions = {}): Optimiser {
  checkArguments(
    "adam",
    { options },
    optionsWith<AdamOptions>({ beta1: ANYTHING, beta2: ANYTHING, epsilon: ANYTHING }),
  );
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  checkRate("adam", rate);
  realNumber("adam: beta1", beta1, { least: 0, below: 1 });
  realNumber("adam: beta2", beta2, { least: 0, below: 1 });
  realNumber("adam: epsilon", epsilon, { least: 0 });
  return {
    name: "adam",
    settings: { rate: describeRate(rate), beta1, beta2, epsilon },
    slots: ["mean", "squares"],
    init: (param) => ({ mean: constant(0, param.dtype), squares: constant(0, param.dtype) }),
    update(param, gradient, slots, step) {
      const t = cast(step, param.dtype);
      const mean = slots.mean.mul(beta1).add(gradient.mul(1 - beta1));
      const squares = slots.squares.mul(beta2).add(square(gradient).mul(1 - beta2));
      const size = rateAt(rate, step, param).div(oneMinusPower(beta1, t));
      const spread = sqrt(squares)
        .div(sqrt(oneMinusPower(beta2, t)))
        .add(epsilon);
      return { param: param.sub(mean.mul(size).div(spread)), slots: { mean, squares } };
    },
  };
}

/** 1 - base^t, without the cancellation that a base near 1 brings. */
function oneMinusPower(base: number, t: Tensor): Tensor {
  return expm1(t.mul(Math.log(base))).neg();
}
