import {
  describeAxes,
  exp,
  log,
  SurmiseError,
  sameAxes,
  select,
  sigmoid,
  softplus,
  square,
  sum,
  type Tensor,
} from "../tensor/index.ts";
import { type Distribution, sumAlong } from "./distribution.ts";
import type { Support } from "./support.ts";

/** KL(q || p) of one element. */
type ClosedForm = (q: Distribution, p: Distribution) => Tensor;

/** log(sp/sq) + (sq^2 + (mq - mp)^2) / (2 sp^2) - 1/2. */
const normalNormal: ClosedForm = ({ parameters: q }, { parameters: p }) => {
  const ratio = q.sd.div(p.sd);
  const shift = q.mean.sub(p.mean).div(p.sd);
  return square(ratio).add(square(shift)).sub(1).mul(0.5).sub(log(ratio));
};

/** With logits a of q and b of p: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
const bernoulliBernoulli: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.logits, p.parameters.logits];
  return sigmoid(a).mul(a.sub(b)).sub(softplus(a)).add(softplus(b));
};

/** sum_k q_k (log q_k - log p_k), where 0 log 0 = 0. */
const categoricalCategorical: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.logits, p.parameters.logits];
  const probability = exp(a);
  const { axis } = q.support as Support & { kind: "index" };
  return sum(select(probability.gt(0), probability.mul(a.sub(b)), 0), axis);
};

/** The closed forms there are, by the names of q and p. */
const CLOSED_FORMS: Readonly<Record<string, ClosedForm>> = {
  "normal, normal": normalNormal,
  "bernoulli, bernoulli": bernoulliBernoulli,
  "categorical, categorical": categoricalCategorical,
};

/**
 * The Kullback-Leibler divergence KL(q || p) = E_q[log q(x) - log p(x)] in nats, summed over the
 * event axes, or undefined where the two families have no closed form. Axes: the union of those of
 * q and p without event axes.
 *
 * @throws SurmiseError if q and p differ in their event axes or in the axis of their categories.
 */
export function kl(q: Distribution, p: Distribution): Tensor | undefined {
  const closed = CLOSED_FORMS[`${q.name}, ${p.name}`];
  if (closed === undefined) return undefined;
  if (!sameAxes(q.eventAxes, p.eventAxes)) {
    throw new SurmiseError(
      `kl: q has event axes ${describeAxes(q.eventAxes)}, p has ${describeAxes(p.eventAxes)}`,
    );
  }
  if (q.support.kind === "index" && p.support.kind === "index") {
    const [a, b] = [q.support.axis, p.support.axis];
    if (a !== b) {
      throw new SurmiseError(
        `kl: q is over positions along ${describeAxes([a])}, p along ${describeAxes([b])}: ` +
          "use the same axis object",
      );
    }
  }
  return sumAlong(closed(q, p), q.eventAxes);
}
