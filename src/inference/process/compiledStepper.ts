/** An algorithm as one compiled program, whose state is the program's memory. */
import type { CompileOptions, Program } from "../../runtime/index.ts";
import { cast, constant, input, type Tensor } from "../../tensor/internal.ts";
import { type Algorithm, STEP } from "./algorithm.ts";
import { diagnose } from "./nonFinite.ts";
import {
  allFinite,
  checkState,
  compileAlgorithm,
  type ProgramState,
  readState,
  stateNames,
  writeState,
} from "./state.ts";
import type { Stepper, StepperOptions } from "./stepper.ts";

/** See `Stepper`. The means of the metrics are sums in the program's state. */
export class CompiledStepper implements Stepper {
  private readonly algorithm: Algorithm;
  private readonly program: Program;
  private readonly names: readonly string[];
  private good: ProgramState;
  /** The step before which the host has done its part last. */
  private hostStep: number | undefined;

  /**
   * Compiles the step, once.
   *
   * @throws SurmiseError if the step cannot be compiled, or `from` is the state of another one.
   */
  constructor(algorithm: Algorithm, { from, ...options }: StepperOptions) {
    this.algorithm = withSums(algorithm);
    this.program = compileAlgorithm(this.algorithm, options satisfies CompileOptions);
    this.names = stateNames(this.algorithm, this.program);
    if (from !== undefined) {
      checkState(this.names, from);
      writeState(this.program, from);
    }
    // Inputs that nobody has given values are refused before anything is run.
    this.program.step(0);
    this.good = this.state();
  }

  /** Read from the memory of the program. */
  get step(): number {
    return this.program.read(STEP).data[0];
  }

  /** What the program runs on. */
  get backend(): Program["backend"] {
    return this.program.backend;
  }

  /** A copy of the memory, by name. */
  state(): ProgramState {
    return readState(this.program, this.names);
  }

  /** That of the last record, or the one at the start. */
  lastGood(): ProgramState {
    return this.good;
  }

  /** What the algorithm says, after what the host has to do at this step. */
  finished(): boolean {
    const { finished } = this.algorithm;
    if (finished === undefined) return false;
    this.settleHost();
    return finished(this.program);
  }

  /** Does what the host has to do before the next step, once. */
  private settleHost(): void {
    const { between } = this.algorithm;
    const { step } = this;
    if (this.hostStep === step || between?.next(step) !== step) return;
    between.run(this.program, step);
    this.hostStep = step;
  }

  /** Up to the next step before which the host has work. */
  advance(most: number): number {
    this.settleHost();
    const { between } = this.algorithm;
    const { step } = this;
    const pause = between?.next(step + 1) ?? Number.POSITIVE_INFINITY;
    const steps = Math.min(most, pause - step);
    this.program.run({ steps });
    return steps;
  }

  /** The sums in the state over the number of steps. */
  means(steps: number): Record<string, number> {
    return Object.fromEntries(
      Object.keys(this.algorithm.metrics).map((name) => [
        name,
        this.program.read(sumOf(name)).data[0] / steps,
      ]),
    );
  }

  /** Sets the sums to 0. */
  startStretch(): void {
    for (const name of Object.keys(this.algorithm.metrics)) this.program.write(sumOf(name), 0);
  }

  /** Where something is not finite, makes the steps since the last good state again, one by one. */
  *check(metrics: Readonly<Record<string, number>>, recorded: boolean): Generator<number> {
    const state = recorded ? this.state() : {};
    const values = [Object.values(metrics), ...Object.values(state).map(({ data }) => data)];
    if (!values.every(allFinite)) {
      yield* diagnose(this.algorithm, this.program, this.good, this.step);
    }
    if (recorded) this.good = state;
  }
}

/** The name of the float64 scalar that holds the sum of a metric since the last record. */
function sumOf(metric: string): string {
  return `#sum ${metric}`;
}

/** The algorithm, with the sums of its metrics in its state. */
function withSums(algorithm: Algorithm): Algorithm {
  const updates: [Tensor, Tensor][] = [];
  const initial: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(algorithm.metrics)) {
    const sum = input(sumOf(name), [], "float64");
    updates.push([sum, sum.add(cast(value, "float64"))]);
    initial[sumOf(name)] = constant(0, "float64");
  }
  return {
    ...algorithm,
    updates: [...algorithm.updates, ...updates],
    initial: { ...algorithm.initial, ...initial },
  };
}
