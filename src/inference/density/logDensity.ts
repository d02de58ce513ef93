import type { Param } from "../../model/index.ts";
import { compile, type Program } from "../../runtime/index.ts";
import {
  cast,
  grad,
  input,
  type Precision,
  sizeOf,
  sum,
  type Tensor,
  type TypedArray,
} from "../../tensor/index.ts";
import { broadcast } from "../process/state.ts";

/**
 * A log density, in nats, as a function of the flat vector of unconstrained parameters (float64, each parameter
 * row-major over its axes), with its derivatives.
 */
export class LogDensity {
  private readonly params: readonly Param[];
  private readonly program: Program;

  constructor(
    bound: Tensor,
    params: readonly Param[],
    values: Readonly<Record<string, { readonly data: TypedArray }>>,
    dtype: Precision = "float32",
  ) {
    this.params = params;
    const inputs = params.map(({ value }) => value);
    const gradients = grad(bound, inputs);
    const direction = params.map(({ name, axes, dtype }) => input(`#along ${name}`, axes, dtype));
    const along = direction
      .map((d, i) => sum(gradients[i].mul(d)))
      .reduce((a, b) => cast(a, "float64").add(cast(b, "float64")));
    const hessianVectorProducts = grad(along, inputs);
    const outputs: Record<string, Tensor> = { "#value": bound };
    params.forEach(({ name }, i) => {
      outputs[`#gradient ${name}`] = gradients[i];
      outputs[`#hvp ${name}`] = hessianVectorProducts[i];
    });
    // The value, its gradient and what else depends on the point alone are computed once for each point.
    this.program = compile({ outputs, varying: direction }, { dtype });
    for (const name of this.program.inputs.keys()) {
      if (Object.hasOwn(values, name)) this.program.write(name, values[name].data);
    }
    this.write("#along ", new Float64Array(params.reduce((n, { axes }) => n + sizeOf(axes), 0)));
  }

  read(): Float64Array {
    return Float64Array.from(this.params.flatMap(({ name }) => [...this.program.read(name).data]));
  }

  /** The log density and its gradient at a point, where later calls take their derivatives too. */
  moveTo(point: Float64Array): { readonly value: number; readonly gradient: Float64Array } {
    this.write("", point);
    const found = this.program.run();
    return { value: found["#value"].data[0], gradient: this.joined("#gradient ", found) };
  }

  /** Minus the Hessian at the present point: row-major, made column by column. */
  negHessian(): Float64Array {
    const size = this.params.reduce((n, { axes }) => n + sizeOf(axes), 0);
    const matrix = new Float64Array(size * size);
    for (let i = 0; i < size; i++) {
      const column = this.hessianVectorProduct(
        Float64Array.from({ length: size }, (_, j) => (i === j ? 1 : 0)),
      );
      for (let j = 0; j < size; j++) matrix[j * size + i] = -column[j];
    }
    return matrix;
  }

  /** The Hessian at the present point times a direction. */
  hessianVectorProduct(direction: Float64Array): Float64Array {
    this.write("#along ", direction);
    return this.joined("#hvp ", this.program.run());
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
