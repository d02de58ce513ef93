/** The data of a model, site by site, and which of them count. */

import { isDiscrete } from "../../distributions/internal.ts";
import {
  type Interpretation,
  type Model,
  ownAxes,
  type Trace,
  trace,
} from "../../model/internal.ts";
import { compile } from "../../runtime/index.ts";
import { broadcast } from "../../runtime/internal.ts";
import {
  type Axis,
  cast,
  checkArguments,
  FUNCTION,
  input,
  isFloat,
  nodesOf,
  PRECISION,
  type Precision,
  SurmiseError,
  type Tensor,
} from "../../tensor/internal.ts";
import { atPriorLocations, initialParameters } from "../density/initialisation.ts";

/** The data of one observed site. */
export interface Observation {
  /** The plates of the site, then its event axes. */
  readonly axes: readonly Axis[];
  /** The plates alone: the log likelihood has one value for each of their elements. */
  readonly plates: readonly Axis[];
  /** Row-major over `axes`. */
  readonly data: Float64Array;
  /** 1 where a value is known and counts, over `axes`: not in gaps that are inferred, nor where it is masked. */
  readonly counts: Uint8Array;
  /** The values are whole numbers, as the distribution of the site has them. */
  readonly whole?: true;
  /** 1 where a value is known by its ends only (`censored`), over `axes`; absent where there is none. */
  readonly censored?: Uint8Array;
}

/** Observations by site, in the order of the model. */
export type Observations = Readonly<Record<string, Observation>>;

/** Of what stands for a latent's value, so that one sees what is made of it. */
const UNKNOWN = "#unknown ";

/** Latents that have no value: whatever is made of them is not known. */
const unknown: Interpretation = (statement) => {
  const { value, ...rest } = atPriorLocations(statement);
  if (!isFloat(value.dtype)) return { value, ...rest };
  return { ...rest, value: value.add(input(UNKNOWN + statement.name, [], value.dtype)) };
};

/** The model, run with latents of which nothing is known, so that it can be seen what is made of them. */
export function traceUnknown<Data>(model: Model<Data, unknown>, data: Data): Trace {
  return trace(model, data, unknown, initialParameters());
}

/**
 * The data that a model observes. A statement of `factor` observes none.
 *
 * @param dtype that the data are read in; what the model says, else float64, unless given
 *
 * @example const { effect } = observationsOf(schools, undefined);
 */
export function observationsOf<Data>(
  model: Model<Data, unknown>,
  data: Data,
  dtype: Precision = model?.dtype ?? "float64",
): Observations {
  checkArguments("observationsOf", { model }, FUNCTION);
  checkArguments("observationsOf", { dtype }, PRECISION);
  const { observed } = traceUnknown(model, data);
  const sites = observed.filter(({ distribution }) => !distribution.valueless);
  const outputs: Record<string, Tensor> = {};
  for (const { name, value, distribution } of sites) {
    outputs[`value ${name}`] = cast(value, "float64");
    const { mask } = distribution;
    const censored = distribution.partlySeen?.(value);
    if (mask !== undefined && isKnown(mask)) outputs[`mask ${name}`] = mask;
    if (censored !== undefined && isKnown(censored)) outputs[`censored ${name}`] = censored;
  }
  if (sites.length === 0) return {};
  const program = compile({ outputs }, { dtype, steps: 1 });
  for (const name of program.inputs.keys()) program.write(name, Number.NaN);
  const found = program.run();
  return Object.fromEntries(
    sites.map(({ name, plates: own, distribution }) => {
      const axes = ownAxes(own, distribution);
      const plates = own.map(({ axis }) => axis);
      const over = (what: string) => {
        const values = found[`${what} ${name}`];
        return values && broadcast(values, axes);
      };
      const [mask, marks] = [over("mask"), over("censored")];
      const values = Float64Array.from(over("value"));
      const counts = Uint8Array.from(values, (x, i) => Number(!Number.isNaN(x) && mask?.[i] !== 0));
      const censored = marks?.some((x) => x !== 0) ? Uint8Array.from(marks) : undefined;
      const isWhole = isDiscrete(distribution.support) && values.every((x) => !(x % 1));
      const about = { ...(censored && { censored }), ...(isWhole && { whole: true as const }) };
      return [name, { axes, plates, data: values, counts, ...about }];
    }),
  );
}

/**
 * The observation of a site.
 *
 * @throws SurmiseError if there is none.
 */
export function observationOf(
  caller: string,
  observations: Observations,
  site: string,
): Observation {
  if (Object.hasOwn(observations, site)) return observations[site];
  throw new SurmiseError(
    `${caller}: there are no observations of '${site}': make them of the same model and data (observationsOf)`,
  );
}

const isKnown = (x: Tensor) => nodesOf([x]).every(({ op }) => op !== "input");
