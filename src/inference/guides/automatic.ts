/** Guides that are made from the model. */
import { type Distribution, finiteValues } from "../../distributions/internal.ts";
import {
  type ChainStep,
  type Model,
  type Plate,
  type Sites,
  type Statement,
  scaleOf,
} from "../../model/internal.ts";
import { constant, SurmiseError, type Tensor } from "../../tensor/index.ts";
import { isSummable } from "../proposal/enumeration.ts";
import { broadcastOver, type Initialisation, initialisations } from "./initialisation.ts";

/**
 * The posterior approximation of one latent; what it trains it declares by `param`, to begin at `start`.
 */
export type GuideFamily = (
  statement: Statement,
  param: Sites["param"],
  start: Initialisation,
) => Distribution;

/**
 * A guide for `model`: the model itself, read with another distribution in the place of each latent's
 * own, and without observations. So its latents stand in the same plates, its parameters carry the
 * axes of the sites, and a support that depends on other latents follows their draws. In a chain each step
 * has its own elements of the parameters. A tracing runs the model once, the first one with some data twice: once
 * to find where the latents begin.
 *
 * @throws SurmiseError (when traced) if a latent stands in a subsampled plate, or has a support for
 * which the family has nothing.
 *
 * @example fit({ model, guide: automaticGuide(model, meanField()), ... })
 */
export function automaticGuide<Data>(
  model: Model<Data, unknown>,
  family: GuideFamily,
  { sumsOut = false }: AutomaticGuideOptions = {},
): Model<Data, unknown> {
  const initialOf = rememberingLast((data: Data) => initialisations(model, data));
  return (sites, data) => {
    const open: Plate[] = [];
    const initial = initialOf(data);
    let met = new Set<string>();
    let step: ChainStep | undefined;
    const param: Sites["param"] = (name, axes, options) => {
      const whole = sites.param(name, axes, options);
      return step?.at(whole) ?? whole;
    };
    const within: Sites = {
      ...sites,
      sample(name, distribution) {
        const statement = { name, distribution, plates: [...open] };
        if (sumsOut && isSummable(statement)) return firstValue(statement);
        checkWhole(statement);
        const known = met.has(name) || distribution.support.kind === "point";
        met.add(name);
        return sites.sample(
          name,
          known ? distribution : family(statement, param, initial.get(name) as Initialisation),
        );
      },
      observe: () => {},
      factor: () => {},
      deterministic: (_, value) => value,
      plate(axis, body, options) {
        open.push({ axis, total: options?.total ?? axis.size });
        try {
          return sites.plate(axis, body, options);
        } finally {
          open.pop();
        }
      },
      chain(axis, initial, body) {
        const before = met;
        open.push({ axis, total: axis.size, chain: true });
        try {
          return sites.chain(axis, initial, (previous, here) => {
            [met, step] = [new Set(before), here];
            return body(previous, here);
          });
        } finally {
          step = undefined;
          open.pop();
        }
      },
    };
    return model(within, data);
  };
}

/** What an automatic guide leaves out. */
export interface AutomaticGuideOptions {
  /**
   * Whether it has no discrete latents with finitely many values, so that they are summed out; the guide of other
   * latents sees the first of their values. False unless given.
   */
  readonly sumsOut?: boolean;
}

/** The first value of a discrete latent, at each element of its plates and event axes. */
function firstValue({ distribution, plates }: Statement): Tensor {
  const { support, dtype, eventAxes } = distribution;
  const axes = [...plates.flatMap((plate) => (plate.chain ? [] : [plate.axis])), ...eventAxes];
  return broadcastOver(axes, constant(finiteValues(support)?.first ?? 0, dtype));
}

/** `f`, called once for the same argument several times in a row. */
function rememberingLast<A, B>(f: (argument: A) => B): (argument: A) => B {
  let last: { readonly argument: A; readonly result: B } | undefined;
  return (argument) => {
    if (last === undefined || last.argument !== argument) last = { argument, result: f(argument) };
    return last.result;
  };
}

function checkWhole({ name, plates }: Statement): void {
  const part = plates.find((plate) => scaleOf(plate) !== 1);
  if (part === undefined) return;
  throw new SurmiseError(
    `latent '${name}': plate '${part.axis.name}' holds ${part.axis.size} of ${part.total} elements, ` +
      "but an automatic guide has parameters for each element: write a guide whose parameters are " +
      "functions of the data, or give the plate all its elements",
  );
}
