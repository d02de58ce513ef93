/** The oracle: expressions evaluated slowly, in doubles, with a bound on what rounding may do. */
export { type Evaluated, evaluate } from "./evaluate.ts";
export { digamma, erf, lgamma, logAddExp, sigmoid, softplus, trigamma } from "./special.ts";
