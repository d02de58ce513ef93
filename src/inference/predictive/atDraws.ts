/** A model, run at draws that were made before: on the data of the fit, or on others. */
import {
  type Model,
  type Param,
  type ParamStore,
  paramStore,
  type RecordedSite,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  type Axis,
  allocate,
  computedValues,
  describeAxes,
  input,
  type Key,
  type Precision,
  SurmiseError,
  sizeOf,
  type Tensor,
} from "../../tensor/internal.ts";
import { traceAtPriors } from "../density/initialisation.ts";
import { bindDraws } from "../posterior/bindDraws.ts";
import { type PosteriorDraws, runDraws, type SiteDraws } from "../posterior/posteriorDraws.ts";
import type { Discrete } from "../proposal/enumeration.ts";
import { drawsOfACall } from "./drawsOfACall.ts";

/** What is done at draws. */
export interface AtDrawsOptions {
  /** Everything random follows from it. */
  readonly seed: number;
  /** What is computed in. */
  readonly dtype: Precision;
  /** Every so manieth draw of each chain is taken. */
  readonly thin: number;
  /** What becomes of latents, or elements of their plates, of which there are no draws (`bindDraws`). */
  readonly missing: "refuse" | "prior";
  /** Called now and then with the number of draws done, and how many there are. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** The model, run with draws along an axis: what `discrete` assigns values to, it takes from there. */
export type RunAt = (discrete?: Discrete) => Trace;

/**
 * What `made` makes of the model at each draw, as draws again, in the same order.
 *
 * @throws SurmiseError if the draws do not fit the model (`bindDraws`), or there is too little memory.
 */
export function runAtDraws<Data>(
  model: Model<Data, unknown>,
  data: Data,
  { draws, chains = 1, sites }: PosteriorDraws,
  { seed, dtype, thin, missing, onProgress }: AtDrawsOptions,
  made: (run: RunAt, along: Axis, key: Key) => readonly RecordedSite[],
): { readonly draws: number; readonly sites: Readonly<Record<string, SiteDraws>> } {
  const { latents, observed } = traceAtPriors(model, data);
  const known = latents.filter(({ name }) => sites[name]?.kind === "latent");
  const each = draws / chains;
  const kept = Math.ceil(each / thin);
  /** The place of a draw among all, of one among those that are taken. */
  const placeOf = (d: number) => Math.floor(d / kept) * each + (d % kept) * thin;
  const parameters = parametersOf(sites);
  const total = chains * kept;
  return runDraws(
    {
      ...{ parameters, values: {}, draws: total, seed, dtype },
      ...(onProgress && { onProgress: (done: number) => onProgress(done, total) }),
    },
    drawsOfACall([...observed, ...known]),
    (along, key) => {
      const inputs = Object.fromEntries(
        known.map(({ name, distribution }) => [
          name,
          input(inputName(name), [along, ...sites[name].axes], distribution.dtype),
        ]),
      );
      const bound = bindDraws({ draws: inputs, along, missing, key });
      const run: RunAt = (discrete) =>
        trace(model, data, (statement) => discrete?.(statement) ?? bound(statement), parameters, [
          along,
        ]);
      return made(run, along, key);
    },
    (program, from, count) => {
      checkGiven(program.inputs.keys());
      for (const { name } of known) {
        const own = program.inputs.get(inputName(name));
        if (own === undefined) continue;
        const { axes, data: values } = sites[name];
        const size = sizeOf(axes);
        const part = allocate(own.dtype, count * size);
        for (let d = 0; d < count; d++) {
          const at = placeOf(Math.min(from + d, total - 1));
          part.set(values.subarray(at * size, (at + 1) * size), d * size);
        }
        program.write(inputName(name), part);
      }
    },
  );
}

const inputName = (latent: string) => `#draws ${latent}`;

/** @throws SurmiseError naming an input of the data, which nothing writes; those of programs themselves begin with '#'. */
function checkGiven(inputs: Iterable<string>): void {
  const lacking = [...inputs].find((name) => !name.startsWith("#"));
  if (lacking === undefined) return;
  throw new SurmiseError(`${lacking} has no values, and what is asked for depends on them`);
}

/** Parameters have the values that stand among the draws. */
function parametersOf(sites: PosteriorDraws["sites"]): ParamStore {
  const store = paramStore();
  return {
    list: () => [],
    declare: (name, axes, options): Param => {
      const param = store.declare(name, axes, options);
      const known = sites[name];
      if (known?.kind !== "param") {
        throw new SurmiseError(
          `parameter '${name}' has no value among the draws: they are of another model`,
        );
      }
      const size = sizeOf(axes);
      if (describeAxes(known.axes) !== describeAxes(axes)) {
        throw new SurmiseError(
          `parameter '${name}' has axes ${describeAxes(axes)} here, and ${describeAxes(known.axes)} among the draws`,
        );
      }
      const value: Tensor = computedValues(axes, known.data.subarray(0, size), param.dtype);
      return { ...param, value };
    },
  };
}
