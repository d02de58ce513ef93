/** Closed forms of discrete families. */
import { exp, log, select, sigmoid, softplus, sum, type Tensor } from "../../tensor/index.ts";
import type { SupportOf } from "../support/support.ts";
import { type ClosedForm, type Named, of } from "./form.ts";

/** With logits a of q and b of p: sigmoid(a) (a - b) - softplus(a) + softplus(b). */
const bernoulliOf = (a: Tensor, b: Tensor) =>
  sigmoid(a).mul(a.sub(b)).sub(softplus(a)).add(softplus(b));
const bernoulli = of((q, p) => bernoulliOf(q.logits, p.logits));

const binomial = forSameTotal((q, p) => q.total.mul(bernoulliOf(q.logits, p.logits)));

/** The mean number of failures times the log ratio of one, plus that of the success. */
const geometric = of((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return success.add(exp(q.logits.neg()).mul(failure));
});

const negativeBinomial = forSameTotal((q, p) => {
  const success = softplus(p.logits.neg()).sub(softplus(q.logits.neg()));
  const failure = softplus(p.logits).sub(softplus(q.logits));
  return q.total.mul(failure.add(exp(q.logits).mul(success)));
});

const poisson = of((q, p) =>
  q.rate
    .mul(log(q.rate.div(p.rate)))
    .sub(q.rate)
    .add(p.rate),
);

/** sum_k q_k (log q_k - log p_k), where 0 log 0 = 0. */
const categorical: ClosedForm = (q, p) => {
  const [a, b] = [q.parameters.logits, p.parameters.logits];
  const probability = exp(a);
  const { axis } = q.support as SupportOf<"index">;
  return sum(select(probability.gt(0), probability.mul(a.sub(b)), 0), axis);
};

/** A form that holds where the totals of q and p are known to be equal. */
function forSameTotal(form: (q: Named, p: Named) => Tensor): ClosedForm {
  return (q, p) => {
    const [a, b] = [q.parameters.total, p.parameters.total];
    const known = [a, b].map(({ operation }) =>
      operation.op === "constant" ? operation.value : undefined,
    );
    const same = a === b || (known[0] !== undefined && known[0] === known[1]);
    return same ? form(q.parameters, p.parameters) : undefined;
  };
}

/** The divergences of two members of one family. */
export const DISCRETE: Readonly<Record<string, ClosedForm>> = {
  bernoulli,
  binomial,
  geometric,
  negativeBinomial,
  poisson,
  categorical,
};
