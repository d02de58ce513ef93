/** What a statement of a model must satisfy, and the words in which it is refused. */
import {
  acceptsDtype,
  type Distribution,
  describeConstraint,
  dtypeHint,
  firstOutside,
  inTypeOf,
} from "../distributions/internal.ts";
import {
  ANYTHING,
  AXIS,
  Axis,
  cast,
  checkArguments,
  DTYPE,
  describeAxes,
  describePlace,
  FLAG,
  FUNCTION,
  isFloat,
  nodesOf,
  OBJECT,
  OPERAND,
  optional,
  optionsWith,
  SurmiseError,
  shown,
  sourceOfRows,
  TENSOR,
  Tensor,
  unionAxes,
  wholeNumber,
  withoutAxes,
} from "../tensor/internal.ts";
import type { SampleSiteOptions, Sites } from "./model.ts";
import type { ParamOptions } from "./parameters.ts";
import { type Minibatch, ownAxes, type Plate, type Site } from "./sites.ts";
import { isPromise } from "./synchronous.ts";

/**
 * A name is that of an input of the program, of a file's column, and of a key of results: text, not empty,
 * without '#' and control characters, and not one of the words that every JavaScript object answers to.
 */
export function checkName(statement: string, name: unknown): void {
  const missing = whyNoName(name);
  if (missing === undefined) return;
  const given = typeof name === "string" ? `'${name}'` : describeGiven(name);
  throw new SurmiseError(
    `${statement}: the name of a site must be a text that ${missing}, not ${given}: ` +
      `write ${statement}("name", ...)`,
  );
}

function whyNoName(name: unknown): string | undefined {
  if (typeof name !== "string" || name.trim() === "") return "is not empty";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[#\u0000-\u001f\u007f]/.test(name)) return "has no '#' and no control characters";
  if (!isWellFormed(name)) return "holds no half of a surrogate pair";
  if (name in {}) return "is no property of every JavaScript object";
  return TENSOR_AS_TEXT.test(name) ? "does not hold the text of a tensor" : undefined;
}

/** Whether a text has no half of a surrogate pair, which no file can hold. */
const isWellFormed = (text: string) => !/\p{Cs}/u.test(text);

/** A tensor in a template (`toString`). */
const TENSOR_AS_TEXT = /\w\{.*\} (float32|float64|int32|uint8)/;

/** What somebody has given in the place of something else: `undefined`, `the number 3`, `an array`. */
function describeGiven(x: unknown): string {
  if (x === undefined || x === null) return String(x);
  if (typeof x === "number") return `the number ${x}`;
  if (isPromise(x)) return "a promise (await it before the model runs)";
  if (typeof x === "function") return `the function ${x.name || "without a name"}`;
  if (Array.isArray(x) || ArrayBuffer.isView(x)) return "an array";
  return shown(x);
}

/** @throws SurmiseError unless `x` is an axis. */
export function checkAxis(statement: string, x: unknown): void {
  if (x instanceof Axis) return;
  throw new SurmiseError(
    `${statement}: an axis must be given, such as axis("row", 10), not ${describeGiven(x)}`,
  );
}

/** @throws SurmiseError unless `axes` is a list of axes and the options are those of a parameter. */
export function checkParam(where: string, axes: unknown, options: unknown): void {
  if (!Array.isArray(axes)) {
    throw new SurmiseError(
      `${where}: its axes must be a list, such as [row], not ${describeGiven(axes)}`,
    );
  }
  for (const a of axes) checkAxis(where, a);
  const { init } = (options ?? {}) as { init?: unknown };
  checkFunction(where, init, "init, how it begins,");
  checkArguments(where, { options }, PARAM_OPTIONS);
}

const PARAM_OPTIONS = optionsWith<ParamOptions>({
  init: FUNCTION,
  learningRateScale: optional(TENSOR),
  prior: optional(OBJECT),
  dtype: optional(DTYPE),
  isMoment: optional(FLAG),
});

const SAMPLE_OPTIONS = optionsWith<SampleSiteOptions>({ init: optional(OPERAND) });

const PLATE_OPTIONS = optionsWith<NonNullable<Parameters<Sites["plate"]>[2]>>({
  total: ANYTHING,
  minibatch: optional(optionsWith<Minibatch>({ axis: AXIS, rows: TENSOR })),
});

/** @throws SurmiseError unless these are options of `plate`; its total is checked by `checkPlate`. */
export function checkPlateOptions(where: string, options: unknown): void {
  checkArguments(where, { options }, optional(PLATE_OPTIONS));
}

/** What other libraries call the value of a site that is known. */
const OBSERVED = ["obs", "observed", "value"];

/** @throws SurmiseError unless these are options of `sample`. */
export function checkSampleOptions(where: string, name: string, options: unknown): void {
  if (options instanceof Tensor || OBSERVED.some((word) => word in Object(options))) {
    throw new SurmiseError(
      `${where}: what is known is observed: write observe("${name}", distribution, value)`,
    );
  }
  checkArguments(where, { options }, SAMPLE_OPTIONS);
}

/** @throws SurmiseError unless `x` is a function. */
export function checkFunction(where: string, x: unknown, what: string): void {
  if (typeof x === "function") return;
  throw new SurmiseError(`${where}: ${what} must be a function, not ${describeGiven(x)}`);
}

/** @throws SurmiseError unless `x` is what a chain can begin with. */
export function checkInitialState(where: string, x: unknown): void {
  const parts = x instanceof Tensor ? [x] : Object.values(Object(x));
  if (parts.length > 0 && parts.every((part) => part instanceof Tensor)) return;
  throw new SurmiseError(
    `${where}: the state at first must be a tensor, such as constant(0), or several by name, not ${describeGiven(x)}`,
  );
}

/** @throws SurmiseError unless `x` is a tensor. */
export function checkTensor(where: string, x: unknown): void {
  if (x instanceof Tensor) return;
  throw new SurmiseError(
    `${where}: the value must be a tensor, not ${describeGiven(x)}: write constant(...) for a number and ` +
      "tensor(values, axes) for several",
  );
}

/** @throws SurmiseError unless `x` is a distribution. */
export function checkIsDistribution(where: string, x: unknown): void {
  if (typeof (x as Distribution | undefined)?.logProb === "function") return;
  throw new SurmiseError(
    `${where}: a distribution must be given, such as normal(0, 1), not ${describeGiven(x)}`,
  );
}

type SitesByName = ReadonlyMap<string, Site>;

/**
 * Each axis of a distribution must be a plate around it, an event axis, or an axis of particles
 * (`extra`).
 */
export function checkDistribution(
  where: string,
  distribution: Distribution,
  plates: readonly Plate[],
  extra: readonly Axis[],
  sites: SitesByName,
): void {
  const { name, axes, eventAxes } = distribution;
  const both = plates.find((plate) => eventAxes.includes(plate.axis));
  if (both !== undefined) {
    throw new SurmiseError(
      `${where}: '${both.axis.name}' is both a plate around it and an event axis of its ${name}: ` +
        "inside the plate each element has a draw of its own, so leave it out of event(...)",
    );
  }
  checkIncreasing(where, distribution, sites);
  const own = ownAxes(plates, distribution);
  const [stray] = withoutAxes(withoutAxes(axes, own), extra);
  if (stray === undefined) return;
  const what = distribution.valueless ? "the log density" : `its ${name}`;
  const event = distribution.valueless
    ? `sum over it, sum(x, ${stray.name})`
    : `write .event(${stray.name})`;
  throw new SurmiseError(
    `${where}: ${what} has axes ${describeAxes(unionAxes(axes, eventAxes))}; ` +
      `'${stray.name}' is neither a plate around it nor an event axis: ` +
      (sameNameHint(stray, own) ??
        eventHint(stray, sites) ??
        `put it inside plate(${stray.name}, ...) or ${event}${lookupHint(stray, plates)}`),
  );
}

/** Another frequent cause: an axis was made anew, here or in an earlier run of the model. */
function sameNameHint({ name, size }: Axis, own: readonly Axis[]): string | undefined {
  const other = own.find((a) => a.name === name);
  if (other === undefined) return undefined;
  return (
    `here '${name}' is another axis, of size ${other.size}, than that of size ${size}: use the same object in both places, ` +
    "made outside of the model, which runs several times, or by axisOf; keep nothing of one run for the next"
  );
}

/** What a tensor was before its type was changed. */
function uncast(x: Tensor): Tensor {
  return x.op === "cast" || x.op === "stopGradient" ? uncast(x.inputs[0]) : x;
}

/** Where a parameter must increase along an axis, a latent in its place must be one of increasing numbers. */
function checkIncreasing(
  where: string,
  { name, parameters, constraints }: Distribution,
  sites: SitesByName,
): void {
  for (const [parameter, x] of Object.entries(parameters)) {
    const set = constraints[parameter];
    if (set?.kind !== "ordered" && set?.kind !== "positiveOrdered") continue;
    const latent = [...sites.values()].find(
      (site) => site.kind === "latent" && site.value === uncast(x),
    );
    if (latent?.kind !== "latent") continue;
    const { support, name: prior } = latent.distribution;
    if (["ordered", "positiveOrdered", "image", "point"].includes(support.kind)) continue;
    throw new SurmiseError(
      `${where}: the ${parameter} of its ${name} must increase along '${set.axis.name}', but those of latent ` +
        `'${latent.name}', a ${prior}, come in any order: write sample("${latent.name}", ordered(normal(0, 5), ` +
        `${set.axis.name}))`,
    );
  }
}

/**
 * An observed value must have the event axes of its distribution, a type that draws can have, and no
 * axes but these, plates and `extra`.
 */
export function checkValue(
  where: string,
  distribution: Distribution,
  value: Tensor,
  plates: readonly Plate[],
  extra: readonly Axis[],
  sites: SitesByName,
): void {
  if (value !== undefined) checkTensor(where, value);
  if (value === undefined) {
    throw new SurmiseError(
      `${where} has no value: give the observed tensor, such as column("..."), or use sample for what is ` +
        "not known",
    );
  }
  const own = ownAxes(plates, distribution);
  const [stray] = withoutAxes(withoutAxes(value.axes, own), extra);
  const [missing] = distribution.eventAxes.filter((a) => !value.has(a));
  if (stray !== undefined || missing !== undefined) {
    const axes = withoutAxes(unionAxes(own, distribution.axes), extra);
    const hint =
      stray === undefined
        ? `'${missing.name}' is an event axis that the value lacks`
        : (sameNameHint(stray, own) ??
          eventHint(stray, sites) ??
          `'${stray.name}' is neither a plate around it nor an event axis: put it inside ` +
            `plate(${stray.name}, ...) or write .event(${stray.name})`);
    throw new SurmiseError(
      `${where}: value has axes ${describeAxes(value.axes)}, distribution has ` +
        `${describeAxes(axes)}; ${hint}`,
    );
  }
  if (!acceptsDtype(distribution, value.dtype)) {
    throw new SurmiseError(`${where}: the value is ${value.dtype}; ${dtypeHint(distribution)}`);
  }
  checkKnown(where, distribution, value);
}

/**
 * Values in the type of draws: whole numbers of what draws floats, and known values of what draws whole numbers, as
 * numbers in a list are floats.
 *
 * @throws SurmiseError naming the first that no draw is; or if float32 would round known whole numbers.
 */
export function asDrawn(where: string, distribution: Distribution, value: Tensor): Tensor {
  if (!(value instanceof Tensor)) return value;
  if (isFloat(distribution.dtype)) return inTypeOf(`${where}: the value`, distribution, value);
  if (!isFloat(value.dtype)) return value;
  const { op } = sourceOf(value);
  if (op !== "literal" && op !== "constant") return value;
  checkKnown(where, distribution, value);
  return cast(value, distribution.dtype);
}

/** Known values must be such as draws are, where they count; rows of known values too, whichever are met. */
function checkKnown(where: string, { name, support, mask }: Distribution, value: Tensor): void {
  const known = sourceOf(value);
  const at = mask === undefined ? firstOutside(support, known) : undefined;
  if (at === undefined) return;
  const { operation } = known;
  const [data, order] =
    operation.op === "literal" ? [operation.data, operation.order] : [[Number.NaN], []];
  const rounded = operation.op === "constant" ? operation.value : data[at];
  const { exact = rounded } = known;
  const number = typeof exact === "number" ? exact : exact[at];
  const place = order.length === 0 ? "" : ` of ${describePlace(order, at)}`;
  const grey = support.kind === "binary" && known.dtype === "uint8";
  throw new SurmiseError(
    `${where}: the value${place} is ${number}, but a draw of its ${name} is ${describeConstraint(support)}: mend ` +
      `the data, or choose another distribution${grey ? " (grey pixels: divide by 255, or binarise(...))" : ""}`,
  );
}

/** The values that `x` takes its own from, one for one: as they are, or in rows that change from step to step. */
function sourceOf(x: Tensor): Tensor {
  const { op, inputs } = x;
  if (op === "stopGradient" || (op === "cast" && (isFloat(x.dtype) || !isFloat(inputs[0].dtype)))) {
    return x.dtype === "uint8" ? x : sourceOf(inputs[0]);
  }
  const source = sourceOfRows(x);
  return source === undefined ? x : sourceOf(source);
}

/** The frequent cause of a stray axis: an event axis of an earlier site was not summed out. */
function eventHint(stray: Axis, sites: SitesByName): string | undefined {
  for (const site of sites.values()) {
    const random = site.kind === "latent" || site.kind === "observed";
    if (random && site.distribution.eventAxes.includes(stray)) {
      return `'${stray.name}' is an event axis of '${site.name}': sum over it first?`;
    }
  }
  return undefined;
}

/** The other frequent cause: elements of a group were not looked up for the rows of a table. */
function lookupHint({ name }: Axis, plates: readonly Plate[]): string {
  const inner = plates.at(-1)?.axis.name;
  if (inner === undefined) return "";
  return `; if each ${inner} has one ${name}, take it by gather(x, ${name}, indexOf("${name}"))`;
}

/** What a step of a chain has sampled, or was given, is of one step: outside, states have values at all steps. */
export function checkPlaceholders(
  where: string,
  tensors: readonly Tensor[],
  chains: readonly { readonly axis: Axis; readonly placeholders: readonly Tensor[] }[],
): void {
  if (chains.length === 0) return;
  const used = new Set(nodesOf(tensors.filter((x) => x instanceof Tensor)));
  const chain = chains.find(({ placeholders }) => placeholders.some((x) => used.has(x)));
  if (chain === undefined) return;
  const { name } = chain.axis;
  throw new SurmiseError(
    `${where} uses what is of one step of chain '${name}', outside of the step: make it a part of the state, and ` +
      "take it from the states of all steps, which chain(...) returns",
  );
}

/** A chain stands in no other chain. */
export function checkChain({ name }: Axis, open: readonly Plate[]): void {
  const outer = open.find(({ chain }) => chain);
  if (outer === undefined) return;
  throw new SurmiseError(
    `chain '${name}' stands inside chain '${outer.axis.name}': put one after the other, or make the inner ` +
      "one a part of the state",
  );
}

/** A plate must agree with the plate of its name elsewhere in the model, and not contain itself. */
export function checkPlate(
  { axis, total }: Plate,
  earlier: Plate | undefined,
  open: readonly Plate[],
): void {
  wholeNumber(`plate '${axis.name}', of size ${axis.size}: total`, total, { least: axis.size });
  if (open.some((plate) => plate.axis === axis)) {
    throw new SurmiseError(`plate '${axis.name}' stands inside itself`);
  }
  if (earlier === undefined) return;
  if (earlier.axis !== axis) {
    throw new SurmiseError(
      `plate '${axis.name}' has size ${axis.size} here and is another axis of size ` +
        `${earlier.axis.size} elsewhere in the model: make the axis once and use that object in ` +
        "both places, or rename one of them",
    );
  }
  if (earlier.total !== total) {
    throw new SurmiseError(
      `plate '${axis.name}' has total ${total} here and ${earlier.total} elsewhere in the model`,
    );
  }
}
