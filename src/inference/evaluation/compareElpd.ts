/** Models side by side, by how well they predict the same observations. */
import {
  checkArguments,
  NUMBERS,
  objectWith,
  recordOf,
  SurmiseError,
} from "../../tensor/internal.ts";
import { type ExpectedLogDensity, totalOf } from "./leaveOneOut.ts";

/** A model beside the best one. */
export interface ElpdComparison {
  /** As it was given. */
  readonly name: string;
  /** In nats; larger is better. */
  readonly elpd: number;
  /** Of `elpd`. */
  readonly standardError: number;
  /** How much less than that of the best model: 0 or negative. */
  readonly difference: number;
  /** Of `difference`, from how the observations differ: smaller than that of either, as the models share them. */
  readonly differenceError: number;
}

/**
 * Expected log densities of the same observations, the largest first, with differences and their standard errors
 * (Vehtari, Gelman and Gabry 2017, section 5.2): sqrt(n var) of the differences observation by observation. A difference
 * of less than about two standard errors, or of less than 4 nats, says little; with fewer than a hundred observations
 * the standard errors are too small (Sivula et al. 2020).
 *
 * @param models by name, as `leaveOneOut` or `waic` returns them
 * @throws SurmiseError if the numbers of observations differ.
 *
 * @example const [best, second] = compareElpd({ pooled: leaveOneOut(a), grouped: leaveOneOut(b) });
 */
export function compareElpd(
  models: Readonly<Record<string, Pick<ExpectedLogDensity, "pointwise">>>,
): ElpdComparison[] {
  checkArguments("compareElpd", { models }, recordOf(objectWith({ pointwise: NUMBERS })));
  const rows = Object.entries(models).map(([name, { pointwise }]) => ({
    name,
    pointwise,
    ...totalOf(pointwise),
  }));
  const [first] = rows;
  const other = rows.find(({ pointwise }) => pointwise.length !== first.pointwise.length);
  if (other !== undefined) {
    throw new SurmiseError(
      `compareElpd: '${first.name}' has ${first.pointwise.length} observations and '${other.name}' ` +
        `${other.pointwise.length}: only models of the same observations can be compared`,
    );
  }
  rows.sort((a, b) => b.sum - a.sum);
  const [best] = rows;
  return rows.map(({ name, pointwise, sum, standardError }) => {
    const apart = totalOf(pointwise.map((x, i) => x - best.pointwise[i]));
    return {
      name,
      elpd: sum,
      standardError,
      difference: apart.sum,
      differenceError: apart.standardError,
    };
  });
}
