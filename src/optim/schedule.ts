import { cast, constant, exp, floor, type Tensor } from "../tensor/index.ts";

/** The learning rate at the float32 scalar `step`, 1 at the first update. */
export type Schedule = (step: Tensor) => Tensor;

/** A learning rate: a number, or one that depends on the step. */
export type Rate = number | Schedule;

/** `rate` at every step. */
export function constantRate(rate: number): Schedule {
  return named(`constantRate(${rate})`, () => constant(rate));
}

/**
 * `rate` for the first `every` updates, `rate * factor` for the next `every`, and so on:
 * rate * factor^floor((step - 1) / every).
 */
export function stepDecay(
  rate: number,
  { every, factor }: { readonly every: number; readonly factor: number },
): Schedule {
  return named(`stepDecay(${rate}, every ${every}, factor ${factor})`, (step) => {
    const finished = cast(step, "float64").sub(1);
    // Half a step more never crosses a whole number, and keeps rounding from doing so.
    const decays = floor(finished.add(0.5).div(every));
    return cast(exp(decays.mul(Math.log(factor))).mul(rate), "float32");
  });
}

function named(name: string, schedule: Schedule): Schedule {
  return Object.defineProperty(schedule, "name", { value: name });
}

/** The rate as a setting in the record of a run: a number, or the name of the schedule. */
export function describeRate(rate: Rate): number | string {
  return typeof rate === "number" ? rate : rate.name;
}

/** The rate at `step`, in the type of `like`. */
export function rateAt(rate: Rate, step: Tensor, like: Tensor): Tensor {
  return typeof rate === "number" ? constant(rate, like.dtype) : cast(rate(step), like.dtype);
}
