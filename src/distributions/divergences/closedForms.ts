/** The closed forms of divergences, by the names of q and p. */
import { constant } from "../../tensor/index.ts";
import { CONTINUOUS, gammaForm } from "./continuous.ts";
import { DISCRETE } from "./discrete.ts";
import type { ClosedForm, Named } from "./form.ts";

/** The families that are gamma in other words, with their shape and rate. */
const AS_GAMMA: Readonly<Record<string, (parameters: Named) => Named>> = {
  gamma: (parameters) => parameters,
  exponential: ({ rate }) => ({ shape: constant(1, rate.dtype), rate }),
  chiSquare: ({ degrees }) => ({ shape: degrees.mul(0.5), rate: constant(0.5, degrees.dtype) }),
};

const amongGamma = Object.entries(AS_GAMMA).flatMap(([one, first]) =>
  Object.entries(AS_GAMMA).map(([other, second]): [string, ClosedForm] => [
    `${one}, ${other}`,
    (q, p) => gammaForm(first(q.parameters), second(p.parameters)),
  ]),
);

const withinFamily = Object.entries({ ...CONTINUOUS, ...DISCRETE }).map(
  ([name, form]): [string, ClosedForm] => [`${name}, ${name}`, form],
);

/** The closed forms there are, by the names of q and p. */
export const CLOSED_FORMS: Readonly<Record<string, ClosedForm>> = Object.fromEntries([
  ...withinFamily,
  ...amongGamma,
]);
