/** What closed forms of divergences are made of. */
import {
  expBeyondLine,
  inFloat64,
  lgammaRise,
  logRatio,
  type Tensor,
} from "../../tensor/internal.ts";
import type { ClosedForm, Named } from "../distribution.ts";

/** A form of the parameters alone. */
export const of =
  (form: (q: Named, p: Named) => Tensor): ClosedForm =>
  (q, p) =>
    form(q.parameters, p.parameters);

/** The same in float64: terms with lgamma and digamma are much larger than their sum. */
export const wide = (form: (q: Named, p: Named) => Tensor): ClosedForm =>
  of((q, p) => {
    const names = Object.keys(q);
    const all = [...names.map((n) => q[n]), ...names.map((n) => p[n])];
    return inFloat64(all, (...tensors) => {
      const named = (from: number) =>
        Object.fromEntries(names.map((n, k) => [n, tensors[from + k]])) as Named;
      return form(named(0), named(names.length));
    });
  });

/** A form that holds where the totals of q and p are known to be equal. */
export function forSameTotal(form: (q: Named, p: Named) => Tensor): ClosedForm {
  return (q, p) => {
    const [a, b] = [q.parameters.total, p.parameters.total];
    const known = [a, b].map(({ operation }) =>
      operation.op === "constant" ? operation.value : undefined,
    );
    const same = a === b || (known[0] !== undefined && known[0] === known[1]);
    return same ? form(q.parameters, p.parameters) : undefined;
  };
}

/**
 * Of a part that has concentration `b` of all `given` in p and `a` of all `whole` in q, what it adds to the divergence of
 * the shares: b (exp(w) - 1 - w), w = log of the ratio of its shares, and what is left of lgamma.
 */
export function shareRise(b: Tensor, a: Tensor, given: Tensor, whole: Tensor): Tensor {
  const w = logRatio(a, b).sub(logRatio(whole, given));
  const ratio = a.div(b).mul(given.div(whole));
  return b.mul(expBeyondLine(w, ratio)).add(lgammaRise(b, a));
}
