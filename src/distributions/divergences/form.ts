import { inFloat64, type Tensor } from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";

/** KL(q || p), or undefined where these two members have none. */
export type ClosedForm = (q: Distribution, p: Distribution) => Tensor | undefined;

/** Parameters by name. */
export type Named = Readonly<Record<string, Tensor>>;

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
