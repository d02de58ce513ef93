/** A log density and its gradient as a call from the host that allocates nothing. */
import type { Program, ProgramSpec } from "../../../runtime/index.ts";
import {
  type Linkage,
  type OpenReplica,
  openReplica,
  type ProgramReplica,
  placesIn,
} from "../../../runtime/internal.ts";
import { grad, type Tensor, type TypedArray } from "../../../tensor/index.ts";
import type { PositionInput } from "../layout.ts";

/** A part of a position or gradient, where it lies in the memory of a program. */
interface Part {
  readonly view: TypedArray;
  readonly offset: number;
  readonly size: number;
  /** Where in the view each element is, if not in the same order. */
  readonly places: Int32Array | undefined;
}

/** What an evaluator runs: `value` and, of each input, `gradient I`. */
export function evaluatorSpec(value: Tensor, inputs: readonly PositionInput[]): ProgramSpec {
  const varying = inputs.map(({ tensor }) => tensor);
  const gradients = grad(value, varying).map((x, i) => [`gradient ${i}`, x] as const);
  return { outputs: { value, ...Object.fromEntries(gradients) }, varying };
}

/** A log density in the memory of its program: write the position, run, read the gradient. */
export interface InPlace {
  /** All of the position. */
  readonly position: Float64Array;
  /** Of the position at the last run, in the same order. */
  readonly gradient: Float64Array;
  /** The log density at the position, in nats. */
  run(): number;
  /** The same for a module of WebAssembly that shares its memory, where there is that. */
  readonly linked?: Linked | undefined;
}

/** A log density as a module of WebAssembly calls it: one step of the program. */
export interface Linked extends Linkage {
  /** The byte offset of the position. */
  readonly position: number;
  /** That of the gradient. */
  readonly gradient: number;
  /** That of the log density. */
  readonly value: number;
  /** To be called after anything has been written but the position. */
  prepare(): void;
}

function linkedBy(
  linkage: Linkage | undefined,
  offsetOf: (name: string) => number,
  prepare: () => void,
): Linked | undefined {
  if (linkage === undefined) return undefined;
  const [position, gradient, value] = [POSITION, GRADIENT, VALUE].map(offsetOf);
  return { ...linkage, position, gradient, value, prepare };
}

/** What the input of a flat position is called, and with what those of parts of it begin. */
export const POSITION = "#position";
/** What the results of a program of one input are called. */
const [GRADIENT, VALUE] = ["gradient 0", "value"];

/** What another thread runs, in memory of its own, of a program of one input. */
export function openInPlace(replica: ProgramReplica): InPlace {
  const open: OpenReplica = openReplica(replica);
  const value = open.view(VALUE);
  return {
    position: open.view(POSITION) as Float64Array,
    gradient: open.view(GRADIENT) as Float64Array,
    run() {
      open.step();
      return value[0];
    },
    linked: linkedBy(
      open.linkage,
      (name) => replica.places[name].offset,
      () => {},
    ),
  };
}

/** Value and gradient at a flat position, in memory that is made once. */
export class Evaluator {
  /** The compiled value and gradient. */
  readonly program: Program;
  private readonly value: TypedArray;
  private readonly positions: readonly Part[];
  private readonly gradients: readonly Part[];

  /** `program` is one of `evaluatorSpec` for these inputs. */
  constructor(program: Program, inputs: readonly PositionInput[]) {
    this.program = program;
    this.value = program.view("value");
    const known = program.inputs;
    this.positions = inputs
      .filter(({ name }) => known.has(name))
      .map(({ name, offset, size }) => {
        program.write(name, new Float64Array(size));
        return { view: program.view(name), offset, size, places: undefined };
      });
    this.gradients = inputs.map(({ offset, size, axes }, i) => {
      const places = placesIn(program.read(`gradient ${i}`).axes, axes);
      return { view: program.view(`gradient ${i}`), offset, size, places };
    });
  }

  /** The memory itself, where it holds positions and gradients as they are; undefined elsewhere. */
  get inPlace(): InPlace | undefined {
    const [position, ...more] = this.positions;
    const [gradient] = this.gradients;
    if (more.length > 0 || !(position?.view instanceof Float64Array)) return undefined;
    if (gradient.places !== undefined || !(gradient.view instanceof Float64Array)) return undefined;
    const { program, value } = this;
    return {
      position: position.view,
      gradient: gradient.view,
      run() {
        program.step();
        return value[0];
      },
      linked: linkedBy(
        program.linkage,
        (name) => program.place(name).offset,
        () => program.prepare(),
      ),
    };
  }

  /** The program for another thread (`openInPlace`), where there is `inPlace` and it can be had. */
  replica(): ProgramReplica | undefined {
    return this.inPlace && this.program.replica([POSITION, GRADIENT, VALUE]);
  }

  /** The value at a position, whose gradient is written into `gradient`. */
  evaluate(position: Float64Array, gradient: Float64Array): number {
    const { positions, gradients } = this;
    for (let k = 0; k < positions.length; k++) {
      const { view, offset, size } = positions[k];
      for (let i = 0; i < size; i++) view[i] = position[offset + i];
    }
    this.program.step();
    for (let k = 0; k < gradients.length; k++) {
      const { view, offset, size, places } = gradients[k];
      if (places === undefined) for (let i = 0; i < size; i++) gradient[offset + i] = view[i];
      else for (let i = 0; i < size; i++) gradient[offset + i] = view[places[i]];
    }
    return this.value[0];
  }
}
