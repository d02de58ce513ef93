/** Second derivatives of a log density. */
import { broadcast, type ProgramSpec } from "../../../runtime/internal.ts";
import {
  type Axis,
  axis,
  cast,
  grad,
  input,
  nodesOf,
  Substitution,
  sizeOf,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import { type Layout, positionInputs } from "../layout.ts";
import { POSITION } from "./evaluator.ts";
import { elementsOf } from "./expressions.ts";
import type { PositionPrograms } from "./positionPrograms.ts";

const DIRECTION = "#direction";

/** Columns that are computed in one pass at most, and numbers of them that a sum leaves: these are in memory. */
const [MOST_COLUMNS, MOST_SUMS] = [16, 2e7];
/** Elements that a whole Hessian computes, below which each column is a pass: a call takes little time beside that of many. */
const MUCH = 1e8;

/** The Hessian of a log density, as products with directions. */
export class Hessian {
  private readonly programs: PositionPrograms;
  private readonly layout: Layout;
  private readonly value: Tensor;
  /** The position that each program was given last. */
  private readonly center = new Map<string, Float64Array>();

  /** Of `value`, an expression of the inputs of `programs`. */
  constructor(programs: PositionPrograms, layout: Layout, value: Tensor) {
    this.programs = programs;
    this.layout = layout;
    this.value = value;
  }

  /** The Hessian at a position times a direction. */
  times(position: Float64Array, direction: Float64Array): Float64Array {
    this.programs.checkLength("the direction", direction);
    return this.product(position, direction);
  }

  /** The Hessian at a position, row-major; made column by column, or in one pass for many where a pass takes long. */
  at(position: Float64Array): Float64Array {
    const { dimension } = this.programs;
    const columns = this.columnsAtOnce();
    const along = columns > 1 ? axis("direction", columns) : undefined;
    const matrix = new Float64Array(dimension ** 2);
    for (let first = 0; first < dimension; first += columns) {
      const directions = new Float64Array(dimension * columns);
      const count = Math.min(columns, dimension - first);
      for (let k = 0; k < count; k++) directions[(first + k) * columns + k] = 1;
      const products = this.product(position, directions, along);
      for (let i = 0; i < dimension; i++) {
        for (let k = 0; k < count; k++) {
          matrix[i * dimension + first + k] = products[i * columns + k];
        }
      }
    }
    return matrix;
  }

  /** How many columns a pass computes: of many observations few, so that they fit into memory. */
  private columnsAtOnce(): number {
    const { dimension } = this.programs;
    const elements = elementsOf(this.value);
    if (dimension * elements < MUCH) return 1;
    const sums = nodesOf([this.value]).filter(({ op }) => op === "sum");
    const largest = sums.reduce((most, { axes }) => Math.max(most, sizeOf(axes)), 1);
    return Math.max(1, Math.min(MOST_COLUMNS, dimension, Math.floor(MOST_SUMS / largest)));
  }

  /** The Hessian times a direction, or directions along an axis: row-major, with that axis last. */
  private product(position: Float64Array, direction: Float64Array, along?: Axis): Float64Array {
    const { programs } = this;
    const name = along === undefined ? "hessianVectorProduct" : "hessianProducts";
    const program = programs.of(name, () => this.spec(along));
    if (this.center.get(name)?.every((x, i) => x === position[i]) !== true) {
      programs.write(program, POSITION, position);
      this.center.set(name, position.slice());
    }
    const each = along?.size ?? 1;
    for (const { name: part, offset, size } of programs.inputs) {
      const directionOf = part.replace(POSITION, DIRECTION);
      if (!program.inputs.has(directionOf)) continue;
      program.write(directionOf, direction.slice(offset * each, (offset + size) * each));
    }
    const found = program.run();
    const product = new Float64Array(programs.dimension * each);
    programs.inputs.forEach(({ axes, offset }, i) => {
      const over = along === undefined ? axes : [...axes, along];
      product.set(broadcast(found[`product ${i}`], over), offset * each);
    });
    return product;
  }

  private spec(along: Axis | undefined): ProgramSpec {
    const { programs } = this;
    const directions = positionInputs(this.layout, DIRECTION, programs.isFlat);
    const tensors = programs.inputs.map(({ tensor }) => tensor);
    const slope = grad(this.value, tensors)
      .map((gradient, i) => cast(sum(gradient.mul(directions[i].tensor)), "float64"))
      .reduce((a, b) => a.add(b));
    const products = grad(slope, tensors);
    const given = directions.map(({ name, axes, tensor }) =>
      along === undefined ? tensor : input(name, [...axes, along], tensor.dtype),
    );
    // Linear in the directions, so that many may stand in the place of one.
    const inPlace = new Substitution(directions.map(({ tensor }, i) => [tensor, given[i]]));
    const outputs = products.map((x, i) => [`product ${i}`, inPlace.of(x)] as const);
    // What depends on the position alone is computed once for each position.
    return { outputs: Object.fromEntries(outputs), varying: given };
  }
}
