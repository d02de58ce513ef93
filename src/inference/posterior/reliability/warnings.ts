/** What is to be said of draws that are to be doubted, with what to do. */
import { checkArguments, OBJECT } from "../../../tensor/internal.ts";
import { MOST_RELIABLE_K } from "../../statistics/psis.ts";
import type { MissedMode } from "./missedMode.ts";
import { isOfMean, type Moved } from "./moved.ts";
import type { Reliability } from "./reliability.ts";
import { haveTail, isUneven, NO_MEAN } from "./weights.ts";

/** A sentence for each reason to doubt the draws, with what to do; empty where there is none. */
export function reliabilityWarnings(reliability: Reliability): string[] {
  checkArguments("reliabilityWarnings", { reliability }, OBJECT);
  const { endless, unsettled } = reliability;
  return [
    ...(endless === undefined ? drawWarnings(reliability) : [endlessWarning(endless)]),
    ...(unsettled === undefined ? [] : [stillMoved(unsettled)]),
  ];
}

/** Draws that are worth less, as a share of them, are looked at again, whatever the tail of their weights. */
const ENOUGH = 0.6;

/** Whether nothing speaks against draws whose weights are uneven: Markov chains may tell more. */
export function isUndecided(reliability: Reliability): boolean {
  const { efficiency = 1, endless } = reliability;
  const isUneven = haveTail(reliability) || efficiency < ENOUGH;
  return isUneven && endless === undefined && drawWarnings(reliability).length === 0;
}

/** Where the estimates of sets of particles vary by more, each set misses most of the posterior. */
const MOST_SET_VARIANCE = 1;
function drawWarnings(reliability: Reliability): string[] {
  const { kHat, threshold = MOST_RELIABLE_K, setVariance = 0 } = reliability;
  const { moved, missed, drifted } = reliability;
  if (missed !== undefined) return [missedWarning(missed)];
  if (drifted !== undefined) return [driftedWarning(drifted)];
  if (setVariance > MOST_SET_VARIANCE) {
    return [
      `sets of particles disagree on the evidence (relative variance ${setVariance.toFixed(1)}, above ` +
        `${MOST_SET_VARIANCE}): each misses a part of the posterior, and means and standard deviations can be far off. ` +
        "Take more particles, or sample by NUTS (method nuts)",
    ];
  }
  if (kHat === undefined) return [];
  // A tail of weights that are nearly alike, however it grows, moves no mean.
  if (!isUneven(reliability)) return moved === undefined ? [] : [movedWarning(moved)];
  const how =
    kHat >= NO_MEAN
      ? "means and standard deviations can be far off"
      : "means and standard deviations can be somewhat off";
  return [
    `k-hat is ${Number.isFinite(kHat) ? kHat.toFixed(2) : "infinite"}, above ${threshold.toFixed(2)}: the fitted ` +
      `approximation does not cover the posterior, and ${how}. Sample by NUTS (method nuts), or choose a method with ` +
      "correlations, more steps, or more particles",
  ];
}

/** A sentence about a mode that draws do not reach, with what to do. */
export function missedWarning({ name, value, share }: MissedMode, byChains = false): string {
  const otherwise = byChains
    ? "start chains there too (init), and weigh the modes by their shares"
    : "sample by NUTS (method nuts) from several starts";
  return (
    `the posterior has another mode, where '${name}' is near ${Number(value.toPrecision(3))}, with about ` +
    `${percent(share)}% of it, which the draws do not reach: means and standard deviations are those of one mode. ` +
    `Where the modes are the same up to an exchange, tell its parts apart (ordered); else ${otherwise}`
  );
}

/** A share in whole percents, or of less than one a digit. */
const percent = (share: number) => {
  const each = 100 * share;
  return each < 1 ? Number(each.toPrecision(1)) : Math.round(each);
};

function movedWarning(moved: Moved): string {
  const { name, shift, ratio } = moved;
  const what = isOfMean(moved)
    ? `the mean of '${name}' is ${Math.abs(shift).toFixed(1)} standard deviations off`
    : `the standard deviation of '${name}' is ${ratio.toFixed(2)} times the right one`;
  return (
    `${what}, by the weights p / q of the draws: the approximation has another shape than the posterior. Choose iwae, ` +
    "which weights its draws, or sample by NUTS (method nuts)"
  );
}

function driftedWarning(moved: Moved): string {
  const { name, shift, ratio } = moved;
  const what = isOfMean(moved)
    ? `move the mean of '${name}' by ${Math.abs(shift).toFixed(1)} standard deviations`
    : `make the standard deviation of '${name}' ${(1 / ratio).toFixed(2)} times as large`;
  return (
    `short Markov chains that begin at the draws ${what}: the draws miss a part of the posterior, and means and standard ` +
    "deviations can be far off. Sample by NUTS (method nuts)"
  );
}

/** A sentence about a latent along which the log density hardly falls, with what to do. */
export function endlessWarning(latent: string): string {
  return (
    `the log density hardly falls along latent '${latent}', ten standard deviations of the draws from their mean: the posterior ` +
    `is improper, or far wider than the draws, and they mean nothing. Give '${latent}' a proper prior, such as ` +
    "normal(0, 2.5), or leave out what the data cannot tell"
  );
}

/** A guide that had not come to rest at the last step. */
function stillMoved(moved: number): string {
  const far = moved < 100 ? `moved by ${moved.toPrecision(2)} standard deviations` : "still moved";
  return (
    `the guide had not come to rest at the last step: its parameters ${far} over the last hundreds of steps, so the numbers ` +
    "may be off by as much; give more steps, or take another method"
  );
}
