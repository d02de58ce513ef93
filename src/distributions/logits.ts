/** Logits of probabilities that are made of something better known than themselves. */
import {
  abs,
  and,
  cast,
  constant,
  log,
  log1mExp,
  log1p,
  logSigmoid,
  or,
  select,
  type Tensor,
  xLog1pY,
  xLogY,
} from "../tensor/internal.ts";

/** log(p / (1 - p)). */
export function logitOf(p: Tensor): Tensor {
  return knownLogit(p) ?? log(p).sub(log1p(p.neg()));
}

/**
 * The logit of a p that is made as sigmoid(l), exp(a), their complement, or a quotient that is a sigmoid: from
 * what it is made of, so that it is right where p rounds to 0 or 1. Undefined for others.
 */
export function knownLogit(p: Tensor): Tensor | undefined {
  const [x, y] = p.inputs;
  switch (p.op) {
    case "sigmoid":
      return x;
    case "exp":
      return x.sub(log1mExp(x.neg()));
    case "cast": {
      const inner = knownLogit(x);
      return inner && cast(inner, p.dtype);
    }
    case "sub":
      return isConstant(x, 1) ? knownLogit(y)?.neg() : undefined;
    case "div":
      return logitOfQuotient(x, y);
    default:
      return undefined;
  }
}

/** Of 1 / (1 + exp(a)) and exp(a) / (1 + exp(a)). */
function logitOfQuotient(x: Tensor, y: Tensor): Tensor | undefined {
  if (y.op !== "add") return undefined;
  const [one, power] = isConstant(y.inputs[0], 1) ? y.inputs : [...y.inputs].reverse();
  if (!isConstant(one, 1) || power.op !== "exp") return undefined;
  const [a] = power.inputs;
  if (isConstant(x, 1)) return a.neg();
  return x === power || (x.op === "exp" && x.inputs[0] === a) ? a : undefined;
}

/** log p and log(1 - p), with the right derivatives where p is 0 or 1 and given as `chance`. */
export function logChances({
  logits,
  chance,
}: {
  readonly logits: Tensor;
  readonly chance: Tensor | undefined;
}): { readonly logYes: Tensor; readonly logNo: Tensor } {
  if (chance !== undefined) return { logYes: log(chance), logNo: log1p(chance.neg()) };
  return { logYes: logSigmoid(logits), logNo: logSigmoid(logits.neg()) };
}

/**
 * The log probability of `successes` and `failures`: `density` of the logit where it is finite. Where it is infinite
 * there is one way only, of log probability s log p + f log(1 - p), whose derivative is right if p is given as
 * `chance`.
 */
export function logProbOfOutcomes(
  successes: Tensor,
  failures: Tensor,
  { logits, chance }: { readonly logits: Tensor; readonly chance: Tensor | undefined },
  density: (logits: Tensor) => Tensor,
): Tensor {
  const isSure = isInfinite(logits);
  const p = select(isSure, chance ?? select(logits.gt(0), constant(1, logits.dtype), 0), 0.5);
  const sure = logProbOfChance(successes, failures, p);
  return select(isSure, sure, density(select(isSure, 0, logits)));
}

/**
 * s log p + f log(1 - p), also where p is 0 or 1. What cannot be has the derivative 0 there: it weighs nothing among other
 * possibilities, such as the states of a chain, of whose sum an infinite derivative would make NaN.
 */
export function logProbOfChance(successes: Tensor, failures: Tensor, p: Tensor): Tensor {
  const isNever = and(p.eq(0), successes.gt(0));
  const isImpossible = or(isNever, and(p.eq(1), failures.gt(0)));
  const chance = select(isImpossible, constant(0.5, p.dtype), p);
  const found = xLogY(successes, chance).add(xLog1pY(failures, chance.neg()));
  return select(isImpossible, constant(Number.NEGATIVE_INFINITY, found.dtype), found);
}

/** 1 where x is infinite. */
export function isInfinite(x: Tensor): Tensor {
  return abs(x).eq(Number.POSITIVE_INFINITY);
}

function isConstant({ operation }: Tensor, value: number): boolean {
  return operation.op === "constant" && operation.value === value;
}
