/** Kernels (covariance functions) as values: made by the functions of `kernels.ts`, joined by `add` and `mul`. */
import {
  type Axis,
  axis,
  constant,
  describeAxes,
  index,
  kindOf,
  mean,
  type Operand,
  oncePerAxis,
  rename,
  SurmiseError,
  select,
  shown,
  Tensor,
} from "../../tensor/internal.ts";

/** What a kernel is made of. */
export interface KernelSpec {
  /** In messages, such as `squaredExponential`. */
  readonly name: string;
  /**
   * k(x, x') over the union of the axes of two tensors of inputs, without the axis of input columns; where their axes
   * name the same place it need not know.
   */
  between(x: Tensor, other: Tensor): Operand;
  /** k(x, x) of each place, without `white`. */
  variance(x: Tensor): Operand;
  /** What k(x, x) has in addition where both are one place, not two of the same inputs: 0 unless given. */
  white?(x: Tensor): Operand;
  /**
   * Of a stationary kernel the spectral density S at angular frequencies, for each axis of `frequency` but that of the
   * input columns; `columns` is how many of these there are.
   */
  spectralDensity?(frequency: Tensor, columns: number): Tensor;
  /** Of a periodic kernel of one column: its period, and k at a difference of phase in radians. */
  readonly periodic?: { readonly period: Operand; at(phase: Tensor): Tensor };
  /** The axis of the input columns, if there is one. */
  readonly over?: Axis | undefined;
}

const plus = (a: Operand, b: Operand): Operand => {
  if (a === 0) return b;
  if (typeof a !== "number") return a.add(b);
  return typeof b === "number" ? a + b : b.add(a);
};
const times = (a: Operand, b: Operand): Operand => {
  if (a === 0 || b === 0) return 0;
  if (typeof a !== "number") return a.mul(b);
  return typeof b === "number" ? a * b : b.mul(a);
};

/**
 * A covariance function k(x, x') of places, which are known by their inputs: a tensor over an axis of places, or over
 * that and an axis of input columns (`over`). Its parameters are numbers or tensors, over any other axes.
 */
export class Kernel {
  /** What it is made of. */
  readonly spec: KernelSpec;

  constructor(spec: KernelSpec) {
    this.spec = spec;
  }

  /** The sum of two kernels: of two independent processes that are added. */
  add(other: Kernel): Kernel {
    const [a, b] = [this.spec, checkKernel("add", other).spec];
    const [s, t] = [a.spectralDensity, b.spectralDensity];
    return new Kernel({
      name: `${a.name} + ${b.name}`,
      ...columnsOf(a, b),
      between: (x, y) => plus(a.between(x, y), b.between(x, y)),
      variance: (x) => plus(a.variance(x), b.variance(x)),
      ...((a.white ?? b.white) && { white: (x) => plus(a.white?.(x) ?? 0, b.white?.(x) ?? 0) }),
      ...(s && t && { spectralDensity: (w, columns) => s(w, columns).add(t(w, columns)) }),
    });
  }

  /** The product of two kernels, or a kernel times a number of at least 0. */
  mul(other: Kernel | Operand): Kernel {
    const a = this.spec;
    if (typeof other === "number" || other instanceof Tensor) {
      const { spectralDensity, periodic } = a;
      return new Kernel({
        ...a,
        between: (x, y) => times(a.between(x, y), other),
        variance: (x) => times(a.variance(x), other),
        ...(a.white && { white: (x) => times(a.white?.(x) ?? 0, other) }),
        ...(spectralDensity && { spectralDensity: (w, n) => spectralDensity(w, n).mul(other) }),
        ...(periodic && {
          periodic: { ...periodic, at: (phase) => periodic.at(phase).mul(other) },
        }),
      });
    }
    const b = checkKernel("mul", other).spec;
    return new Kernel({
      name: `${a.name} * ${b.name}`,
      ...columnsOf(a, b),
      between: (x, y) => times(a.between(x, y), b.between(x, y)),
      variance: (x) => times(a.variance(x), b.variance(x)),
      ...((a.white ?? b.white) && {
        white: (x) => {
          const [v, w] = [a.white?.(x) ?? 0, b.white?.(x) ?? 0];
          return plus(plus(times(v, b.variance(x)), times(w, a.variance(x))), times(v, w));
        },
      }),
    });
  }

  /**
   * k(x, x') between the places of `x` along `place` and those of `other` along `otherPlace`, another axis: two sets of
   * places, which have no noise in common.
   *
   * @throws SurmiseError if the inputs lack their axis, or the axis of the input columns.
   */
  between(x: Tensor, place: Axis, other: Tensor, otherPlace: Axis): Tensor {
    this.check(x, place);
    this.check(other, otherPlace);
    return [place, otherPlace].reduce(along, tensorLike(this.spec.between(x, other), x));
  }

  /**
   * The covariance matrix of the places of `x` over `place` and the axis `columnOf(place)`, with `noise` (a variance)
   * on its diagonal.
   *
   * @throws SurmiseError as `between`.
   */
  matrix(x: Tensor, place: Axis, noise: Operand): Tensor {
    this.check(x, place);
    const column = columnOf(place);
    const own = tensorLike(plus(this.spec.white?.(x) ?? 0, noise), x);
    const diagonal = select(index(place).eq(index(column)), own, 0);
    return diagonal.add(this.spec.between(x, rename(x, place, column)));
  }

  /**
   * k(x, x) of each place, white noise included.
   *
   * @throws SurmiseError as `between`.
   */
  variance(x: Tensor, place: Axis): Tensor {
    this.check(x, place);
    return tensorLike(plus(this.spec.variance(x), this.spec.white?.(x) ?? 0), x);
  }

  /** Whether places have noise of their own. */
  get hasNoise(): boolean {
    return this.spec.white !== undefined;
  }

  /** The mean of `variance` over the places. */
  averageVariance(x: Tensor, place: Axis): Tensor {
    const variance = this.variance(x, place);
    return variance.has(place) ? mean(variance, place) : variance;
  }

  private check(x: Tensor, place: Axis): void {
    const { name, over } = this.spec;
    const missing = [place, ...(over ? [over] : [])].filter((a) => !x.has(a));
    if (missing.length === 0) return;
    throw new SurmiseError(
      `${name}: the inputs have axes ${describeAxes(x.axes)} and lack ${describeAxes(missing)}`,
    );
  }
}

const tensorLike = (x: Operand, like: Tensor): Tensor =>
  typeof x === "number" ? constant(x, like.dtype) : x;

/** `x`, over the axis `a` too. */
const along = (x: Tensor, a: Axis): Tensor =>
  x.has(a) ? x : select(index(a).ge(0), x, constant(0, x.dtype));

function checkKernel(what: string, other: unknown): Kernel {
  if (other instanceof Kernel) return other;
  throw new SurmiseError(`${what}: a kernel is needed, not ${shown(other)}`);
}

/** The axis of the input columns of two kernels together. */
function columnsOf(a: KernelSpec, b: KernelSpec): Pick<KernelSpec, "over"> {
  if (a.over && b.over && a.over !== b.over) {
    throw new SurmiseError(
      `${a.name} and ${b.name} are over different input columns, ${describeAxes([a.over])} and ` +
        `${describeAxes([b.over])}: give both the same axis`,
    );
  }
  return { over: a.over ?? b.over };
}

/** The axis of the columns of matrices whose rows are along an axis: the same at each call. */
export const columnOf = oncePerAxis((a) => axis(`${a.name} (column)`, a.size));

/** What an argument that is a kernel must be. */
export const KERNEL = kindOf(
  "a kernel, such as squaredExponential({ lengthscale: 1 })",
  (x) => x instanceof Kernel,
);
