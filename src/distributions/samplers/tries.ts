import { type Axis, axis, index, max, select, type Tensor } from "../../tensor/index.ts";

/** Candidates along the axis of tries, and where they are accepted (uint8). */
export interface Proposal {
  /** The candidates. */
  readonly value: Tensor;
  /** 1 where a candidate is accepted, uint8. */
  readonly accepted: Tensor;
}

/**
 * Rejection sampling without a loop: `count` independent candidates side by side along an axis, of
 * which the first accepted one is the draw. If none is, an event whose probability the caller makes
 * less than 1e-9, it is the largest candidate.
 */
export function firstAccepted(count: number, propose: (tries: Axis) => Proposal): Tensor {
  const tries = axis("#try", count);
  const { value, accepted } = propose(tries);
  const rank = select(accepted, index(tries).neg(), -count);
  const isFirst = rank.eq(max(rank, tries));
  return max(select(isFirst, value, Number.NEGATIVE_INFINITY), tries);
}
