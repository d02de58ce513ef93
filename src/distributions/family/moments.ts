/** Distributions that are given by the expectations of statistics. */

import type { Distribution, Moment } from "../distribution.ts";

/** A distribution whose parameters are made of these moments. */
export function withMoments(of: Distribution, moments: readonly Moment[]): Distribution {
  return {
    ...of,
    moments,
    event: (...axes) => withMoments(of.event(...axes), moments),
    map: (f) =>
      withMoments(
        of.map(f),
        moments.map(({ expectation, statistic }) => ({
          expectation: f(expectation),
          statistic: (draw) => f(statistic(draw)),
        })),
      ),
  };
}
