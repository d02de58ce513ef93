import { constant, input, mean } from "../../../tensor/internal.ts";
import { type Control, DECAY } from "./control.ts";

/**
 * One number for each latent: the running mean of the signal, with a decay of 0.9, that of the steps before.
 * Its state is the float64 scalar `LATENT#control`.
 */
export const scalar: Control = {
  name: "Scalar",
  about: "the score function, with the running mean of the signal as control variate",
  source: "Mnih and Gregor, ICML 2014; Ruiz and Titsias, ICML 2019",
  apply({ latent, value }) {
    const name = `${latent.name}#control`;
    const before = input(name, [], "float64");
    const here = value.axes.length === 0 ? value : mean(value, ...value.axes);
    const after = before.mul(DECAY).add(here.mul(1 - DECAY));
    return {
      value: value.sub(before),
      state: { initial: { [name]: constant(0, "float64") }, updates: [[before, after]] },
    };
  },
};
