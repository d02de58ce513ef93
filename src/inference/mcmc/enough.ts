/** Whether chains have made enough draws. */
import { type ChainValues, essBulk, essTail, rHat } from "../evaluation/chains/chainDiagnostics.ts";

/** When chains have drawn enough: both hold for every number that the chains draw: unconstrained ones, and held values. */
export interface Until {
  /** The largest rank-normalised split R-hat; above 1. */
  readonly rhat?: number;
  /** The least bulk and tail effective sample size, of all chains together. */
  readonly ess?: number;
}

/** It is first asked after so many draws of each chain, then each time that there are half as many more. */
const [FIRST, GROWTH] = [100, 1.5];

/** The first number of draws above `draws` after which it is asked: a function of nothing else. */
export function nextCheck(draws: number): number {
  let at = FIRST;
  while (at <= draws) at = Math.ceil(GROWTH * at);
  return at;
}

/** Whether it is asked after so many draws. */
export function isCheck(draws: number): boolean {
  return draws >= FIRST && nextCheck(draws - 1) === draws;
}

/** Whether the draws of each number, chain after chain, are enough. */
export function areEnough(numbers: Iterable<ChainValues>, { rhat, ess }: Until): boolean {
  for (const draws of numbers) {
    if (rhat !== undefined && !(rHat(draws) <= rhat)) return false;
    if (ess !== undefined && !(Math.min(essBulk(draws), essTail(draws)) >= ess)) return false;
  }
  return true;
}
