/** Derivatives against central differences of the oracle's float64 values. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Evaluated, evaluate } from "../../src/compiler/oracle/index.ts";
import {
  abs,
  axis,
  bodyOf,
  cast,
  concat,
  constant,
  cos,
  digamma,
  erf,
  exp,
  expm1,
  floor,
  gatherClamped,
  grad,
  index,
  input,
  isFloat,
  key,
  lgamma,
  log,
  log1p,
  logAddExp,
  logMeanExp,
  logSumExp,
  make,
  max,
  maximum,
  mean,
  minimum,
  nodesOf,
  placeAmong,
  pow,
  rename,
  select,
  sigmoid,
  sin,
  sizeOf,
  slice,
  softplus,
  sqrt,
  square,
  stack,
  standardNormal,
  stopGradient,
  straightThrough,
  sum,
  type Tensor,
  type TypedArray,
  tanh,
  tensor,
  trigamma,
  withInputs,
} from "../../src/tensor/internal.ts";
import { Dice } from "../fuzz/data.ts";
import { build, recipes } from "../fuzz/graphs.ts";

const dice = new Dice(20, 1);
const a = axis("a", 4);
const b = axis("b", 3);
const c = axis("c", 5);

/** float64 values in (low, high), all different. */
function values(n: number, low: number, high: number): Float64Array {
  return Float64Array.from({ length: n }, () => low + (high - low) * dice.unit());
}

/** Like `values`, in (0.5, 2), where numbers of different `comb` are never close. */
function apart(n: number, comb: 0 | 1): Float64Array {
  return Float64Array.from(
    { length: n },
    () => 0.5 + (dice.below(75) + comb / 2 + dice.unit() / 4) / 50,
  );
}

type Inputs = Map<string, TypedArray | Evaluated>;

/**
 * stopGradient nodes become inputs that hold what they are worth, so that differences see none, and of straightThrough only
 * what it has the derivative of is seen.
 */
function frozen(y: Tensor, given: Inputs): { y: Tensor; given: Inputs } {
  const held: Inputs = new Map(given);
  const replaced = new Map<Tensor, Tensor>();
  for (const node of nodesOf([y])) {
    const [values, bent] = node.inputs;
    if (node.op === "stopGradient" || node.op === "straightThrough") {
      const name = `held ${node.id}`;
      const isStopped = node.op === "stopGradient";
      held.set(name, evaluate([isStopped ? node : values.sub(bent)], given)[0]);
      const still = input(name, node.axes, node.dtype);
      replaced.set(node, isStopped ? still : still.add(replaced.get(bent) as Tensor));
      continue;
    }
    const inputs = node.inputs.map((x) => replaced.get(x) as Tensor);
    replaced.set(node, withInputs(node, inputs));
  }
  return { y: replaced.get(y) as Tensor, given: held };
}

interface Slope {
  readonly value: number;
  /** What the differences say about their own error. */
  readonly error: number;
}

/**
 * The slope of `f` at 0 by differences of fourth order with two widths. They disagree if there is a
 * kink near 0; at a kink in 0 itself the slope turns by as much for either width.
 */
function slope(f: (h: number) => number, h: number): Slope {
  const known = new Map([0, h / 2, -h / 2, h, -h, 2 * h, -2 * h].map((w) => [w, f(w)]));
  const y = (w: number) => known.get(w) as number;
  const at = (w: number) => (8 * (y(w) - y(-w)) - (y(2 * w) - y(-2 * w))) / (12 * w);
  const [wide, narrow] = [at(h), at(h / 2)];
  const turn = (w: number) => (y(w) - 2 * y(0) + y(-w)) / w;
  const kink = Math.abs(turn(h) - 2 * turn(h / 2));
  const rounding = (1e-14 * Math.max(Math.abs(y(h)), Math.abs(y(-h)))) / h;
  return { value: narrow, error: 4 * Math.abs(wide - narrow) + kink + rounding };
}

interface Compared {
  readonly name: string;
  readonly element: number;
  readonly got: number;
  readonly slope: Slope;
}

/** grad(y) with respect to each float64 input, element by element, beside the differences. */
function compareGradient(y: Tensor, given: Inputs, most = Number.POSITIVE_INFINITY): Compared[] {
  const still = frozen(y, given);
  const at = (name: string, element: number, h: number) => {
    const moved = Float64Array.from(still.given.get(name) as TypedArray);
    moved[element] += h;
    return evaluate([still.y], new Map(still.given).set(name, moved))[0].values[0];
  };
  const xs = nodesOf([y]).filter((x) => x.op === "input" && x.dtype === "float64");
  const gradients = grad(y, xs);
  return xs.flatMap((x, k) => {
    const name = x.operation.op === "input" ? x.operation.name : "";
    // A derivative may lack axes of its tensor: zeros of the tensor's type bring them back.
    const full = gradients[k].add(x.mul(0));
    const { values: got, axes } = evaluate([full], given)[0];
    const data = given.get(name) as TypedArray;
    const step = Math.max(1, Math.ceil(data.length / most));
    const compared: Compared[] = [];
    for (let i = 0; i < data.length; i += step) {
      // Narrow beside the waves of a sine and the steps of floor, also far from 0.
      const h = 1e-3 * Math.min(10, Math.max(0.1, Math.abs(data[i])));
      const place = placeAmong(axes, x.axes, i);
      compared.push({ name, element: i, got: got[place], slope: slope((d) => at(name, i, d), h) });
    }
    return compared;
  });
}

/** Every derivative of `y` agrees with its differences, which are good to `digits`. */
function expectGradient(y: Tensor, given: Record<string, TypedArray>, digits = 1e-7): void {
  const compared = compareGradient(y, new Map(Object.entries(given)));
  expect(compared.length).toBeGreaterThan(0);
  for (const { name, element, got, slope } of compared) {
    const scale = Math.max(1, Math.abs(slope.value));
    const where = `${name}[${element}]: ${got} beside ${slope.value} +- ${slope.error}`;
    expect(slope.error, where).toBeLessThan(digits * scale);
    expect(Math.abs(got - slope.value), where).toBeLessThanOrEqual(slope.error + 1e-9 * scale);
  }
}

const f64 = (name: string, axes: Tensor["axes"] = []) => input(name, axes, "float64");

/** A scalar in which each element counts differently. */
function weighed(y: Tensor): Tensor {
  const weights = tensor(values(sizeOf(y.axes), 0.5, 2), y.axes);
  return sum(y.mul(weights));
}

const UNARY: readonly [string, (x: Tensor) => Tensor, number, number][] = [
  ["neg", (x) => x.neg(), -2, 2],
  ["abs", abs, 0.1, 2],
  ["abs of negative", abs, -2, -0.1],
  ["floor", floor, 0.1, 0.9],
  ["sqrt", sqrt, 0.2, 3],
  ["exp", exp, -2, 2],
  ["log", log, 0.2, 3],
  ["sin", sin, -3, 3],
  ["cos", cos, -3, 3],
  ["tanh", tanh, -2, 2],
  ["sigmoid", sigmoid, -3, 3],
  ["softplus", softplus, -3, 3],
  ["log1p", log1p, -0.6, 2],
  ["expm1", expm1, -2, 2],
  ["erf", erf, -2, 2],
  ["lgamma", lgamma, 0.3, 4],
  ["digamma", digamma, 0.3, 4],
  ["square", square, -2, 2],
  ["pow 5", (x) => pow(x, 5), -2, 2],
  ["pow -3", (x) => pow(x, -3), 0.5, 2],
  ["pow 0.7", (x) => pow(x, 0.7), 0.5, 2],
];

const BINARY: readonly [string, (x: Tensor, y: Tensor) => Tensor][] = [
  ["add", (x, y) => x.add(y)],
  ["sub", (x, y) => x.sub(y)],
  ["mul", (x, y) => x.mul(y)],
  ["div", (x, y) => x.div(y)],
  ["minimum", minimum],
  ["maximum", maximum],
  ["logAddExp", logAddExp],
  ["pow", (x, y) => pow(x, y)],
  ["select", (x, y) => select(x.lt(y), x.mul(y), square(y))],
];

describe("grad agrees with differences", () => {
  test.each(UNARY)("%s", (_, f, low, high) => {
    const x = f64("x", [a]);
    expectGradient(weighed(f(x)), { x: values(4, low, high) });
  });

  test.each(UNARY.filter(([name]) => name !== "digamma"))(
    "second derivative of %s",
    (_, f, low, high) => {
      const x = f64("x", [a]);
      const [first] = grad(weighed(f(x)), [x]);
      expectGradient(weighed(first.add(x.mul(0.5))), { x: values(4, low, high) });
    },
  );

  const patterns = [
    ["the same axes", [a, b], [a, b]],
    ["axes in another order", [a, b], [b, a]],
    ["a scalar beside axes", [], [a, b]],
    ["axes beside a scalar", [a], []],
    ["a subset", [a, b, c], [b]],
    ["disjoint axes", [a], [b, c]],
    ["overlapping axes", [a, b], [b, c]],
  ] as const;
  const pairs = BINARY.flatMap(([name, f]) =>
    patterns.map(([how, left, right]) => [name, how, f, left, right] as const),
  );
  test.each(pairs)("%s over %s", (_name, _how, f, left, right) => {
    const [x, y] = [f64("x", left), f64("y", right)];
    const given = { x: apart(sizeOf(left), 0), y: apart(sizeOf(right), 1) };
    expectGradient(weighed(f(x, y)), given);
  });

  const x = f64("x", [a, b]);
  const given = () => ({ x: values(12, -2, 2) });
  const at = (list: number[]) => tensor(Int32Array.from(list), [c]);
  const SHAPES: Readonly<Record<string, () => Tensor>> = {
    "sum over all": () => square(sum(x)),
    "sum over one axis": () => weighed(square(sum(x, a))),
    "sum over two axes": () => exp(sum(x, a, b).mul(0.1)),
    mean: () => weighed(exp(mean(x, b))),
    "max over all": () => max(x),
    "max over one axis": () => weighed(square(max(x, a))),
    logSumExp: () => weighed(logSumExp(x, b)),
    "logSumExp over all": () => logSumExp(x),
    logMeanExp: () => weighed(logMeanExp(x.mul(x), a)),
    "sum of a sum": () => square(sum(square(sum(x, a)))),
    "sum of a value without the axis": () => sum(sum(square(x), b).add(x)),
    "product over a shared axis": () => {
      const w = tensor(values(20, -1, 1), [a, c]);
      return weighed(tanh(sum(x.mul(w), a)));
    },
    "a product with itself": () => {
      const y = rename(x, a, axis("a2", 4));
      return weighed(sum(x.mul(y), b));
    },
    "gather with repeated positions": () =>
      weighed(square(gatherClamped(x, a, at([0, 3, 3, 1, 3])))),
    "gather at one position": () => weighed(exp(gatherClamped(x, a, 2))),
    "gather with clamped positions": () =>
      weighed(square(gatherClamped(x, a, at([-7, 9, 2, 4, -1]).mul(1)))),
    "gather whose positions have a shared axis": () => {
      const p = tensor(Int32Array.from([1, 0, 3]), [b]);
      return weighed(exp(gatherClamped(x, a, p)));
    },
    "gather along an axis the positions have": () => {
      const p = tensor(Int32Array.from([1, 0, 3, 3]), [a]);
      return weighed(exp(gatherClamped(x, a, p)));
    },
    "gather of a value without all axes": () =>
      weighed(gatherClamped(sum(x, b), a, at([0, 1, 1, 2, 3]))),
    "gather used along with its axis summed": () =>
      sum(square(sum(gatherClamped(x, a, at([0, 1, 1, 2, 3])), c))),
    slice: () => weighed(square(slice(x, a, 1, axis("s", 2)))),
    "slice onto an axis of the source": () => weighed(exp(slice(x, a, 1, b))),
    "slice whose derivative is constant": () => sum(slice(x, a, 1, axis("s", 2))),
    "positions before the first": () =>
      weighed(square(gatherClamped(x, a, index(axis("s", 3)).add(-2)))),
    "positions behind the last": () =>
      weighed(square(gatherClamped(x, a, index(axis("s", 4)).add(2)))),
    "more positions than elements": () => weighed(square(gatherClamped(x, a, index(axis("s", 7))))),
    rename: () => weighed(square(rename(x, a, axis("s", 4)))),
    concat: () => weighed(square(concat(x, x.mul(2), [a, a], axis("s", 8)))),
    "concat along two axes": () =>
      weighed(square(concat(sum(x, b), sum(x, a), [a, b], axis("s", 7)))),
    stack: () => weighed(square(stack([sum(x, b), mean(x), x.mul(3)], axis("s", 3)))),
    "float32 on the way": () => weighed(cast(square(cast(x, "float32")), "float64")),
    "a factor of zero": () => sum(x.mul(0).add(x)),
    "used many times": () => {
      const y = tanh(x);
      return sum(y.mul(y).add(y.mul(x)).sub(x));
    },
    noise: () => sum(square(x.add(standardNormal(key(3), [a, c], "float64")))),
    "relu by select": () => weighed(select(x.gt(0), x, x.mul(0.1))),
  };
  test.each(Object.entries(SHAPES))("%s", (_, y) => {
    expectGradient(y(), given());
  });
  test.each(Object.entries(SHAPES).filter(([name]) => name !== "float32 on the way"))(
    "second derivative of %s",
    (_, y) => {
      const [first] = grad(y(), [x]);
      expectGradient(sum(square(first.add(tanh(x)))), given(), 1e-6);
    },
  );

  test("second derivatives below a select where the first are 0 by chance", () => {
    const { values } = evaluate(
      [grad(sum(grad(sum(select(x.gt(-1), square(sin(x)), 0)), [x])[0]), [x])[0]],
      new Map([["x", new Float64Array(sizeOf(x.axes))]]),
    )[0];
    expect([...values]).toEqual(new Array(values.length).fill(2));
  });

  test("of elements set apart, added to what lies along their axis too", () => {
    const apart = axis("apart", 5);
    const spread = make({ op: "scatterAdd", axis: apart, over: [a] }, [x, index(a).add(1)]);
    expectGradient(sum(tanh(x.add(spread).mul(x))), given());
  });

  /** Of a loop that ends by itself, which has no derivative. */
  const isEnded = ({ operation }: Tensor) =>
    operation.op === "scan" && bodyOf(operation).loop.until !== undefined;

  test("600 random graphs", () => {
    let sharp = 0;
    let blunt = 0;
    const agrees = fc.property(recipes, (recipe) => {
      const sizes = recipe.sizes.map((size) => Math.min(size, 4));
      const { outputs, inputs } = build({ ...recipe, sizes, flavour: 10 });
      // Differences say nothing at infinities and where steps are lost in huge numbers.
      if ([...inputs.values()].some((values) => values.some((x) => !(Math.abs(x) < 1e6)))) return;
      const parts = outputs.filter((y) => isFloat(y.dtype));
      const scalar = parts.reduce<Tensor>(
        (y, part) => y.add(sum(tanh(cast(part, "float64").mul(0.3)))),
        constant(0, "float64"),
      );
      if (nodesOf([scalar]).some((x) => x.op === "trigamma" || isEnded(x))) return;
      for (const { name, element, got, slope } of compareGradient(scalar, new Map(inputs), 3)) {
        const scale = Math.max(1e-3, Math.abs(slope.value));
        // Near a kink, or where the function is too steep, the differences disagree.
        // NaN comes from infinities on the way, such as inf / inf.
        if (!(slope.error < 1e-3 * scale) || Number.isNaN(got)) {
          blunt++;
          continue;
        }
        sharp++;
        const where = `${name}[${element}]: ${got} beside ${slope.value} +- ${slope.error}`;
        expect(Math.abs(got - slope.value), where).toBeLessThanOrEqual(slope.error + 1e-6 * scale);
      }
    });
    fc.assert(agrees, { numRuns: 600, seed: 5 });
    expect(sharp).toBeGreaterThan(1000);
    expect(blunt).toBeLessThan(sharp / 4);
  });
});

describe("where there is a choice", () => {
  const x = f64("x", [a]);
  const gradient = (y: Tensor, data: number[]) => {
    const [g] = grad(y, [x]);
    return [...evaluate([g.add(x.mul(0))], new Map([["x", Float64Array.from(data)]]))[0].values];
  };

  test("abs has slope 0 at 0", () => {
    expect(gradient(sum(abs(x)), [0, -0, 1, -2])).toEqual([0, 0, 1, -1]);
  });
  test("tied operands of maximum and minimum share", () => {
    const y = cast(index(a).mul(0).add(1), "float64");
    expect(gradient(sum(maximum(x, y)), [1, 2, 0, 1])).toEqual([0.5, 1, 0, 0.5]);
    expect(gradient(sum(minimum(y, x)), [1, 2, 0, 1])).toEqual([0.5, 0, 1, 0.5]);
  });
  test("of a plain number and what equals it the number is taken: relu has slope 0 at 0", () => {
    for (const y of [maximum(x, 1), maximum(constant(1, "float64"), x)]) {
      expect(gradient(sum(y), [1, 2, 0, 1])).toEqual([0, 1, 0, 0]);
    }
    for (const y of [minimum(x, 1), minimum(constant(1, "float64"), x)]) {
      expect(gradient(sum(y), [1, 2, 0, 1])).toEqual([0, 0, 1, 0]);
    }
  });
  test("an operand of minimum and maximum may be made of any number of operations", () => {
    const y = Array.from({ length: 20_000 }).reduce<Tensor>((sum) => sum.add(1), x);
    expect(() => grad(sum(maximum(y, minimum(x, y))), [x])).not.toThrow();
  });
  test("tied elements of max share", () => {
    expect(gradient(max(x), [3, 1, 3, 2])).toEqual([0.5, 0, 0.5, 0]);
  });
  test("floor and comparisons have none", () => {
    expect(gradient(sum(floor(x).add(cast(x.lt(1), "float64"))), [1.5, 0, 1, 2])).toEqual([
      0, 0, 0, 0,
    ]);
  });
  test("stopGradient passes none", () => {
    expect(gradient(sum(x.mul(stopGradient(x))), [1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
    expect(gradient(sum(stopGradient(square(x))), [1, 2, 3, 4])).toEqual([0, 0, 0, 0]);
  });
  test("straightThrough has the values of one and the derivative of the other", () => {
    const y = straightThrough(exp(x), square(x).mul(3));
    const [told] = evaluate([y], new Map([["x", Float64Array.of(0, 1, 2, 3)]]));
    expect([...told.values]).toEqual([0, 1, 2, 3].map(Math.exp));
    expect(gradient(sum(y), [1, 2, 3, 4])).toEqual([6, 12, 18, 24]);
    expect(() => straightThrough(f64("y", [b]), x)).toThrow(/axis 'a' is none of the values/);
  });
  test("with respect to what is in between", () => {
    const y = square(x);
    const [g] = grad(sum(exp(y)), [y]);
    const { values: got } = evaluate([g], new Map([["x", Float64Array.of(0, 0.5, 1, 2)]]))[0];
    expect([...got]).toEqual([0, 0.25, 1, 4].map(Math.exp));
  });
  test("of what does not depend on it: zero", () => {
    const [g] = grad(sum(f64("y", [b])), [x]);
    expect(g.operation).toEqual({ op: "constant", value: 0 });
    expect(g.dtype).toBe("float64");
  });
  test("has the type of its tensor, not of the scalar", () => {
    const w = input("w", [a]);
    const [g] = grad(sum(cast(w, "float64").mul(x)), [w]);
    expect(g.dtype).toBe("float32");
  });
  test("logSumExp has slope 0 where x cannot change it, also if that is everywhere", () => {
    const [s, small] = [1 / (1 + Math.exp(-50)), Math.exp(-50)];
    const of = (...data: number[]) => {
      const [g] = grad(logSumExp(x), [x]);
      return [...evaluate([g], new Map([["x", Float64Array.from(data)]]))[0].values];
    };
    const found = of(7, -43, -54, -1e30);
    expect(found[0]).toBeCloseTo(s, 14);
    expect(found[1] / small).toBeCloseTo(1, 5);
    expect(found.slice(2)).toEqual([0, 0]);
    const none = Number.NEGATIVE_INFINITY;
    expect(of(none, none, none, none)).toEqual([0, 0, 0, 0]);
  });
});

describe("grad refuses", () => {
  test("what is not a scalar", () => {
    const x = input("x", [a, b]);
    expect(() => grad(x, [x])).toThrow(
      "grad needs a scalar, but got axes {a: 4, b: 3}: sum over them first",
    );
  });
  test("what is not a floating-point number", () => {
    const x = input("x", [], "int32");
    expect(() => grad(x, [x])).toThrow("grad needs a floating-point scalar, not int32");
  });
  test("third derivatives of lgamma", () => {
    const x = f64("x");
    expect(() => grad(trigamma(x), [x])).toThrow(
      "trigamma has no derivative here: take at most two of lgamma",
    );
  });
});
