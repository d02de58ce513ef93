/** Members of each family from plain numbers, for tests over all of them. */

import * as d from "../../src/distributions/internal.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import {
  type Axis,
  axis,
  constant,
  type DType,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

export type Numbers = Readonly<Record<string, number | readonly number[]>>;
/** Numbers, or tensors in the place of single ones. */
export type Values = Readonly<Record<string, number | readonly number[] | Tensor>>;

/** The parameters of one member as tensors of a type. */
class Given {
  private readonly values: Values;
  private readonly dtype: DType;

  constructor(values: Values, dtype: DType) {
    this.values = values;
    this.dtype = dtype;
  }

  scalar(name: string): Tensor {
    const value = this.values[name] as number | Tensor;
    return typeof value === "number" ? constant(value, this.dtype) : value;
  }

  /** The numbers along an axis called `along`, of the size they need. */
  vector(name: string, along = AXES(this.size(name)).part): Tensor {
    return tensor(this.values[name] as number[], [along], this.dtype);
  }

  /** The numbers, row-major, over two axes. */
  matrix(name: string, over: readonly Axis[]): Tensor {
    return tensor(this.values[name] as number[], over, this.dtype);
  }

  number(name: string): number {
    return this.values[name] as number;
  }

  size(name: string): number {
    return (this.values[name] as number[]).length;
  }

  has(name: string): boolean {
    return name in this.values;
  }

  get chance(): d.Chance {
    return this.has("probs") ? { probs: this.scalar("probs") } : { logits: this.scalar("logits") };
  }
}

const axes = new Map<number, ReturnType<typeof makeAxes>>();

function makeAxes(size: number) {
  return {
    part: axis("part", size),
    other: axis("other", size),
    cut: axis("cut", size),
    category: axis("category", size + 1),
  };
}

/** The axes of vectors of a size, always the same. */
function AXES(size: number) {
  const known = axes.get(size) ?? makeAxes(size);
  axes.set(size, known);
  return known;
}

type Two = (a: Tensor, b: Tensor) => d.Distribution;
const two = (f: Two, a: string, b: string) => (p: Given) => f(p.scalar(a), p.scalar(b));
const one = (f: (a: Tensor) => d.Distribution, a: string) => (p: Given) => f(p.scalar(a));

/** A family of triangles over as many rows as its factor has. */
function ofFactor(f: typeof d.wishartCholesky, p: Given): d.Distribution {
  const { part, other } = AXES(Math.round(Math.sqrt(p.size("factor"))));
  return f(p.scalar("degrees"), p.matrix("factor", [part, other]), part, other);
}

/** What is truncated: a normal, a gamma or a Poisson distribution, by its parameters. */
function truncatedOf(p: Given): d.Distribution {
  if (p.has("sd")) return two(d.normal, "mean", "sd")(p);
  return p.has("shape") ? two(d.gamma, "shape", "rate")(p) : one(d.poisson, "rate")(p);
}

const BUILD: Readonly<Record<string, (p: Given) => d.Distribution>> = {
  normal: two(d.normal, "mean", "sd"),
  lognormal: two(d.lognormal, "mean", "sd"),
  halfNormal: one(d.halfNormal, "scale"),
  cauchy: two(d.cauchy, "location", "scale"),
  halfCauchy: one(d.halfCauchy, "scale"),
  studentT: (p) => d.studentT(p.scalar("degrees"), p.scalar("location"), p.scalar("scale")),
  halfStudentT: two(d.halfStudentT, "degrees", "scale"),
  skewNormal: (p) => d.skewNormal(p.scalar("location"), p.scalar("scale"), p.scalar("shape")),
  laplace: two(d.laplace, "location", "scale"),
  logistic: two(d.logistic, "location", "scale"),
  gumbel: two(d.gumbel, "location", "scale"),
  exponential: one(d.exponential, "rate"),
  gamma: two(d.gamma, "shape", "rate"),
  chiSquare: one(d.chiSquare, "degrees"),
  inverseGamma: two(d.inverseGamma, "shape", "scale"),
  weibull: two(d.weibull, "shape", "scale"),
  gompertz: two(d.gompertz, "shape", "rate"),
  pareto: two(d.pareto, "shape", "scale"),
  beta: two(d.beta, "alpha", "beta"),
  zeroOneInflatedBeta: (p) =>
    d.zeroOneInflatedBeta(p.scalar("alpha"), p.scalar("beta"), {
      ends: p.scalar("ends"),
      one: p.scalar("one"),
    }),
  uniform: two(d.uniform, "low", "high"),
  vonMises: two(d.vonMises, "location", "concentration"),
  truncatedNormal: (p) =>
    d.truncatedNormal(p.scalar("mean"), p.scalar("sd"), {
      ...(p.has("lower") && { lower: p.scalar("lower") }),
      ...(p.has("upper") && { upper: p.scalar("upper") }),
    }),
  truncated: (p) =>
    d.truncated(truncatedOf(p), {
      ...(p.has("lower") && { lower: p.scalar("lower") }),
      ...(p.has("upper") && { upper: p.scalar("upper") }),
    }),
  bernoulli: (p) => d.bernoulli(p.chance),
  binomial: (p) => d.binomial(p.scalar("total"), p.chance),
  betaBinomial: (p) =>
    p.has("mean")
      ? d.betaBinomial(p.scalar("total"), {
          mean: p.scalar("mean"),
          concentration: p.scalar("concentration"),
        })
      : d.betaBinomial(p.scalar("total"), p.scalar("alpha"), p.scalar("beta")),
  geometric: (p) => d.geometric(p.chance),
  poisson: (p) => d.poisson(p.has("logRate") ? { logRate: p.scalar("logRate") } : p.scalar("rate")),
  negativeBinomial: (p) =>
    p.has("mean")
      ? d.negativeBinomial({ mean: p.scalar("mean"), dispersion: p.scalar("dispersion") })
      : p.has("logMean")
        ? d.negativeBinomial({ logMean: p.scalar("logMean"), dispersion: p.scalar("dispersion") })
        : d.negativeBinomial({ total: p.scalar("total"), ...p.chance }),
  zeroInflated: (p) => d.zeroInflated(d.poisson(p.scalar("rate")), p.chance),
  hurdle: (p) =>
    d.hurdle(
      p.has("dispersion")
        ? d.negativeBinomial({ mean: p.scalar("mean"), dispersion: p.scalar("dispersion") })
        : d.poisson(p.scalar("rate")),
      p.chance,
    ),
  categorical: (p) => d.categorical(p.vector("weights")),
  orderedLogistic: (p) => {
    const { cut, category } = AXES(p.size("cutpoints"));
    return d.orderedLogistic(p.scalar("location"), p.vector("cutpoints", cut), { cut, category });
  },
  orderedProbit: (p) => {
    const { cut, category } = AXES(p.size("cutpoints"));
    return d.orderedProbit(p.scalar("location"), p.vector("cutpoints", cut), { cut, category });
  },
  mixture: (p) => d.mixture(p.vector("weights"), d.normal(p.vector("mean"), p.vector("sd"))),
  dirichlet: (p) => d.dirichlet(p.vector("concentration"), AXES(p.size("concentration")).part),
  multivariateNormal: (p) => {
    const { part, other } = AXES(p.size("mean"));
    const name = ["factor", "covariance", "precision"].find((known) => p.has(known)) as string;
    const matrix = { [name]: p.matrix(name, [part, other]) } as unknown as d.Covariance;
    return d.multivariateNormal(p.vector("mean"), matrix, part, other);
  },
  multivariateStudentT: (p) => {
    const { part, other } = AXES(p.size("location"));
    const name = p.has("factor") ? "factor" : "scale";
    const matrix = { [name]: p.matrix(name, [part, other]) } as unknown as d.ScaleMatrix;
    return d.multivariateStudentT(p.scalar("degrees"), p.vector("location"), matrix, part, other);
  },
  lkjCholesky: (p) => {
    const { part, other } = AXES(p.number("size"));
    return d.lkjCholesky(p.scalar("concentration"), part, other);
  },
  wishartCholesky: (p) => ofFactor(d.wishartCholesky, p),
  inverseWishartCholesky: (p) => ofFactor(d.inverseWishartCholesky, p),
  multinomial: (p) => d.multinomial(p.scalar("total"), p.vector("weights")),
  dirichletMultinomial: (p) =>
    d.dirichletMultinomial(
      p.scalar("total"),
      p.vector("concentration"),
      AXES(p.size("concentration")).part,
    ),
  delta: one(d.delta, "value"),
};

/** The families that can be built. */
export const FAMILIES: readonly string[] = Object.keys(BUILD);

/** The member of a family with these parameters, rounded to `dtype`. */
export function build(family: string, parameters: Values, dtype: DType): d.Distribution {
  return BUILD[family](new Given(parameters, dtype));
}

/** The pairs of families that have a closed divergence, as "q, p", in the order of the registry. */
export function closedPairs(): string[] {
  const members = Object.entries(REGISTRY).map(
    ([name, entry]) => [name, entry.example("float32").divergence?.form] as const,
  );
  return members.flatMap(([q, form]) =>
    members.flatMap(([p, other]) => (form !== undefined && form === other ? [`${q}, ${p}`] : [])),
  );
}
