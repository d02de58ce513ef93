/** The densities of a model and its guide for each element of the plates that all their sites share. */

import { axesWithin, bijectionTo, sumAlong } from "../../distributions/internal.ts";
import { type Latent, overPlates, type Plate, subsampledAmong } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  SurmiseError,
  substitute,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import type { EliminationOptions } from "../elimination/eliminate.ts";
import { factorOfSite, sumOut } from "../elimination/summedOut.ts";
import { type Factor, factorsOf } from "../logWeight/factors.ts";
import { stopParameters } from "../logWeight/stopParameters.ts";
import type { ModelAndGuideTraces } from "../proposal/traces.ts";

/** Values of all latents, in the order of the guide. */
export type Values = readonly Tensor[];

/** Densities as functions of the latents' values, for each element of `plates`: float64, in nats. */
export interface ElementDensities {
  /** The plates whose elements are independent: those of all sites, in which nothing puts elements together. */
  readonly plates: readonly Plate[];
  /** Their axes. */
  readonly elements: readonly Axis[];
  /** The draws of the guide. */
  readonly draws: Values;
  /** log p(x, z), discrete latents that the guide has not being summed out. */
  logJoint(values: Values): Tensor;
  /** log p(x, z) with all parameters held constant. */
  fixedLogJoint(values: Values): Tensor;
  /** log q(z given x). */
  logGuide(values: Values): Tensor;
  /** The unconstrained numbers of values. */
  unconstrain(values: Values): Values;
  /** The values of unconstrained numbers. */
  constrain(position: Values): Values;
  /** The log density of unconstrained numbers: `fixedLogJoint` and the log-Jacobian of their map. */
  logDensity(position: Values): Tensor;
}

/**
 * The densities of a model that was replayed on draws of its guide, for what is called `who`.
 *
 * @throws SurmiseError if a plate holds a minibatch, and not all sites stand in it.
 */
export function elementDensities(
  traces: ModelAndGuideTraces,
  who: string,
  options: EliminationOptions = {},
): ElementDensities {
  const { model, guide, enumeration } = traces;
  const { latents } = guide;
  const summedOut = (factors: readonly Factor[]) => sumOut(enumeration, factors, options);
  const all = factorsOf(traces);
  const plates = sharedPlates([...all, ...summedOut(all)]);
  checkTogether(all, plates, who);
  const elements = plates.map(({ axis }) => axis);
  const modelPlates = new Map(model.latents.map(({ name, plates: own }) => [name, own]));
  const platesOf = ({ name, plates: own }: Latent) => modelPlates.get(name) ?? own;
  const draws = latents.map(({ value }) => value);
  const at = (expression: Tensor, values: Values) =>
    substitute([expression], new Map(draws.map((draw, i) => [draw, values[i]])))[0];
  const outside = (own: readonly Plate[]) => own.filter(({ axis }) => !elements.includes(axis));
  const total = (terms: readonly Tensor[]) =>
    terms.reduce((a, b) => a.add(b), constant(0, "float64"));
  const sites = [...model.latents, ...model.observed].map((site) => factorOfSite(site));
  const joint = total(
    summedOut(sites).map(({ value, plates: own }) => overPlates(value, outside(own))),
  );
  const fixed = stopParameters(joint, draws);
  const ofGuide = total(
    latents.map((latent) =>
      overPlates(cast(latent.logProb(), "float64"), outside(platesOf(latent))),
    ),
  );
  /** The map to the support of each latent, given the values of those before. */
  const mapOf = (i: number, before: Values) => {
    const given = new Map(before.map((value, j) => [draws[j], value]));
    const { support } = latents[i].distribution.map((x) => substitute([x], given)[0]);
    return { ...bijectionTo(support), within: axesWithin(support) };
  };
  const constrain = (position: Values) => {
    const values: Tensor[] = [];
    position.forEach((u, i) => {
      values.push(mapOf(i, values).forward(u));
    });
    return values;
  };
  return {
    ...{ plates, elements, draws, constrain },
    logJoint: (values) => at(joint, values),
    fixedLogJoint: (values) => at(fixed, values),
    logGuide: (values) => at(ofGuide, values),
    unconstrain: (values) => values.map((z, i) => mapOf(i, values.slice(0, i)).inverse(z)),
    logDensity(position) {
      const values = constrain(position);
      return position
        .map((u, i) => {
          const { logJacobian, within } = mapOf(i, values.slice(0, i));
          const { eventAxes } = latents[i].distribution;
          const others = outside(platesOf(latents[i])).map(({ axis }) => axis);
          const own = withoutAxes([...others, ...eventAxes], within);
          return sumAlong(cast(logJacobian(u), "float64"), own);
        })
        .reduce((a, b) => a.add(b), at(fixed, values));
    },
  };
}

/** The plates of all factors in which none puts elements together. */
function sharedPlates(factors: readonly Factor[]): readonly Plate[] {
  const apart = factors.map(({ plates, combined = [] }) =>
    plates.filter(({ axis, chain }) => !chain && !combined.includes(axis)),
  );
  const [first = [], ...others] = apart;
  return first.filter(({ axis }) => others.every((own) => own.some((p) => p.axis === axis)));
}

/** A chain of latents whose data are a part of all would have another posterior at each step. */
function checkTogether(factors: readonly Factor[], shared: readonly Plate[], who: string): void {
  for (const { site, plates } of factors) {
    const part = subsampledAmong(plates);
    if (part === undefined || shared.some(({ axis }) => axis === part.axis)) continue;
    throw new SurmiseError(
      `${who}: '${site}' stands in plate '${part.axis.name}', which holds a minibatch, but other sites stand outside of it, so ` +
        "that its elements have one chain together, of the posterior of all the data: leave the minibatch out, or train by bound",
    );
  }
}
