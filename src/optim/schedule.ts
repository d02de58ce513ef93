import {
  ANYTHING,
  cast,
  checkArguments,
  constant,
  cos,
  exp,
  floor,
  listOf,
  maximum,
  minimum,
  optionsWith,
  realNumber,
  select,
  type Tensor,
  wholeNumber,
} from "../tensor/internal.ts";

/** The learning rate at the float32 scalar `step`, 1 at the first update. */
export type Schedule = (step: Tensor) => Tensor;

/** A learning rate: a number, or one that depends on the step. */
export type Rate = number | Schedule;

/**
 * `rate` at every step.
 *
 * @throws SurmiseError unless it is a number of at least 0.
 */
export function constantRate(rate: number): Schedule {
  checkRate("constantRate", rate);
  return named(`constantRate(${rate})`, () => constant(rate));
}

/**
 * `rate` for the first `every` updates, `rate * factor` for the next `every`, and so on:
 * rate * factor^floor((step - 1) / every).
 *
 * @throws SurmiseError unless `rate` is a number of at least 0, `every` a whole number of at least 1, and
 * `factor` above 0.
 */
export function stepDecay(
  rate: number,
  decay: { readonly every: number; readonly factor: number },
): Schedule {
  checkArguments(
    "stepDecay",
    { decay },
    optionsWith<typeof decay>({ every: ANYTHING, factor: ANYTHING }),
  );
  const { every, factor } = decay;
  checkRate("stepDecay", rate);
  wholeNumber("stepDecay: every", every, { least: 1 });
  realNumber("stepDecay: factor", factor, { above: 0 });
  return named(`stepDecay(${rate}, every ${every}, factor ${factor})`, (step) => {
    const finished = cast(step, "float64").sub(1);
    // Half a step more never crosses a whole number, and keeps rounding from doing so.
    const decays = floor(finished.add(0.5).div(every));
    return cast(exp(decays.mul(Math.log(factor))).mul(rate), "float32");
  });
}

/**
 * The rates of `stages` one after the other, each for `updates` updates; the last one stays.
 *
 * @throws SurmiseError unless there is a stage, each rate is a number of at least 0, and each length a whole number.
 */
export function stagedRate(
  stages: readonly { readonly rate: number; readonly updates: number }[],
): Schedule {
  checkArguments(
    "stagedRate",
    { stages },
    listOf(optionsWith<(typeof stages)[number]>({ rate: ANYTHING, updates: ANYTHING })),
  );
  wholeNumber("stagedRate: the number of stages", stages.length, { least: 1 });
  for (const { rate, updates } of stages) {
    checkRate("stagedRate", rate);
    wholeNumber("stagedRate: updates", updates, { least: 0 });
  }
  const name = `stagedRate(${stages.map(({ rate, updates }) => `${rate} x${updates}`).join(", ")})`;
  return named(name, (step) => {
    let begin = 0;
    return stages.reduce<Tensor>((rate, stage, i) => {
      const later = i === 0 ? rate : select(step.gt(begin + 0.5), constant(stage.rate), rate);
      begin += stage.updates;
      return later;
    }, constant(stages[0].rate));
  });
}

/**
 * From 0 to `rate` in a straight line over `warmUp` updates, then along half a cosine to `end` (0 unless given), which is
 * reached after `updates` in all and stays (Loshchilov and Hutter, ICLR 2017).
 *
 * @throws SurmiseError unless the rates are at least 0, `warmUp` is a whole number, and `updates` a larger one.
 */
export function cosineRate(
  rate: number,
  options: { readonly updates: number; readonly warmUp?: number; readonly end?: number },
): Schedule {
  checkArguments(
    "cosineRate",
    { options },
    optionsWith<typeof options>({ updates: ANYTHING, warmUp: ANYTHING, end: ANYTHING }),
  );
  const { updates, warmUp = 0, end = 0 } = options;
  checkRate("cosineRate", rate);
  checkRate("cosineRate: end", end);
  wholeNumber("cosineRate: warmUp", warmUp, { least: 0 });
  wholeNumber("cosineRate: updates", updates, { least: warmUp + 1 });
  return named(`cosineRate(${rate} to ${end}, ${updates} updates, warm-up ${warmUp})`, (step) => {
    const past = minimum(maximum(step.sub(warmUp), 0).mul(1 / (updates - warmUp)), 1);
    const falling = cos(past.mul(Math.PI))
      .add(1)
      .mul((rate - end) / 2)
      .add(end);
    return warmUp === 0 ? falling : select(step.lt(warmUp), step.mul(rate / warmUp), falling);
  });
}

/**
 * `rate` times step / `updates` during the first `updates` updates, then `rate`: the warm-up of a learning rate, or of the
 * weight of a divergence (`beta`).
 *
 * @throws SurmiseError unless `rate` is a schedule or a number of at least 0, and `updates` a whole number of at least 1.
 */
export function warmUp(rate: Rate, updates: number): Schedule {
  checkRate("warmUp", rate);
  wholeNumber("warmUp: updates", updates, { least: 1 });
  return named(`warmUp(${describeRate(rate)}, ${updates} updates)`, (step) =>
    rateAt(rate, step, step).mul(minimum(step.mul(1 / updates), 1)),
  );
}

function named(name: string, schedule: Schedule): Schedule {
  return Object.defineProperty(schedule, "name", { value: name });
}

/** @throws SurmiseError unless `rate` is a schedule or a number of at least 0; `rule` names who asks. */
export function checkRate(rule: string, rate: Rate): void {
  if (typeof rate !== "function") realNumber(`${rule}: the rate`, rate, { least: 0 });
}

/** The rate as a setting in the record of a run: a number, or the name of the schedule. */
export function describeRate(rate: Rate): number | string {
  return typeof rate === "number" ? rate : rate.name;
}

/** The rate at `step`, in the type of `like`. */
export function rateAt(rate: Rate, step: Tensor, like: Tensor): Tensor {
  return typeof rate === "number" ? constant(rate, like.dtype) : cast(rate(step), like.dtype);
}
