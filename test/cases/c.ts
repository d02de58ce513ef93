/** Gradients: finite wherever the derivative is. */
import {
  bernoulli,
  categorical,
  kl,
  mixture,
  normal,
  poisson,
} from "../../src/distributions/index.ts";
import { fit } from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import {
  axis,
  cast,
  constant,
  exp,
  index,
  log,
  logAddExp,
  logSumExp,
  pow,
  select,
  sigmoid,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { type Case, differentiated, numbersOf } from "./case.ts";

const { POSITIVE_INFINITY: INFINITY, NEGATIVE_INFINITY } = Number;
const LOGITS = [NEGATIVE_INFINITY, 0, 1];

const part = axis("part", 3);
const means = tensor([0, 50, 100], [part]);

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
  ...([17, 40, 100] as const).map(
    (l, i): Case => ({
      id: `C10${"bcd"[i]}`,
      input: `log density of bernoulli({ probs: sigmoid(${l}) }) at 0, in float32`,
      run: height((x) => bernoulli({ probs: sigmoid(x) }).logProb(constant(0)), [l]),
      right: -l - Math.log1p(Math.exp(-l)),
      within: 2e-6 * l,
    }),
  ),
  {
    id: "C10e",
    input: "gradient of the one at 40",
    run: slope((x) => bernoulli({ probs: sigmoid(x) }).logProb(constant(0)), [40]),
    right: [-1],
    within: 1e-6,
  },
  {
    id: "C11",
    input: "log density at 0 of a mixture of normals at 0, 50, 100 with the weights 1, 0, 1",
    run: () => numbersOf(mixture(tensor([1, 0, 1], [part]), normal(means, 1)).logProb(constant(0))),
    right: -0.5 * Math.log(2 * Math.PI) - Math.LN2,
    within: 1e-6,
  },
  {
    id: "C11b",
    input: "its gradient by the logits (0, -inf, 0)",
    run: slope(
      (logits) => {
        const [at] = logits.axes;
        return mixture({ logits }, normal(cast(index(at), "float32").mul(50), 1)).logProb(
          constant(0),
        );
      },
      [0, NEGATIVE_INFINITY, 0],
    ),
    right: [0.5, 0, -0.5],
    within: 1e-6,
  },
  {
    id: "C12",
    input: "a gradient that is not finite at the first step: the site and the remedy",
    run: () => {
      const rooted = model(({ sample, observe }) => {
        observe("y", normal(0, sqrt(sample("z", normal(-50, 1)))), constant(1));
      });
      return fit({ model: rooted, data: undefined, method: "vi", steps: 3 });
    },
    right: /at step 1 .*site 'y'.*no learning rate|at step 1 .*site 'y': the sd/,
  },
];
