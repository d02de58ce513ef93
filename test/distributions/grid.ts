/** Expectations by sums over grids of values that all but exhaust a distribution. */
import { bijectionTo, type Distribution } from "../../src/distributions/index.ts";
import {
  type Axis,
  axis,
  cast,
  exp,
  index,
  log,
  select,
  stack,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

/** Values, and the logarithms of the weights of a sum over them that stands for the integral. */
export interface Grid {
  readonly x: Tensor;
  readonly logWeight: Tensor;
  readonly over: readonly Axis[];
}

const equidistant = (from: number, to: number, count: number, name = "node") =>
  tensor(
    Array.from({ length: count }, (_, k) => from + ((to - from) * k) / (count - 1)),
    [axis(name, count)],
    "float64",
  );

/** x = sinh(y) / 2: steps that grow with the distance, for heavy tails. */
function line(): Grid {
  const y = equidistant(-42, 42, 6001);
  const [up, down] = [exp(y), exp(y.neg())];
  const logWeight = log(up.add(down).mul((0.5 * 84) / 6000 / 2));
  return { x: up.sub(down).mul(0.25), logWeight, over: y.axes };
}

/** The image of equidistant free values. */
function image({ support }: Distribution, reach: number): Grid {
  const { forward, logJacobian } = bijectionTo(support);
  const y = equidistant(-reach, reach, 6001);
  const step = (2 * reach) / 6000;
  return { x: forward(y), logWeight: logJacobian(y).add(Math.log(step)), over: y.axes };
}

/** The angles of a circle, at equal distances. */
function circle(): Grid {
  const count = 400;
  const x = equidistant(-Math.PI, Math.PI - (2 * Math.PI) / count, count);
  return { x, logWeight: x.mul(0).add(Math.log((2 * Math.PI) / count)), over: x.axes };
}

/** Shares in three parts: the image of a square of free values. */
function triangle({ support, dimensions: [part] }: Distribution): Grid {
  const { unconstrainedAxes, forward, logJacobian } = bijectionTo(support);
  const [free] = unconstrainedAxes([part]);
  const [a, b] = ["across", "up"].map((name) => equidistant(-14, 14, 281, name));
  const y = stack([a, b], free);
  const over = [...a.axes, ...b.axes];
  return { x: forward(y), logWeight: logJacobian(y).add(2 * Math.log(0.1)), over };
}

/** The plane, for two values of standard deviation about 1. */
function plane({ dimensions: [part] }: Distribution): Grid {
  const [a, b] = ["across", "up"].map((name) => equidistant(-14, 14, 281, name));
  const over = [...a.axes, ...b.axes];
  const x = stack([a, b], part);
  return {
    x,
    logWeight: sum(x, part)
      .mul(0)
      .add(2 * Math.log(0.1)),
    over,
  };
}

/** Factors of correlation matrices of three rows: the image of a cube of free values. */
function correlations({ support, dimensions }: Distribution): Grid {
  const { unconstrainedAxes, forward, logJacobian } = bijectionTo(support);
  const [free] = unconstrainedAxes(dimensions);
  const at = ["across", "up", "deep"].map((name) => equidistant(-8, 8, 65, name));
  const y = stack(at, free);
  const over = at.flatMap(({ axes }) => axes);
  return { x: forward(y), logWeight: logJacobian(y).add(3 * Math.log(0.25)), over };
}

/** Triangles of two rows, whose elements are about 1. */
function triangles({ support, dimensions }: Distribution): Grid {
  const { unconstrainedAxes, forward, logJacobian } = bijectionTo(support);
  const [free] = unconstrainedAxes(dimensions);
  const [a, c] = ["first", "last"].map((name) => equidistant(-2.4, 2.4, 97, name));
  const b = equidistant(-6, 6, 97, "below");
  const y = stack([a, b, c], free);
  const over = [...a.axes, ...b.axes, ...c.axes];
  const logWeight = logJacobian(y).add(2 * Math.log(0.05) + Math.log(0.125));
  return { x: forward(y), logWeight, over };
}

/** The unit interval, and its ends, which count as such. */
function unitWithEnds(): Grid {
  const count = 6001;
  const at = Array.from({ length: count }, (_, k) => -36 + (72 * k) / (count - 1));
  const node = axis("node", count + 2);
  const x = [0, 1, ...at.map((y) => 1 / (1 + Math.exp(-y)))];
  const step = Math.log(72 / (count - 1));
  const weights = at.map((y) => step - Math.log1p(Math.exp(y)) - Math.log1p(Math.exp(-y)));
  return {
    x: tensor(x, [node], "float64"),
    logWeight: tensor([0, 0, ...weights], [node], "float64"),
    over: [node],
  };
}

/** Whole numbers from 0. */
function counts({ dtype }: Distribution, count: number): Grid {
  const node = axis("node", count);
  const x = cast(index(node), dtype);
  return { x, logWeight: cast(x, "float64").mul(0), over: [node] };
}

/** All ways to share out a number among three parts. */
function compositions({ dimensions: [part] }: Distribution, total: number): Grid {
  const ways: number[][] = [];
  for (let a = 0; a <= total; a++) {
    for (let b = 0; a + b <= total; b++) ways.push([a, b, total - a - b]);
  }
  const node = axis("node", ways.length);
  const x = tensor(ways, [node, part], "float64");
  return { x, logWeight: tensor(new Float64Array(ways.length), [node]), over: [node] };
}

/** A grid for a float64 member of a family of moderate parameters. */
export function gridOf(member: Distribution): Grid {
  const { support } = member;
  if (member.name === "zeroOneInflatedBeta") return unitWithEnds();
  switch (support.kind) {
    case "choleskyFactor":
      return triangles(member);
    case "real":
      return member.dimensions.length > 0 ? plane(member) : line();
    case "correlationFactor":
      return correlations(member);
    case "angle":
      return circle();
    case "simplex":
      return triangle(member);
    case "binary":
      return counts(member, 2);
    case "index":
      return counts(member, support.axis.size);
    case "count":
      return counts(member, 400);
    case "counts":
      return compositions(member, 12);
    default:
      return image(member, support.kind === "unit" || support.kind === "interval" ? 36 : 60);
  }
}

/**
 * E[f(x)] under the member, where f(x) may lack axes of the grid; values of probability 0 count 0.
 */
export function expectation(member: Distribution, grid: Grid, f: Tensor): Tensor {
  const p = exp(member.logProb(grid.x).add(grid.logWeight));
  return sum(select(p.gt(0), p.mul(f), 0), ...grid.over);
}
