import {
  ANYTHING,
  checkArguments,
  constant,
  optionsWith,
  realNumber,
  sqrt,
  square,
} from "../tensor/internal.ts";
import type { Optimiser } from "./optimiser.ts";
import { checkRate, describeRate, type Rate, rateAt } from "./schedule.ts";

/** What `adagrad` may be told beside the rate. */
export interface AdagradOptions {
  /** What is added to the root of the squares: at least 0; 1e-10 unless given. */
  readonly epsilon?: number;
}

/**
 * Adagrad (Duchi, Hazan and Singer, JMLR 12, 2011, diagonal form), as in PyTorch:
 *
 *     s_t = s_{t-1} + g_t^2,  s_0 = 0;   x_t = x_{t-1} - rate g_t / (sqrt(s_t) + epsilon).
 *
 * @throws SurmiseError unless the rate and `epsilon` are at least 0.
 */
export function adagrad(rate: Rate, options: AdagradOptions = {}): Optimiser {
  checkArguments("adagrad", { options }, optionsWith<AdagradOptions>({ epsilon: ANYTHING }));
  const { epsilon = 1e-10 } = options;
  checkRate("adagrad", rate);
  realNumber("adagrad: epsilon", epsilon, { least: 0 });
  return {
    name: "adagrad",
    settings: { rate: describeRate(rate), epsilon },
    slots: ["squares"],
    init: (param) => ({ squares: constant(0, param.dtype) }),
    update(param, gradient, slots, step) {
      const squares = slots.squares.add(square(gradient));
      const move = gradient.mul(rateAt(rate, step, param)).div(sqrt(squares).add(epsilon));
      return { param: param.sub(move), slots: { squares } };
    },
  };
}
