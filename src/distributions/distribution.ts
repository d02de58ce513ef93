import {
  type Axis,
  cast,
  constant,
  type DType,
  describeAxes,
  type Key,
  type Operand,
  SurmiseError,
  sizeOf,
  sum,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../tensor/index.ts";

/** The set that draws lie in: the real line, {0, 1}, or the positions along an axis. */
export type Support =
  | { readonly kind: "real" }
  | { readonly kind: "binary" }
  | { readonly kind: "index"; readonly axis: Axis };

/**
 * A family of probability distributions p(x | parameters), one member for each element of `axes`.
 *
 * An *event axis* belongs to one draw: x = (x_1, ..., x_n) along it, and the log densities of its
 * elements add up to the one log density of the draw. Where the parameters lack an event axis the
 * elements along it are independent and identically distributed.
 */
export interface Distribution {
  /** The family, such as `normal`: the word in messages and the key of closed forms. */
  readonly name: string;
  /** The parameters by name. They may vary over `axes` and `eventAxes`. */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** The axes along which there is one distribution per element: the parameters' without events. */
  readonly axes: readonly Axis[];
  readonly eventAxes: readonly Axis[];
  /** The type of draws. */
  readonly dtype: DType;
  readonly support: Support;
  /** Whether a draw is a differentiable function of the parameters, x = g(noise, parameters). */
  readonly reparameterised: boolean;

  /**
   * log p(value | parameters), natural logarithm, the sum over the event axes of the log densities
   * of the elements. Axes: those of `value` and of the parameters, without event axes.
   *
   * @throws SurmiseError if `value` lacks an event axis or has a type that draws cannot have.
   */
  logProb(value: Tensor): Tensor;

  /**
   * Independent draws x ~ p(x | parameters), one for each element over `axes`, together with those
   * axes of the parameters and event axes that it does not list. The draw at an element is a
   * function of the key and of the element's number, row-major over the axes in this order.
   */
  sample(key: Key, axes: readonly Axis[]): Tensor;

  /** E[x] for each element; lacks axes along which it is constant. */
  mean(): Tensor;
  /** E[(x - E[x])^2] for each element; lacks axes along which it is constant. */
  variance(): Tensor;

  /** The same distribution with `axes` added to the event axes. */
  event(...axes: readonly Axis[]): Distribution;
}

/** What one family tells: everything about a single element. Event axes are added here, once. */
export interface Family {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** The axes of the parameters that the draws have too. */
  readonly axes: readonly Axis[];
  readonly dtype: DType;
  readonly support: Support;
  readonly reparameterised: boolean;
  /** log p of each element; the value has been cast to `dtype`. */
  logProb(value: Tensor): Tensor;
  /** One draw for each element over `axes`, which hold all axes of the family. */
  sample(key: Key, axes: readonly Axis[]): Tensor;
  mean(): Tensor;
  variance(): Tensor;
}

/** The distribution of a family whose draws have the given event axes. */
export function distribution(family: Family, eventAxes: readonly Axis[] = []): Distribution {
  const { name, parameters, dtype, support, reparameterised } = family;
  const axes = withoutAxes(family.axes, eventAxes);
  unionAxes(axes, eventAxes);
  const self: Distribution = {
    name,
    parameters,
    axes,
    eventAxes,
    dtype,
    support,
    reparameterised,
    logProb(value) {
      const missing = eventAxes.filter((a) => !value.has(a));
      if (missing.length > 0) {
        throw new SurmiseError(
          `${name}: the value has axes ${describeAxes(value.axes)} and lacks the event axes ` +
            describeAxes(missing),
        );
      }
      if (!accepts(self, value.dtype)) {
        throw new SurmiseError(`${name}: the value is ${value.dtype}; ${castHint(self)}`);
      }
      return sumAlong(family.logProb(cast(value, dtype)), eventAxes);
    },
    sample: (key, over) => family.sample(key, unionAxes(over, axes, eventAxes)),
    mean: () => family.mean(),
    variance: () => family.variance(),
    event: (...more) => distribution(family, unionAxes(eventAxes, more)),
  };
  return self;
}

/** Whether values of type `dtype` can be draws: the draws' own type, and integers for {0, 1}. */
export function accepts({ dtype, support }: Distribution, offered: DType): boolean {
  if (offered === dtype) return true;
  return support.kind !== "real" && (offered === "uint8" || offered === "int32");
}

/** What to do about a value of a type that is not accepted. */
export function castHint({ name, dtype }: Distribution): string {
  return `draws of this ${name} are ${dtype}: use cast(value, '${dtype}')`;
}

/** The sum of `x` over `axes`, where `x` is constant along those that it lacks. */
export function sumAlong(x: Tensor, axes: readonly Axis[]): Tensor {
  const present = axes.filter((a) => x.has(a));
  const repeats = sizeOf(withoutAxes(axes, present));
  const summed = present.length === 0 ? x : sum(x, ...present);
  return repeats === 1 ? summed : summed.mul(repeats);
}

/**
 * Parameters as tensors: numbers take the type of the first tensor among them, float32 if there is
 * none.
 *
 * @throws SurmiseError if a number lies outside its domain.
 */
export function parameterTensors<Name extends string>(
  family: string,
  given: Readonly<Record<Name, Operand>>,
  domains: Readonly<Record<Name, Domain>>,
): Record<Name, Tensor> {
  const entries = Object.entries(given) as [Name, Operand][];
  const dtype = entries.map(([, x]) => (typeof x === "number" ? undefined : x.dtype)).find(Boolean);
  const tensors = entries.map(([name, x]) => {
    if (typeof x !== "number") return [name, x];
    const { test, words } = domains[name];
    if (!test(x)) throw new SurmiseError(`${family}: ${name} must be ${words}, not ${x}`);
    return [name, constant(x, dtype ?? "float32")];
  });
  return Object.fromEntries(tensors) as Record<Name, Tensor>;
}

/** Which numbers a parameter may be. */
export interface Domain {
  test(x: number): boolean;
  readonly words: string;
}

export const REAL: Domain = { test: Number.isFinite, words: "a finite number" };
export const POSITIVE: Domain = {
  test: (x) => x > 0 && Number.isFinite(x),
  words: "greater than 0 and finite",
};
export const BETWEEN_0_AND_1: Domain = {
  test: (x) => x > 0 && x < 1,
  words: "between 0 and 1, both excluded",
};
