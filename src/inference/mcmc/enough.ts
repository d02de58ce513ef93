/** Whether chains have made enough draws. */
import { type ChainValues, essBulk, essTail, rHat } from "../statistics/chainDiagnostics.ts";

/** When chains have drawn enough: both hold for every number that the chains draw (`areEnough`). */
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

/** Draws of several numbers in the memory of chains. */
export interface DrawnNumbers {
  /** Row-major over [chains, planned, size]. */
  readonly data: ArrayLike<number>;
  /** How many chains. */
  readonly chains: number;
  /** Draws of each chain that there is room for. */
  readonly planned: number;
  /** Draws of each chain that are there, the first of these. */
  readonly made: number;
  /** Numbers of a draw. */
  readonly size: number;
}

/**
 * Whether the draws are enough: of each unconstrained number, and of each held value that is not the same in all of them, as
 * that of a datum that lies in one component beyond doubt.
 */
export function areEnough(unconstrained: DrawnNumbers, held: DrawnNumbers, until: Until): boolean {
  const varies = ({ values }: ChainValues) => {
    for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return true;
    return false;
  };
  for (const draws of each(unconstrained)) if (!isEnough(draws, until)) return false;
  for (const draws of each(held)) if (varies(draws) && !isEnough(draws, until)) return false;
  return true;
}

function isEnough(draws: ChainValues, { rhat, ess }: Until): boolean {
  if (rhat !== undefined && !(rHat(draws) <= rhat)) return false;
  return ess === undefined || Math.min(essBulk(draws), essTail(draws)) >= ess;
}

/** The draws of each number, chain after chain. */
function* each({ data, chains, planned, made, size }: DrawnNumbers): Generator<ChainValues> {
  for (let i = 0; i < size; i++) {
    const values = new Float64Array(chains * made);
    for (let c = 0; c < chains; c++) {
      for (let d = 0; d < made; d++) values[c * made + d] = data[(c * planned + d) * size + i];
    }
    yield { values, chains };
  }
}
