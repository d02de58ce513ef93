/** The programs of a log density: each made where it is first needed, all of the same inputs. */
import type { ParamStore } from "../../../model/internal.ts";
import {
  type CompileOptions,
  compile,
  type Program,
  type ProgramSpec,
} from "../../../runtime/internal.ts";
import { checkArguments, NUMBERS, type Precision, SurmiseError } from "../../../tensor/internal.ts";
import { type Trained, writeTrained } from "../../process/trained.ts";
import { type HeldDiscrete, inputOf } from "../heldDiscrete.ts";
import type { Layout, Position, PositionInput, UnconstrainedSite } from "../layout.ts";
import { POSITION } from "./evaluator.ts";

/** How programs are made. */
export interface PositionProgramOptions extends Pick<CompileOptions, "backend" | "threads"> {
  /** What everything is computed in; float64 unless given. */
  readonly dtype?: Precision;
  /** About how many evaluations there will be; 1000 unless given. */
  readonly evaluations?: number;
}

/** What programs are made of a position of. */
export interface PositionProgramsOf extends Pick<Layout, "sites" | "dimension"> {
  /** The inputs that hold the position. */
  readonly inputs: readonly PositionInput[];
  /** The discrete latents that are held at values. */
  readonly held: HeldDiscrete;
  /** The parameters of the model, which are inputs of all programs. */
  readonly parameters: ParamStore;
}

/** The inputs of a position, and the programs that read them. */
export class PositionPrograms {
  /** The latents, each with its part of a position. */
  readonly sites: readonly UnconstrainedSite[];
  /** How many unconstrained numbers a position has. */
  readonly dimension: number;
  /** The inputs that hold the position. */
  readonly inputs: readonly PositionInput[];
  private readonly held: HeldDiscrete;
  private readonly parameters: ParamStore;
  private readonly options: PositionProgramOptions;
  private readonly made = new Map<string, Program>();
  private values: Trained | undefined;

  constructor(of: PositionProgramsOf, options: PositionProgramOptions, values?: Trained) {
    this.sites = of.sites;
    this.dimension = of.dimension;
    this.inputs = of.inputs;
    this.held = of.held;
    this.parameters = of.parameters;
    this.options = options;
    this.values = values;
  }

  /** What everything is computed in. */
  get dtype(): Precision {
    return this.options.dtype ?? "float64";
  }

  /** Whether the position is one input, flat. */
  get isFlat(): boolean {
    return this.inputs.length === 1 && this.inputs[0].name === POSITION;
  }

  /** The position that programs are given. */
  get position(): Position {
    if (this.isFlat) return this.inputs[0].tensor;
    const bySite = this.sites.map(({ name }, i) => [name, this.inputs[i].tensor] as const);
    return Object.fromEntries(bySite);
  }

  /** The program of this name, made once, with the parameters of the model. */
  of(name: string, spec: () => ProgramSpec): Program {
    let program = this.made.get(name);
    if (program === undefined) {
      const { backend, threads, evaluations } = this.options;
      program = compile(spec(), {
        dtype: this.dtype,
        ...(backend !== undefined && { backend }),
        ...(threads !== undefined && { threads }),
        ...(evaluations !== undefined && { steps: evaluations }),
      });
      if (this.values !== undefined) writeTrained(program, this.parameters, this.values);
      this.made.set(name, program);
    }
    return program;
  }

  /** The program of this name, if it was made. */
  known(name: string): Program | undefined {
    return this.made.get(name);
  }

  /** Sets the values of the model's parameters in all programs. */
  setParameters(values: Trained): void {
    this.values = values;
    for (const program of this.made.values()) writeTrained(program, this.parameters, values);
  }

  /** Sets the values of the model's parameters, if they are known, in a program that was made elsewhere. */
  writeParameters(program: Pick<Program, "inputs" | "write">): void {
    if (this.values !== undefined) writeTrained(program as Program, this.parameters, this.values);
  }

  /** Sets the values of the held latents, one after the other, in a program. */
  writeHeld(program: Program, values: Float64Array): void {
    for (const { name, offset, size } of this.held.latents) {
      const input = inputOf(name);
      if (program.inputs.has(input)) program.write(input, values.slice(offset, offset + size));
    }
  }

  /** Sets the inputs of a position, or of a direction. */
  write(program: Program, what: string, flat: Float64Array): void {
    this.checkLength("the position", flat);
    for (const { name, offset, size } of this.inputs) {
      const input = name.replace(POSITION, what);
      if (program.inputs.has(input)) program.write(input, flat.slice(offset, offset + size));
    }
  }

  /** @throws SurmiseError unless there are as many numbers as a position has. */
  checkLength(what: string, numbers: Float64Array): void {
    if (numbers?.length === this.dimension) return;
    checkArguments("log density", { [what]: numbers }, NUMBERS);
    const { length } = numbers;
    throw new SurmiseError(
      `${what} has ${length} elements, but the latents have ${this.dimension} unconstrained numbers in all: ` +
        this.sites.map(({ name, size }) => `${size} of '${name}'`).join(", "),
    );
  }
}
