import {
  cast,
  constant,
  type DType,
  isFloat,
  type Operand,
  promoted,
  SurmiseError,
  shown,
  Tensor,
} from "../tensor/internal.ts";
import { knownLogit, logitOf } from "./logits.ts";
import { firstInvalid } from "./support/knownValues.ts";
import { REAL, type Support, UNIT } from "./support/support.ts";
import { describeConstraint, isDiscrete } from "./support/supportRules.ts";

/** The parameters of a distribution, and where each may lie. */
export interface DistributionParameters<Name extends string = string> {
  /** Tensors, by name. */
  readonly parameters: Readonly<Record<Name, Tensor>>;
  /** The set that each must lie in. */
  readonly constraints: Readonly<Record<Name, Support>>;
}

/** The probability p of an event, or its logit log(p / (1 - p)). */
export type Chance = { readonly probs: Operand } | { readonly logits: Operand };

/**
 * Parameters as tensors of one floating-point type: numbers take the type of the tensors among
 * them, `otherwise` if there is none, and so do whole numbers (int32, uint8).
 *
 * @throws SurmiseError if a number, also one of a tensor of known values, lies outside its set, or
 * the types differ.
 */
export function parametersOf<Name extends string>(
  family: string,
  given: Readonly<Record<Name, Operand>>,
  constraints: Readonly<Record<Name, Support>>,
  otherwise: DType = "float32",
): DistributionParameters<Name> {
  const entries = Object.entries(given) as [Name, Operand][];
  const dtype = commonType(family, entries, constraints) ?? otherwise;
  const tensors = entries.map(([name, x]) => {
    checkParameter(`${family}: ${name}`, x, constraints[name]);
    if (typeof x === "number") return [name, constant(x, dtype)];
    const isCount = isDiscrete(constraints[name]) || isFloat(x.dtype);
    return [name, isCount ? cast(x, dtype) : promoted(`${family}: ${name}`, x, dtype)];
  });
  return { parameters: Object.fromEntries(tensors) as Record<Name, Tensor>, constraints };
}

/**
 * As `parametersOf`, with a probability that becomes the parameter `logits`. Where nothing better is known than the
 * probability, it is `chance`: its logit is infinite where it is 0 or 1.
 */
export function parametersWithChance<Name extends string = never>(
  family: string,
  chance: Chance,
  given = {} as Readonly<Record<Name, Operand>>,
  constraints = {} as Readonly<Record<Name, Support>>,
  otherwise: DType = "float32",
): DistributionParameters<Name | "logits"> & { readonly chance: Tensor | undefined } {
  if (chance instanceof Tensor || !("probs" in Object(chance) || "logits" in Object(chance))) {
    const what = chance instanceof Tensor ? "a tensor" : shown(chance);
    throw new SurmiseError(`${family}: { probs } or { logits } must be given, not ${what}`);
  }
  refuseStray(family, chance, ["probs", "logits"]);
  const all: Record<string, Operand> = { ...given, ...chance };
  const sets: Record<string, Support> = { ...constraints, logits: REAL, probs: UNIT };
  const { parameters } = parametersOf(family, all, sets, otherwise);
  const { probs, ...rest } = parameters;
  const logits = probs === undefined ? {} : { logits: logitOf(probs) };
  return {
    parameters: { ...rest, ...logits } as Record<Name | "logits", Tensor>,
    constraints: { ...constraints, logits: REAL } as Record<Name | "logits", Support>,
    chance: probs === undefined || knownLogit(probs) !== undefined ? undefined : probs,
  };
}

/**
 * Refuses what is given beside the one of `words` that it must have, be it another of them or a word unknown.
 */
export function refuseStray(family: string, given: object, words: readonly string[]): void {
  const [used] = words.filter((word) => word in given);
  const stray = Object.keys(given).find((name) => name !== used);
  if (used === undefined || stray === undefined) return;
  throw new SurmiseError(
    words.includes(stray)
      ? `${family}: both ${used} and ${stray} are given, which say the same: give one of them`
      : `${family}: there is no '${stray}' beside ${used}: leave it out`,
  );
}

function commonType<Name extends string>(
  family: string,
  entries: readonly [Name, Operand][],
  constraints: Readonly<Record<Name, Support>>,
): DType | undefined {
  const stray = entries.find(([name]) => !Object.hasOwn(constraints, name));
  if (stray !== undefined) {
    const known = Object.keys(constraints).join(", ");
    throw new SurmiseError(`${family}: there is no parameter '${stray[0]}'; there are ${known}`);
  }
  let first: [string, DType] | undefined;
  for (const [name, x] of entries) {
    if (typeof x !== "number" && !(x instanceof Tensor)) {
      throw new SurmiseError(
        `${family}: ${name} must be a tensor or a number, not ${shown(x)}${otherWay(family, x, entries)}`,
      );
    }
    if (typeof x === "number" || !isFloat(x.dtype)) continue;
    if (first !== undefined && first[1] !== x.dtype) {
      throw new SurmiseError(
        `${family}: ${first[0]} is ${first[1]} and ${name} is ${x.dtype}; cast one of them`,
      );
    }
    first ??= [name, x.dtype];
  }
  return first?.[1];
}

/** What to write in the place of what is no parameter. */
function otherWay(family: string, x: unknown, entries: readonly (readonly [string, unknown])[]) {
  const names = entries.map(([name]) => name);
  switch (Object.prototype.toString.call(x).slice(8, -1)) {
    case "Distribution":
      return ': a draw of it is sample("name", distribution)';
    case "Object":
      return `: ${family}(${names.join(", ")}) takes its parameters in this order, without their names`;
    case "Array":
      return ": several numbers are tensor(values, [axis])";
    default:
      return "";
  }
}

/** Numbers and tensors of known values must lie in the set. */
export function checkParameter(where: string, x: Operand, support: Support): void {
  const found = firstInvalid(support, x);
  if (found !== undefined) {
    throw new SurmiseError(`${where} must be ${describeConstraint(support)}, not ${found}`);
  }
}
