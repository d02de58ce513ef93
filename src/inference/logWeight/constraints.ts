/** The constraints that training must not violate: of parameters of distributions, and of observed values. */
import {
  describeViolation,
  finiteValues,
  isDiscrete,
  isOutside,
  type Support,
} from "../../distributions/internal.ts";
import type { Latent, Observed, Trace } from "../../model/index.ts";
import {
  type Axis,
  abs,
  and,
  cast,
  constant,
  describeAxes,
  failedMinor,
  guardedGather,
  index,
  isSolution,
  max,
  nodesOf,
  or,
  select,
  sizeOf,
  sum,
  Tensor,
} from "../../tensor/internal.ts";

/** A quantity of a site, its constraint, and how many of its elements violate it. */
export interface ConstraintCheck {
  /** The name of the site. */
  readonly site: string;
  /** For people, such as `the sd of its normal`. */
  readonly quantity: string;
  /** In words, such as `greater than 0 and finite`. */
  readonly constraint: string;
  /** How many elements there are, and how many of them lie outside: a float64 scalar. */
  readonly elements: number;
  /** How many elements violate the constraint. */
  readonly outside: Tensor;
  /** The first of those that lie outside, and its place, row-major over `axes`: float64 scalars. */
  readonly example: Tensor;
  /** Its place. */
  readonly place: Tensor;
  /** The axes of the quantity. */
  readonly axes: readonly Axis[];
  /** What is wrong, where it is not that the quantity is the example. */
  readonly finding?: (example: number) => string;
  /** Whether it is a value of the data. */
  readonly observed: boolean;
  /** What to do, where it is not what helps with other quantities. */
  readonly remedy?: string;
}

/** The constraints of all sites of some traces, in the order of the statements. */
export function constraintChecks(...traces: readonly Trace[]): readonly ConstraintCheck[] {
  const known = new Set<Tensor>();
  const matrices = new Set<Tensor>();
  return traces.flatMap(({ sites, latents }) =>
    [...sites.values()].flatMap((site) => {
      if (site.kind !== "latent" && site.kind !== "observed") return [];
      const inside = nodesOf(Object.values(site.distribution.parameters));
      const nodes = inside.filter((node) => !known.has(node));
      for (const node of nodes) known.add(node);
      return [
        ...checksOfPositions(site, nodes),
        ...checksOfSolutions(site, nodes),
        ...checksOfFactors(site, matrices),
        ...checksOfSite(site, latents),
      ];
    }),
  );
}

/** Positions of gathers in the parameters of a site that may lie outside their axes. */
function checksOfPositions(
  { name }: Latent | Observed,
  nodes: readonly Tensor[],
): readonly ConstraintCheck[] {
  return nodes.flatMap((node) => {
    const found = guardedGather(node);
    if (found === undefined) return [];
    const { axis, position } = found;
    const last = axis.size - 1;
    return [
      {
        ...checkOf(position, or(position.lt(0), position.gt(last))),
        site: name,
        quantity: `a position along '${axis.name}' (size ${axis.size})`,
        constraint: `from 0 to ${last}`,
        observed: false,
        remedy:
          "Positions are counted from 0: make them of what lies on the axis, or make the axis larger",
      },
    ];
  });
}

/** What helps where only rounding makes a matrix indefinite. */
const ON_DIAGONAL =
  "Where only rounding is to blame, add a small number to its diagonal, such as 1e-6 times its mean";

/**
 * Matrices that a Cholesky factor is made of, for the parameters or the density of a site: finite, with leading minors
 * that are positive; each in `seen` but once.
 */
function checksOfFactors(
  { name: site, distribution, value }: Latent | Observed,
  seen: Set<Tensor>,
): readonly ConstraintCheck[] {
  const parameters = Object.entries(distribution.parameters);
  const roots = [...Object.values(distribution.parameters), distribution.logProb(value)];
  return nodesOf(roots).flatMap((node) => {
    const { operation } = node;
    const [matrix] = node.inputs;
    if (operation.op !== "cholesky" || seen.has(matrix)) return [];
    seen.add(matrix);
    const { row, column } = operation;
    const [parameter] = parameters.find(([, x]) => x === matrix) ?? [];
    const whose =
      parameter === undefined ? "a matrix" : `the ${parameter} of its ${distribution.name}`;
    const quantity = `cholesky of ${whose} over ${describeAxes([row, column])}`;
    const isRead = index(row).ge(index(column));
    const isStrange = and(isRead, abs(matrix).lt(Number.POSITIVE_INFINITY).eq(0));
    const order = failedMinor(node, row, column);
    const isWhole = max(select(isStrange, 1, 0), row, column).eq(0);
    return [
      {
        ...checkOf(matrix, isStrange),
        ...{ site, quantity: `an element of the operand of ${quantity}`, observed: false },
        constraint: "finite",
        remedy:
          "Look for what it is made of: a quotient by 0, a logarithm or a root of less than 0",
      },
      {
        ...checkOf(order, and(isWhole, order.gt(0))),
        ...{ site, quantity, observed: false, remedy: ON_DIAGONAL },
        finding: (failed) => `${quantity}: the leading minor of order ${failed} is not positive`,
        constraint: "symmetric and positive definite",
      },
    ];
  });
}

/** Solutions of differential equations in the parameters of a site, which are NaN where they are not reached. */
function checksOfSolutions(
  { name }: Latent | Observed,
  nodes: readonly Tensor[],
): readonly ConstraintCheck[] {
  return nodes.filter(isSolution).map((solution) => ({
    ...checkOf(solution, solution.eq(solution).eq(0)),
    site: name,
    quantity: "the solution of a differential equation",
    constraint: "reached within maxSteps steps from the time before",
    observed: false,
    remedy:
      'Its steps ran out, or became too short to go on: if it is stiff take method: "rosenbrock"; else allow more ' +
      "maxSteps or larger tolerances, or keep its parameters from where it has no solution",
  }));
}

function checksOfSite(
  { kind, name, distribution, value }: Latent | Observed,
  latents: readonly Latent[],
): readonly ConstraintCheck[] {
  const { parameters, constraints, support, mask } = distribution;
  const of = Object.entries(parameters).flatMap(([parameter, x]) =>
    constraintCheck(
      name,
      `the ${named(parameter)} of its ${distribution.name}`,
      x,
      constraints[parameter],
    ),
  );
  if (kind !== "observed") return of;
  const remedy = remedyOfEdge({ distribution, value }, latents);
  const observed = constraintCheck(name, "the observed value", value, support, true, mask);
  return [...of, ...observed.map((check) => ({ ...check, ...(remedy && { remedy }) }))];
}

/**
 * Which data may be impossible for some values of the latents that chains move, so that the density ends at an edge, with
 * what to do.
 */
export function edgeOfData({ observed, latents }: Trace): string | undefined {
  const moved = latents.filter(({ distribution }) => !isDiscrete(distribution.support));
  for (const site of observed) {
    const remedy = remedyOfEdge(site, moved);
    if (remedy === undefined || isOutside(site.distribution.support, site.value) === undefined)
      continue;
    return `The data of site '${site.name}' are impossible beyond an edge. ${remedy}`;
  }
  return undefined;
}

/** What helps where data, or the bounds that they must keep, are made of a latent. */
function remedyOfEdge(
  { distribution: { support }, value }: Pick<Observed, "distribution" | "value">,
  latents: readonly Latent[],
): string | undefined {
  const latentIn = (roots: readonly Tensor[]) => {
    const nodes = new Set(nodesOf(roots));
    return latents.find((latent) => nodes.has(latent.value));
  };
  const ofBound = latentIn(Object.values(support).filter((x) => x instanceof Tensor));
  const latent = ofBound ?? latentIn([value]);
  if (latent === undefined) return undefined;
  const { name, distribution } = latent;
  const isEndless =
    isDiscrete(distribution.support) && finiteValues(distribution.support) === undefined;
  const way = isEndless
    ? "with an end, truncated(d, { upper }), that is summed out; else take more particles"
    : "keep that to where the data are possible, such as truncated(d, { lower, upper })";
  return `The ${ofBound ? "bound" : "value"} is made of latent '${name}': ${way}`;
}

/** Probabilities are kept as their logits. */
function named(parameter: string): string {
  return parameter === "logits" ? "logit log(p / (1 - p))" : parameter;
}

function constraintCheck(
  site: string,
  quantity: string,
  x: Tensor,
  support?: Support,
  observed = false,
  mask?: Tensor,
): readonly ConstraintCheck[] {
  const all = support && isOutside(support, x);
  if (support === undefined || all === undefined) return [];
  const outside = mask === undefined ? all : and(all, mask.gt(0));
  return [
    {
      ...checkOf(x, outside),
      site,
      quantity,
      constraint: describeViolation(support),
      observed,
    },
  ];
}

/** How many elements of `x` are `outside`, and the first of them. */
function checkOf(
  x: Tensor,
  outside: Tensor,
): Pick<ConstraintCheck, "elements" | "outside" | "example" | "place" | "axes"> {
  const { axes } = outside;
  const places = sizeOf(axes);
  const place = axes.reduce<Tensor>(
    (at, a) => at.mul(a.size).add(cast(index(a), "float64")),
    constant(0, "float64"),
  );
  const first = max(select(outside, place.neg(), -places)).neg();
  // Of a value along axes of its set, such as a simplex, the least element is reported.
  const here = and(outside, place.eq(first));
  const value = max(select(here, cast(x, "float64").neg(), Number.NEGATIVE_INFINITY)).neg();
  const isNumber = max(select(and(here, x.eq(x).eq(0)), 1, 0)).eq(0);
  return {
    elements: places,
    outside: sum(cast(outside, "float64")),
    example: select(isNumber, value, Number.NaN),
    place: first,
    axes,
  };
}
