/** What the benchmark knows of a piece of work. */
import type { Program } from "../../../src/runtime/index.ts";
import type { Build, Check, Sizes } from "../protocol.ts";

/** One piece of work at one size. */
export interface Member {
  /** As the command line and the results name it. */
  readonly name: string;
  readonly sizes: Sizes;
}

/** A piece of work at several sizes, as surmise does it; bench/README.md says what it is. */
export interface Family {
  readonly name: string;
  /** Another family, by whose name this one is asked for too. */
  readonly group?: string;
  readonly members: readonly Member[];
  /** Multiplications and additions of the matrix products of one step, if it has some to speak of. */
  flop?(sizes: Sizes): number;
  /** Bytes that one step cannot but read and write, where that is what takes its time. */
  bytes?(sizes: Sizes): number;
  /** Named results at fixed parameters, data and noise, to be compared with those of others. */
  check(sizes: Sizes): Check;
  /** A step, ready to run. */
  program(sizes: Sizes): Program;
  /** Does so many steps; in one call of the program unless given. */
  run?(program: Program, steps: number): void;
  /** Milliseconds of all its steps so far that do not count, if there are some. */
  uncounted?(program: Program): number;
  /** Builds the step and runs it once, watch in hand. */
  timeBuild?(sizes: Sizes): Build | Promise<Build>;
}
