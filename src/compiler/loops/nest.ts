/** Builds one loop nest: puts every value at the outermost level where it is known. */

import type { Scalar } from "../scalar/language.ts";
import type { IndexExpr } from "./expressions.ts";
import type { Accumulator, Address, Combine, Statement, Variable } from "./loops.ts";

/** One loop of a nest, outermost first in a list. */
export interface NestLoop {
  /** Its counter. */
  readonly variable: Variable;
  /** Where it ends, from 0. */
  readonly to: Extract<Statement, { kind: "loop" }>["to"];
  /** What is added to the counter each round. */
  readonly step: number;
  /** Lanes per round if it is vectorised, else 1. */
  readonly lanes: number;
}

/** A nest under construction over the given loops. Level 0 is before the first loop. */
export class Nest {
  private readonly loops: readonly NestLoop[];
  private readonly levelOf = new Map<Variable, number>();
  private readonly before: Statement[][];
  private readonly after: Statement[][];
  private readonly placed = new Map<Scalar, number>();

  constructor(loops: readonly NestLoop[]) {
    this.loops = loops;
    loops.forEach((loop, i) => {
      this.levelOf.set(loop.variable, i + 1);
    });
    this.before = [[], ...loops.map(() => [])];
    this.after = [[], ...loops.map(() => [])];
  }

  /** Counters from outside the nest stand at level 0. */
  private levelOfTerms(terms: readonly { variable: Variable; factor: number }[]): number {
    const levels = terms
      .filter((t) => t.factor !== 0)
      .map((t) => this.levelOf.get(t.variable) ?? 0);
    return Math.max(0, ...levels);
  }

  /** Emits `x` and what it needs, each at its level; returns the level of `x`. */
  place(x: Scalar): number {
    const known = this.placed.get(x);
    if (known !== undefined) return known;
    let level = Math.max(0, ...x.args.map((arg) => this.place(arg)));
    if (x.op === "load") level = Math.max(level, this.levelOfTerms((x.leaf as Address).terms));
    if (x.op === "index") level = this.levelOfTerms((x.leaf as IndexExpr).terms);
    this.placed.set(x, level);
    if (x.op !== "constant") this.before[level].push({ kind: "let", value: x });
    return level;
  }

  /** Writes `value` at every point of the loops. */
  store(address: Address, value: Scalar, combine?: Combine): void {
    this.place(value);
    for (const at of address.positions) this.place(at.position);
    this.after[this.loops.length].push({ kind: "store", address, value, combine });
  }

  /** Collects `value`, known behind the loops below `from`, over the loops from level `level` on. */
  collect(
    level: number,
    from: number,
    value: Scalar,
    accumulator: Accumulator,
    result: Scalar,
  ): void {
    this.place(value);
    this.placed.set(result, level);
    this.before[level].push({ kind: "start", accumulator });
    this.after[from].push({ kind: "accumulate", accumulator, value });
    this.after[level].push({ kind: "let", value: result });
  }

  /** Writes at `level` what was collected there, or combines it with what is there. */
  storeAt(level: number, address: Address, value: Scalar, combine: Combine | undefined): void {
    if (!this.placed.has(value)) this.after[level].push({ kind: "let", value });
    this.after[level].push({ kind: "store", address, value, combine });
  }

  /** The finished statements. */
  statements(): Statement[] {
    let inner: Statement[] = [];
    for (let level = this.loops.length; level >= 0; level--) {
      const body = [...this.before[level], ...inner, ...this.after[level]];
      if (level === 0) return body;
      inner = [{ kind: "loop", ...this.loops[level - 1], body }];
    }
    return inner;
  }
}
