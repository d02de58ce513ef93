/** Gaussian processes as sums of a few known functions with independent normal weights. */
import {
  ANYTHING,
  AXIS,
  type Axis,
  axis,
  checkArguments,
  constant,
  cos,
  describeAxes,
  either,
  gatherClamped,
  intervalOf,
  listOf,
  maximum,
  NUMBER,
  NUMBERS,
  optional,
  optionsWith,
  realNumber,
  SurmiseError,
  select,
  sin,
  sqrt,
  sum,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";
import { knownValues } from "../support/knownValues.ts";
import { KERNEL, type Kernel } from "./kernel.ts";

/** A Gaussian process as a sum of known functions, by its weights. */
export interface BasisProcess {
  /** The functions at the inputs `x`, over its axes and `basis`, without that of the input columns. */
  functions(x: Tensor): Tensor;
  /** The standard deviation of the weight of each function, over `basis`. */
  readonly scales: Tensor;
  /**
   * The values at the inputs `x`, here or at new places: the sum over `basis` of functions, scales and `weights`, which
   * are standard normal.
   *
   * @throws SurmiseError if the weights lack the axis `basis`, or `x` that of the input columns.
   */
  values(weights: Tensor, x: Tensor): Tensor;
}

/** Where a process is approximated, and how finely. */
export interface HilbertSpaceOptions {
  /** Where the inputs lie, one pair of ends for each input column. */
  readonly range:
    | readonly [lower: number, upper: number]
    | readonly (readonly [lower: number, upper: number])[];
  /** How far the functions reach, in half widths of the range: above 1; 1.5 unless given. Larger for longer lengthscales. */
  readonly boundary?: number;
  /** How many functions along each input column; their product is the size of `basis`. For one column it need not be given. */
  readonly counts?: readonly number[];
}

/**
 * A Gaussian process with a stationary kernel by the first eigenfunctions of the Laplacian on a box (Solin and Sarkka,
 * Statistics and Computing 30, 2020; Riutort-Mayol, Burkner, Andersen, Solin and Vehtari, "Practical Hilbert space
 * approximate Bayesian Gaussian processes for probabilistic programming", 2022, equations 8 to 14): with half width L,
 * sqrt(1 / L) sin(j pi (x - centre + L) / (2 L)), whose weights have the variance S(j pi / (2 L)), the spectral density of
 * the kernel. For n places and m functions the work is n m operations. With a lengthscale of l half widths of the range
 * m = 1.75 boundary / l and a boundary of at least 3.2 l make the error small for the squared exponential (their section 4.2).
 *
 * @param basis the axis of the functions.
 * @throws SurmiseError if the kernel has no spectral density, or the numbers do not fit.
 *
 * @example
 * const f = hilbertSpaceProcess(squaredExponential({ lengthscale }), basis, { range: [0, 10] });
 * const weights = sample("weights", normal(0, 1).event(basis));
 * observe("y", normal(f.values(weights, x), noise), y);
 */
export function hilbertSpaceProcess(
  kernel: Kernel,
  basis: Axis,
  options: HilbertSpaceOptions,
): BasisProcess {
  checkArguments("hilbertSpaceProcess", { kernel }, KERNEL);
  checkArguments("hilbertSpaceProcess", { basis }, AXIS);
  checkArguments(
    "hilbertSpaceProcess",
    { options },
    optionsWith<HilbertSpaceOptions>({
      range: listOf(either(NUMBER, NUMBERS)),
      boundary: ANYTHING,
      counts: optional(NUMBERS),
    }),
  );
  const { range, boundary = 1.5, counts } = options;
  const where = "hilbertSpaceProcess";
  const { name, over, spectralDensity } = kernel.spec;
  if (spectralDensity === undefined) {
    throw new SurmiseError(
      `${where}: '${name}' has no spectral density: squaredExponential and matern have, and their sums; ` +
        "for periodicKernel use fourierProcess",
    );
  }
  realNumber(`${where}: boundary`, boundary, { above: 1 });
  const ranges = (typeof range[0] === "number" ? [range] : range) as readonly (readonly number[])[];
  const columns = over?.size ?? 1;
  const each = counts ?? [basis.size];
  if (ranges.length !== columns || each.length !== columns) {
    throw new SurmiseError(
      `${where}: there are ${columns} input columns, but ${ranges.length} ranges and ${each.length} counts`,
    );
  }
  if (each.reduce((a, b) => a * b, 1) !== basis.size) {
    throw new SurmiseError(
      `${where}: ${each.join(" times ")} functions do not make ${basis}: give the product as its size`,
    );
  }
  const boxes = ranges.map(([lower, upper], d) => {
    realNumber(`${where}: the range of column ${d + 1}`, upper - lower, { above: 0 });
    return { centre: (lower + upper) / 2, half: (boundary * (upper - lower)) / 2 };
  });
  const frequencies = boxes.map(({ half }, d) => {
    const inner = each.slice(d + 1).reduce((a, b) => a * b, 1);
    const order = (j: number) => 1 + (Math.floor(j / inner) % each[d]);
    return Array.from({ length: basis.size }, (_, j) => (order(j) * Math.PI) / (2 * half));
  });
  const frequency =
    over === undefined ? tensor(frequencies[0], [basis]) : tensor(frequencies, [over, basis]);
  const scales = sqrt(spectralDensity(frequency, columns));
  return process(where, basis, scales, (x) => {
    checkInside(where, x, over, boxes);
    const parts = boxes.map(({ centre, half }, d) => {
      const column = over === undefined ? x : inputColumn(where, x, over, d);
      const angle = column.sub(centre - half).mul(tensor(frequencies[d], [basis]));
      return sin(angle).mul(Math.sqrt(1 / half));
    });
    return parts.reduce((a, b) => a.mul(b));
  });
}

/**
 * A Gaussian process with a `periodicKernel` of one input column by a Fourier series (Riutort-Mayol and others 2022,
 * appendix B): a constant, and cos(2 pi j x / period) and sin(2 pi j x / period) for j = 1, 2, ..., whose weights have as
 * variances the Fourier coefficients of the kernel, by the trapezoidal rule. Functions stand in this order.
 *
 * @param basis the axis of the functions, 1 + 2 j of them.
 * @throws SurmiseError for another kernel, or an even number of functions.
 *
 * @example fourierProcess(periodicKernel({ lengthscale: 1, period: 12 }), axis("basis", 9)).values(weights, month)
 */
export function fourierProcess(kernel: Kernel, basis: Axis): BasisProcess {
  checkArguments("fourierProcess", { kernel }, KERNEL);
  checkArguments("fourierProcess", { basis }, AXIS);
  const { name, periodic } = kernel.spec;
  if (periodic === undefined) {
    throw new SurmiseError(`fourierProcess: '${name}' is no periodic kernel of one input column`);
  }
  if (basis.size % 2 === 0) {
    throw new SurmiseError(
      `fourierProcess: a constant and pairs of functions do not make ${basis}: give an odd size`,
    );
  }
  const order = Array.from({ length: basis.size }, (_, j) => Math.ceil(j / 2));
  // A node at a multiple of the highest order would count another order as well: several times as many keep that small.
  const nodes = axis("node", Math.max(64, 4 * basis.size));
  const phases = Array.from({ length: nodes.size }, (_, n) => (2 * Math.PI * n) / nodes.size);
  const cosines = order.flatMap((j) =>
    phases.map((phase) => ((j === 0 ? 1 : 2) / nodes.size) * Math.cos(j * phase)),
  );
  const variances = sum(
    tensor(cosines, [basis, nodes]).mul(periodic.at(tensor(phases, [nodes]))),
    nodes,
  );
  // Of orders that are too high for the kernel nothing but rounding is left.
  const least = periodic.at(constant(0)).mul(1e-14);
  return process("fourierProcess", basis, sqrt(maximum(variances, least)), (x) => {
    const angle = x.div(periodic.period).mul(
      tensor(
        order.map((j) => 2 * Math.PI * j),
        [basis],
      ),
    );
    const isCosine = tensor(
      Uint8Array.from(order, (_, j) => (j % 2 === 1 || j === 0 ? 1 : 0)),
      [basis],
    );
    return select(isCosine, cos(angle), sin(angle));
  });
}

function process(
  where: string,
  basis: Axis,
  scales: Tensor,
  functions: (x: Tensor) => Tensor,
): BasisProcess {
  return {
    functions,
    scales,
    values(weights, x) {
      if (!weights.has(basis)) {
        throw new SurmiseError(
          `${where}: the weights have axes ${describeAxes(weights.axes)} and lack '${basis.name}'`,
        );
      }
      return sum(functions(x).mul(scales.mul(weights)), basis);
    },
  };
}

interface Box {
  readonly centre: number;
  readonly half: number;
}

/** Beyond their box the functions go on as mirrored ones do, which says nothing of the process there. */
function checkInside(where: string, x: Tensor, over: Axis | undefined, boxes: readonly Box[]) {
  for (const place of knownPlaces(x, over)) {
    const d = place.findIndex((v, i) => !(Math.abs(v - boxes[i].centre) <= boxes[i].half));
    if (d < 0) continue;
    const { centre, half } = boxes[d];
    throw new SurmiseError(
      `${where}: there is an input at ${place[d]}${over ? ` of column ${d + 1}` : ""}, but with this range and boundary ` +
        `the functions reach from ${centre - half} to ${centre + half}: give a range that holds all places, those to be ` +
        "predicted too",
    );
  }
}

/** Known places, by their columns; of a column that was moved and scaled by numbers, its ends. */
function knownPlaces(x: Tensor, over: Axis | undefined): Iterable<readonly number[]> {
  if (over !== undefined || !isScaled(x)) return knownValues(x, over ? [over] : []);
  const { low, high } = intervalOf(x) ?? { low: Number.NEGATIVE_INFINITY, high: 0 };
  return Number.isFinite(high - low) ? [[low], [high]] : [];
}

/** Whether `x` is made of a literal and constants, each in turn, so that its interval is no wider than its values. */
function isScaled({ op, inputs }: Tensor): boolean {
  const [next, ...others] = inputs.filter((each) => each.op !== "constant");
  const isStep = ["add", "sub", "mul", "div", "neg", "cast"].includes(op);
  return (
    isStep && next !== undefined && others.length === 0 && (next.op === "literal" || isScaled(next))
  );
}

/** The input column number `d`. */
function inputColumn(where: string, x: Tensor, over: Axis, d: number): Tensor {
  if (!x.has(over)) {
    throw new SurmiseError(
      `${where}: the inputs have axes ${describeAxes(x.axes)} and lack '${over.name}'`,
    );
  }
  return gatherClamped(x, over, constant(d, "int32"));
}
