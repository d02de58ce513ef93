import {
  type Axis,
  cast,
  describeAxes,
  exp,
  fineUniform,
  gatherClamped,
  index,
  isFloat,
  type Key,
  log,
  log1p,
  logSumExp,
  max,
  promoted,
  SurmiseError,
  select,
  shown,
  square,
  sum,
  Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { refuseStray } from "../parameters.ts";
import { REAL } from "../support/support.ts";

/** Weights are not negative and need not sum to one; `probs` is another word for them. */
export type Weights = Tensor | { readonly probs: Tensor } | { readonly logits: Tensor };

/** sum_k q_k (log q_k - log p_k), where 0 log 0 = 0. */
const divergence: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.logits, p.parameters.logits];
  const probability = exp(a);
  if (q.support.kind !== "index") return undefined;
  const { axis } = q.support;
  return sum(select(probability.gt(0), probability.mul(a.sub(b)), 0), axis);
};

/**
 * The distribution of a position along `axis` (int32: 0, 1, ...), position k having a probability
 * proportional to weight w_k, or to exp(logit l_k):
 *
 *     log p(x) = log w_x - log sum_k w_k = l_x - log sum_k exp(l_k);  -Infinity outside the axis.
 *
 * The axis comes with the weights and does not appear in draws. It need not be named where the
 * weights have only one. Its mean and variance are those of the position as a number.
 *
 * @throws SurmiseError if the weights are not floating point or the axis is missing or not theirs.
 *
 * @example sample("spread", categorical(tensor([0.1, 0.5, 0.4], [level])))
 */
export function categorical(weights: Weights, along?: Axis): Distribution {
  const { logits, axis } = normalised("categorical", weights, along);
  const { dtype } = logits;
  const moment = (of: (position: Tensor) => Tensor) =>
    sum(exp(logits).mul(of(cast(index(axis), dtype))), axis);
  return distribution({
    divergence: { form: divergence },
    name: "categorical",
    parameters: { logits },
    constraints: { logits: REAL },
    axes: withoutAxes(logits.axes, [axis]),
    dtype: "int32",
    support: { kind: "index", axis },
    reparameterised: false,
    logProb: (x) => gatherClamped(logits, axis, x),
    sample: (key, axes) => drawPosition(key, axes, logits, axis),
    mean: () => moment((position) => position),
    variance: () => moment(square).sub(square(moment((position) => position))),
    cdf: (x) => sum(select(index(axis).le(x), exp(logits), 0), axis),
    entropy: () =>
      sum(select(logits.eq(Number.NEGATIVE_INFINITY), 0, logits.mul(exp(logits))), axis).neg(),
  });
}

/**
 * The logarithms of the weights over their sum, the axis along which they sum to one, and, where they are not
 * given as logits, the weights over their sum.
 */
export function normalised(
  family: string,
  weights: Weights,
  along?: Axis,
): { readonly logits: Tensor; readonly axis: Axis; readonly probs: Tensor | undefined } {
  if (typeof weights === "object" && weights !== null && !(weights instanceof Tensor)) {
    refuseStray(family, weights, ["probs", "logits"]);
  }
  const { probs, logits } = (weights instanceof Tensor ? { probs: weights } : (weights ?? {})) as {
    readonly probs?: Tensor;
    readonly logits?: Tensor;
  };
  const told = probs ?? logits;
  if (!(told instanceof Tensor)) {
    throw new SurmiseError(
      `${family}: the weights must be a tensor, { probs: tensor } or { logits: tensor }, not ${shown(told ?? weights)}`,
    );
  }
  const given = isFloat(told.dtype) ? told : promoted(`${family}: the weights`, told, "float32");
  const axis = along ?? onlyAxis(family, given.axes);
  if (!given.has(axis)) {
    throw new SurmiseError(
      `${family}: the weights have axes ${describeAxes(given.axes)}, not '${axis.name}'`,
    );
  }
  if (probs === undefined) {
    return { logits: given.sub(logSumExp(given, axis)), axis, probs };
  }
  const total = sum(given, axis);
  // The logarithm of a weight of 0 is as steep as can be, and takes no part.
  const logarithm = select(given.eq(0), Number.NEGATIVE_INFINITY, log(given));
  return { logits: logarithm.sub(log(total)), axis, probs: given.div(total) };
}

/**
 * Positions along `axis` over `axes`: of the largest l_k - log e_k, with e_k exponential (the Gumbel-max method:
 * Yellott, J. Math. Psychol. 15, 1977). The winner's e_k is small, and float32 knows small ones to 46 bits: among
 * millions of categories none wins because several are alike. A single element's canonical order has `axis` last.
 */
export function drawPosition(key: Key, axes: readonly Axis[], logits: Tensor, axis: Axis): Tensor {
  const each = unionAxes(axes, [axis]);
  const race = logits.sub(log(log1p(fineUniform(key, each, logits.dtype).neg()).neg()));
  return max(select(race.eq(max(race, axis)), index(axis), 0), axis);
}

function onlyAxis(family: string, axes: readonly Axis[]): Axis {
  if (axes.length === 1) return axes[0];
  throw new SurmiseError(
    `${family}: the weights have axes ${describeAxes(axes)}; say which one the draw is a ` +
      `position of: ${family}(weights, axis)`,
  );
}
