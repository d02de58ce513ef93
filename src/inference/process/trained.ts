/** Trained parameters, handed over by name. */
import type { ParamStore } from "../../model/index.ts";
import type { Program } from "../../runtime/index.ts";
import {
  type Axis,
  type DType,
  describeAxes,
  describePlace,
  SurmiseError,
  sizeOf,
  type TypedArray,
} from "../../tensor/internal.ts";

/** The values of a parameter, row-major over its axes; axes or a type, where given, must be the parameter's. */
export interface TrainedValues {
  /** Row-major over the axes of the parameter. */
  readonly data: TypedArray;
  /** Checked against those of the parameter, if given. */
  readonly axes?: readonly Axis[];
  /** Checked against the type of the parameter, if given. */
  readonly dtype?: DType;
}

/** The values of trained parameters, by name. */
export type Trained = Readonly<Record<string, TrainedValues>>;

/**
 * Sets the parameters among the inputs of `program`. Names with '#' are those of an optimiser's state, and are
 * ignored.
 *
 * @throws SurmiseError naming the parameters and what is given: if one is missing, or has other axes, another
 * size or type, or a value that is infinite or not a number; if one is given that the models do not have.
 */
export function writeTrained(program: Program, { list }: ParamStore, values: Trained): void {
  const params = list();
  const needed = params.filter(({ name }) => program.inputs.has(name));
  const given = Object.keys(values).filter((name) => !name.includes("#"));
  const missing = needed.map(({ name }) => name).filter((name) => !Object.hasOwn(values, name));
  const strange = given.filter((name) => params.every((param) => param.name !== name));
  if (missing.length + strange.length > 0) {
    throw new SurmiseError(
      `trained values: ${[
        ...(missing.length === 0 ? [] : [`${quoted(missing)} missing`]),
        ...(strange.length === 0 ? [] : [`${quoted(strange)} not a parameter of model or guide`]),
      ].join(", ")}; given: ${quoted(given)}, the parameters are: ` +
        `${quoted(params.map(({ name }) => name))}. Hand over all that \`fit\` has returned for this model and guide`,
    );
  }
  for (const { name, axes } of needed) {
    const { dtype } = program.inputs.get(name) as { dtype: DType };
    checkTrained(name, axes, dtype, values[name]);
    program.write(name, values[name].data);
  }
}

/**
 * Checks that all parameters have values where they are not trained but the latents drawn.
 *
 * @throws SurmiseError naming one that has none.
 */
export function checkGiven(caller: string, { list }: ParamStore, values: Trained = {}): void {
  const missing = list().find(({ name }) => !Object.hasOwn(values, name));
  if (missing === undefined) return;
  throw new SurmiseError(
    `${caller}: '${missing.name}' is a parameter (param), which is trained and not drawn: make it a latent ` +
      "(sample) with a prior, or give its value (values), such as that of a fit",
  );
}

function checkTrained(
  name: string,
  axes: readonly Axis[],
  dtype: DType,
  { data, axes: own, dtype: type }: TrainedValues,
): void {
  const refuse = (what: string): never => {
    throw new SurmiseError(`trained values: parameter '${name}' ${what}`);
  };
  if (data?.length !== sizeOf(axes)) {
    refuse(
      `over ${describeAxes(axes)} needs ${sizeOf(axes)} values, got ${data?.length ?? "none"}`,
    );
  }
  const same = own === undefined || describeAxes(own) === describeAxes(axes);
  if (!same) refuse(`has axes ${describeAxes(axes)}, the given values ${describeAxes(own ?? [])}`);
  if (type !== undefined && type !== dtype) refuse(`is ${dtype}, the given values are ${type}`);
  const at = data.findIndex((x) => !Number.isFinite(x));
  if (at < 0) return;
  const place = axes.length === 0 ? "" : ` at ${describePlace(axes, at)}`;
  refuse(`is ${data[at]}${place}: a trained parameter is a finite number`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ") || "none";
}
