/** What models of the kinds that posteriordb holds are compared by, and numbers for their data. */
import type { Model } from "../../../../../src/model/index.ts";

export type Numbers = readonly number[];
type Plain = Model<undefined, unknown>;

/** A model with its data, as Stan reads them, and the sites to be compared. */
export interface Kind {
  /** What Stan is given. */
  readonly data: Readonly<Record<string, number | Numbers | readonly Numbers[]>>;
  /** The model given these data. */
  readonly model: Plain;
  /** Sites that both know, by one name. */
  readonly sites: readonly string[];
  /**
   * Is reported only, for it is not met from each seed: in a funnel some trajectories diverge, as with nutpie, or R-hat is
   * above 1.01, which is warned of; metric `variance`, as Stan's, passes, with four times the steps.
   */
  readonly hard?: true;
  /** Of each chain, where 1000 leave R-hat above 1.01 from some seeds. */
  readonly draws?: number;
}

/** Numbers that look random, the same ones everywhere: uniform in (0, 1), standard normal, and counts. */
export class Numbered {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  uniform(): number {
    this.state = (this.state * 48271) % 2147483647;
    return this.state / 2147483647;
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  poisson(rate: number): number {
    let [count, product] = [0, this.uniform()];
    for (; product > Math.exp(-rate); count++) product *= this.uniform();
    return count;
  }
}

export const short = (x: number) => Math.round(x * 1e4) / 1e4;

export const each = <T>(n: number, value: (i: number) => T) =>
  Array.from({ length: n }, (_, i) => value(i));
