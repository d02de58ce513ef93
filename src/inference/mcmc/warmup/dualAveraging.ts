import type { Slots } from "../memory.ts";

/** Stan's, and those of the paper. */
const [GAMMA, KAPPA, T0] = [0.05, 0.75, 10];
/** In coordinates of unit variance no longer step is of use (nutpie). */
const MOST = Math.PI;

/** Where each number lies. */
const [COUNT, ERROR, LOG_STEP, LOG_AVERAGE, MU, TARGET] = [0, 1, 2, 3, 4, 5];

/**
 * Dual averaging of the log step size (Hoffman and Gelman, 2014, "The No-U-Turn Sampler", section 3.2, algorithm 6):
 *
 *     H_m = (1 - 1/(m + t0)) H_(m-1) + 1/(m + t0) (target - acceptance),
 *     log e_m = mu - sqrt(m) / gamma H_m,   log ebar_m = m^-kappa log e_m + (1 - m^-kappa) log ebar_(m-1).
 */
export class DualAveraging {
  private readonly state: Float64Array;

  /** `target` is the mean acceptance to be reached, in (0, 1). */
  constructor(slots: Slots, target: number) {
    this.state = slots("step size", 6);
    // Another may have been set before.
    if (this.state[TARGET] === 0) this.state[TARGET] = target;
  }

  /** Begins anew at a step size e, with mu = log(10 e). */
  restart(stepSize: number): void {
    const { state } = this;
    state[COUNT] = 0;
    state[ERROR] = 0;
    state[LOG_STEP] = Math.log(stepSize);
    state[LOG_AVERAGE] = Math.log(stepSize);
    state[MU] = Math.log(10 * stepSize);
  }

  /** The mean acceptance to be reached, in (0, 1). */
  get target(): number {
    return this.state[TARGET];
  }

  set target(acceptance: number) {
    this.state[TARGET] = acceptance;
  }

  /** Takes in the mean acceptance of a step, in [0, 1]. */
  update(acceptance: number): void {
    const { state } = this;
    state[COUNT] += 1;
    const m = state[COUNT];
    const weight = 1 / (m + T0);
    state[ERROR] = (1 - weight) * state[ERROR] + weight * (state[TARGET] - acceptance);
    state[LOG_STEP] = Math.min(Math.log(MOST), state[MU] - (Math.sqrt(m) / GAMMA) * state[ERROR]);
    const share = m ** -KAPPA;
    state[LOG_AVERAGE] = share * state[LOG_STEP] + (1 - share) * state[LOG_AVERAGE];
  }

  /** The step size to be tried next. */
  get stepSize(): number {
    return Math.exp(this.state[LOG_STEP]);
  }

  /** The average, for when it no longer adapts. */
  get averaged(): number {
    return Math.exp(this.state[LOG_AVERAGE]);
  }
}
