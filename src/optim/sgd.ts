import { constant, realNumber } from "../tensor/internal.ts";
import type { Optimiser } from "./optimiser.ts";
import { checkRate, describeRate, type Rate, rateAt } from "./schedule.ts";

/**
 * Stochastic gradient descent with heavy-ball momentum (Polyak 1964), in the form of PyTorch's SGD
 * without dampening:
 *
 *     v_t = momentum v_{t-1} + g_t,  v_0 = 0;   x_t = x_{t-1} - rate v_t.
 *
 * @throws SurmiseError unless the rate is at least 0 and the momentum in [0, 1).
 */
export function sgd(rate: Rate, momentum = 0): Optimiser {
  checkRate("sgd", rate);
  realNumber("sgd: the momentum", momentum, { least: 0, below: 1 });
  const slots = momentum === 0 ? [] : ["velocity"];
  return {
    name: "sgd",
    settings: { rate: describeRate(rate), momentum },
    slots,
    init: (param) => Object.fromEntries(slots.map((slot) => [slot, constant(0, param.dtype)])),
    update(param, gradient, { velocity }, step) {
      const eta = rateAt(rate, step, param);
      if (velocity === undefined) return { param: param.sub(gradient.mul(eta)), slots: {} };
      const next = velocity.mul(momentum).add(gradient);
      return { param: param.sub(next.mul(eta)), slots: { velocity: next } };
    },
  };
}
