import type { Optimiser, Schedule } from "../../optim/index.ts";
import {
  cast,
  checkArguments,
  constant,
  FUNCTION,
  select,
  sqrt,
  square,
} from "../../tensor/internal.ts";

/**
 * RMSProp as in the code of Ruiz and Titsias (ICML 2019): with the gradient g,
 *
 *     G = 0.1 g^2 + 0.9 G,  x = x - rate g / (1 + sqrt(G)),
 *
 * where G begins at the first g^2.
 */
export function rmsprop(rate: Schedule): Optimiser {
  checkArguments("rmsprop", { rate }, FUNCTION);
  const decay = 0.9;
  return {
    name: "rmsprop of the authors' code",
    settings: { rate: rate.name, decay },
    slots: ["squares"],
    init: (param) => ({ squares: constant(0, param.dtype) }),
    update(param, gradient, slots, step) {
      const now = square(gradient);
      const running = slots.squares.mul(decay).add(now.mul(1 - decay));
      const squares = select(step.lt(1.5), now, running);
      const move = gradient.mul(cast(rate(step), param.dtype)).div(sqrt(squares).add(1));
      return { param: param.sub(move), slots: { squares } };
    },
  };
}
