/** Densities and their gradients at the edges of parameters, where both are finite. */

import { describe, expect, test } from "vitest";
import { bernoulli, categorical, mixture, normal, poisson } from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  constant,
  exp,
  grad,
  input,
  select,
  sigmoid,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { BACKENDS } from "../backends.ts";

const k = axis("k", 3);
const x = input("x", [k]);
const means = tensor([-1, 0, 2], [k]);
const one = constant(1);

/** log p of the mixture at 0.5, and its derivatives: p_j / p - 1 / sum w. */
const w = [0.25, 0, 0.75];
const parts = [-1, 0, 2].map((m) => Math.exp(-((0.5 - m) ** 2) / 2) / Math.sqrt(2 * Math.PI));
const p = w.reduce((total, wk, i) => total + wk * parts[i], 0);

type Edge = readonly [
  name: string,
  of: (x: Tensor) => Tensor,
  at: readonly number[],
  value: number,
  slope: readonly number[],
];

const edges: readonly Edge[] = [
  [
    "a mixture with a weight of 0",
    (x) => mixture({ probs: x }, normal(means, 1), k).logProb(constant(0.5)),
    w,
    Math.log(p),
    parts.map((part) => part / p - 1),
  ],
  [
    "a category with a probability of 0",
    (x) => categorical({ probs: x }, k).logProb(constant(2, "int32")),
    [0.5, 0, 0.5],
    Math.log(0.5),
    [-1, -1, 1],
  ],
  [
    "coins that always show what they show",
    (x) => sum(bernoulli({ probs: x }).logProb(tensor([1, 0, 1], [k]))),
    [1, 0, 0.5],
    Math.log(0.5),
    [1, -1, 2],
  ],
  [
    "the entropy of such coins",
    (x) => sum(bernoulli({ probs: select(x.gt(2), 0.5, x) }).entropy() as Tensor),
    [1, 0, 3],
    Math.LN2,
    [Number.NaN, Number.NaN, 0],
  ],
  [
    "coins by sigmoids that round to 0 and 1",
    (x) => sum(bernoulli({ probs: sigmoid(x) }).logProb(tensor([0, 1, 0], [k]))),
    [17, -120, 40],
    -17 - 120 - 40,
    [-1, 1, -1],
  ],
  [
    "coins by their complements, powers and quotients",
    (x) =>
      sum(bernoulli({ probs: one.sub(sigmoid(x)) }).logProb(constant(1)))
        .add(sum(bernoulli({ probs: one.div(exp(x.neg()).add(1)) }).logProb(constant(0))))
        .add(sum(bernoulli({ probs: exp(x).div(exp(x).add(1)) }).logProb(constant(0)))),
    [20, 30, 60],
    -330,
    [-3, -3, -3],
  ],
  [
    "no events at rates that are 0 in float32",
    (x) => sum(poisson(exp(x)).logProb(constant(0))),
    [-200, 0, -300],
    -1,
    [0, -1, 0],
  ],
  [
    "the root of what is 0 in float32",
    (x) => sum(sqrt(exp(square(x).neg()))),
    [28, 0, 1],
    1.6065307,
    [0, 0, -0.6065307],
  ],
  ["a norm of 0", (x) => sqrt(sum(square(x))), [0, 0, 0], 0, [0, 0, 0]],
  ["sizes by roots", (x) => sum(sqrt(square(x))), [0, -2, 3], 5, [0, -1, 1]],
];

describe.each(BACKENDS)("on %s", (backend) => {
  test.each(edges)("%s", (_, of, at, value, slope) => {
    const y = of(x);
    const program = compile({ outputs: { y, slope: grad(y, [x])[0] } }, { backend });
    const found = program.run({ inputs: { x: at } });
    expect(found.y.data[0]).toBeCloseTo(value, 4);
    slope.forEach((d, i) => {
      const got = found.slope.data[found.slope.axes.length === 0 ? 0 : i];
      if (!Number.isNaN(d)) expect(got, `slope ${i}`).toBeCloseTo(d, 4);
    });
  });
});
