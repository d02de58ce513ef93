import type { Param } from "../../model/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import {
  cast,
  grad,
  input,
  sizeOf,
  sum,
  type Tensor,
  type TypedArray,
} from "../../tensor/index.ts";
import { broadcast } from "../process/state.ts";

/** A bound as a function of the flat vector of free numbers. */
export class Surface {
  private readonly params: readonly Param[];
  private readonly program: Program;

  constructor(
    bound: Tensor,
    params: readonly Param[],
    values: Readonly<Record<string, { readonly data: TypedArray }>>,
  ) {
    this.params = params;
    const inputs = params.map(({ value }) => value);
    const slopes = grad(bound, inputs);
    const along = params
      .map(({ name, axes, dtype }, i) => sum(slopes[i].mul(input(`#along ${name}`, axes, dtype))))
      .reduce((a, b) => cast(a, "float64").add(cast(b, "float64")));
    const bends = grad(along, inputs);
    const outputs: Record<string, Tensor> = { "#height": bound };
    params.forEach(({ name }, i) => {
      outputs[`#slope ${name}`] = slopes[i];
      outputs[`#bend ${name}`] = bends[i];
    });
    this.program = compile({ outputs });
    for (const name of this.program.inputs.keys()) {
      if (Object.hasOwn(values, name)) this.program.write(name, values[name].data);
    }
    this.write("#along ", new Float64Array(params.reduce((n, { axes }) => n + sizeOf(axes), 0)));
  }

  read(): Float64Array {
    return Float64Array.from(this.params.flatMap(({ name }) => [...this.program.read(name).data]));
  }

  /** Goes to a place: the height there, and the slope. */
  at(place: Float64Array): { readonly height: number; readonly slope: Float64Array } {
    this.write("", place);
    const found = this.program.run();
    return { height: found["#height"].data[0], slope: this.joined("#slope ", found) };
  }

  /** Row-major, at the present place; column by column. */
  negatedSecondDerivatives(): Float64Array {
    const size = this.params.reduce((n, { axes }) => n + sizeOf(axes), 0);
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      const column = this.bend(Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)));
      for (let j = 0; j < size; j++) matrix[j * size + i] = -column[j];
    }
    return matrix;
  }

  /** How the slope changes along a direction, at the present place. */
  bend(direction: Float64Array): Float64Array {
    this.write("#along ", direction);
    return this.joined("#bend ", this.program.run());
  }

  private write(prefix: string, flat: Float64Array): void {
    let from = 0;
    for (const { name, axes } of this.params) {
      const to = from + sizeOf(axes);
      if (this.program.inputs.has(prefix + name)) {
        this.program.write(prefix + name, flat.slice(from, to));
      }
      from = to;
    }
  }

  private joined(prefix: string, found: ReturnType<Program["run"]>): Float64Array {
    const parts = this.params.map(({ name, axes }) => broadcast(found[prefix + name], axes));
    return Float64Array.from(parts.flatMap((part) => [...part]));
  }
}
