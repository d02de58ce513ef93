/** Gradients: finite wherever the derivative is. */
import { bernoulli, categorical, kl, poisson } from "../../src/distributions/index.ts";
import {
  constant,
  exp,
  log,
  logAddExp,
  logSumExp,
  pow,
  select,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { type Case, differentiated, numbersOf } from "./case.ts";

const { POSITIVE_INFINITY: INFINITY, NEGATIVE_INFINITY } = Number;
const LOGITS = [NEGATIVE_INFINITY, 0, 1];

type Function = (x: Tensor) => Tensor;
const slope = (f: Function, x: readonly number[]) => () => differentiated(f, x).gradient;
const height = (f: Function, x: readonly number[]) => () => differentiated(f, x).value;
const divergence: Function = (logits) => {
  const uniform = categorical({ logits: tensor([0, 0, 0], [...logits.axes]) });
  return kl(categorical({ logits }), uniform) as Tensor;
};

/** Gradients at edges. */
export const C: readonly Case[] = [
  {
    id: "C1",
    input: "gradient of the entropy of a categorical with logits (-inf, 0, 1)",
    run: slope((logits) => categorical({ logits }).entropy() as Tensor, LOGITS),
    right: [0, 0.1966, -0.1966],
    within: 5e-5,
  },
  {
    id: "C1b",
    input: "gradient of its divergence from a uniform one",
    run: slope(divergence, LOGITS),
    right: [0, -0.1966, 0.1966],
    within: 5e-5,
  },
  { id: "C2", input: "gradient of x^2.5 at 0", run: slope((x) => pow(x, 2.5), [0]), right: [0] },
  {
    id: "C2b",
    input: "gradient of pow(x, constant(2)) at -1",
    run: slope((x) => pow(x, constant(2)), [-1]),
    right: [-2],
  },
  {
    id: "C3",
    input: "logAddExp(-inf, -inf)",
    run: height((x) => logAddExp(x, x), [NEGATIVE_INFINITY]),
    right: NEGATIVE_INFINITY,
  },
  {
    id: "C4",
    input: "gradient of select(x > 0, log(x), 0) at 0",
    run: slope((x) => select(x.gt(0), log(x), constant(0)), [0]),
    right: [0],
  },
  {
    id: "C5",
    input: "gradient of sqrt(exp(-x^2)) at 28",
    run: slope((x) => sqrt(exp(square(x).mul(-1))), [28]),
    right: [0],
    within: 1e-30,
  },
  {
    id: "C6",
    input: "gradient of the norm at (0, 0, 0)",
    run: slope((x) => sqrt(sum(square(x))), [0, 0, 0]),
    right: [0, 0, 0],
  },
  {
    id: "C7",
    input: "log density of bernoulli({ probs: 1 }) at 1",
    run: height((probs) => bernoulli({ probs }).logProb(constant(1)), [1]),
    right: 0,
  },
  {
    id: "C7b",
    input: "its gradient",
    run: slope((probs) => bernoulli({ probs }).logProb(constant(1)), [1]),
    right: [1],
  },
  {
    id: "C7c",
    input: "log density of a known bernoulli({ probs: 1 })",
    run: () => bernoulli({ probs: constant(1) }),
    right: /probs must be between 0 and 1/,
  },
  {
    id: "C8",
    input: "log density of poisson(exp(-200)), 0 in float32, at 0",
    run: height((x) => poisson(exp(x)).logProb(constant(0)), [-200]),
    right: 0,
  },
  {
    id: "C8b",
    input: "its gradient",
    run: slope((x) => poisson(exp(x)).logProb(constant(0)), [-200]),
    right: [0],
  },
  {
    id: "C9",
    input: "logSumExp(1, inf, 0)",
    run: () => {
      const x = [1, INFINITY, 0];
      return differentiated((logits) => logSumExp(logits, ...logits.axes), x).value;
    },
    right: INFINITY,
  },
  {
    id: "C10",
    input: "log density of bernoulli({ probs: sigmoid(20) }) at 0, by logits",
    run: () => numbersOf(bernoulli({ logits: constant(20) }).logProb(constant(0))),
    right: -20.000000002,
    within: 2e-6,
  },
];
