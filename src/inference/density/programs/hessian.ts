/** Second derivatives of a log density. */
import { broadcast } from "../../../runtime/internal.ts";
import { cast, grad, sum, type Tensor } from "../../../tensor/internal.ts";
import { type Layout, positionInputs } from "../layout.ts";
import { POSITION } from "./evaluator.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

const DIRECTION = "#direction";

/** The Hessian of a log density, a product with a direction at a time. */
export class Hessian {
  private readonly programs: PositionPrograms;
  private readonly layout: Layout;
  private readonly value: Tensor;
  /** The position that the program was given last. */
  private center: Float64Array | undefined;

  /** Of `value`, an expression of the inputs of `programs`. */
  constructor(programs: PositionPrograms, layout: Layout, value: Tensor) {
    this.programs = programs;
    this.layout = layout;
    this.value = value;
  }

  /** The Hessian at a position times a direction. */
  times(position: Float64Array, direction: Float64Array): Float64Array {
    this.programs.checkLength("the direction", direction);
    const program = this.programs.of("hessianVectorProduct", () => {
      const directions = positionInputs(this.layout, DIRECTION, this.programs.isFlat);
      const tensors = this.programs.inputs.map(({ tensor }) => tensor);
      const along = grad(this.value, tensors)
        .map((gradient, i) => cast(sum(gradient.mul(directions[i].tensor)), "float64"))
        .reduce((a, b) => a.add(b));
      const products = grad(along, tensors).map((x, i) => [`product ${i}`, x] as const);
      // What depends on the position alone is computed once for each position.
      return {
        outputs: Object.fromEntries(products),
        varying: directions.map(({ tensor }) => tensor),
      };
    });
    if (this.center?.every((x, i) => x === position[i]) !== true) {
      this.programs.write(program, POSITION, position);
      this.center = position.slice();
    }
    this.programs.write(program, DIRECTION, direction);
    const found = program.run();
    const product = new Float64Array(this.programs.dimension);
    this.programs.inputs.forEach(({ axes, offset }, i) => {
      product.set(broadcast(found[`product ${i}`], axes), offset);
    });
    return product;
  }

  /** The Hessian at a position, row-major; made column by column. */
  at(position: Float64Array): Float64Array {
    const { dimension } = this.programs;
    const matrix = new Float64Array(dimension ** 2);
    const direction = new Float64Array(dimension);
    for (let j = 0; j < dimension; j++) {
      direction[j] = 1;
      const column = this.times(position, direction);
      for (let i = 0; i < dimension; i++) matrix[i * dimension + j] = column[i];
      direction[j] = 0;
    }
    return matrix;
  }
}
