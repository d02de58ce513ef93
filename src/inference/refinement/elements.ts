/** The densities of a model and its guide for each element of the plates that all latents stand in. */
import { axesWithin, bijectionTo, sumAlong } from "../../distributions/internal.ts";
import { type Latent, type Observed, overPlates, type Plate } from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  substitute,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import { stopParameters } from "../logWeight/stopParameters.ts";
import type { ModelAndGuideTraces } from "../proposal/traces.ts";

/** Values of all latents, in the order of the guide. */
export type Values = readonly Tensor[];

/** Densities as functions of the latents' values, for each element of `plates`: float64, in nats. */
export interface ElementDensities {
  /** The plates that all latents stand in. */
  readonly plates: readonly Plate[];
  /** Their axes. */
  readonly elements: readonly Axis[];
  /** The draws of the guide. */
  readonly draws: Values;
  /** log p(x, z). */
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

/** The densities of a model that was replayed on single draws of its guide, and has `CHAINS_OF_ELEMENTS`. */
export function elementDensities({ model, guide }: ModelAndGuideTraces): ElementDensities {
  const { latents } = guide;
  const inPlates = new Map(model.latents.map(({ name, plates }) => [name, plates]));
  const plates = inPlates.get(latents[0]?.name) ?? [];
  const elements = plates.map(({ axis }) => axis);
  const draws = latents.map(({ value }) => value);
  const at = (expression: Tensor, values: Values) =>
    substitute([expression], new Map(draws.map((draw, i) => [draw, values[i]])))[0];
  const inside = ({ plates: own, logProb }: Latent | Observed) =>
    overPlates(
      cast(logProb(), "float64"),
      own.filter(({ axis }) => !elements.includes(axis)),
    );
  const sumOf = (sites: readonly (Latent | Observed)[]) =>
    sites.map(inside).reduce((a, b) => a.add(b), constant(0, "float64"));
  const joint = sumOf([...model.latents, ...model.observed]);
  const fixed = stopParameters(joint, draws);
  const ofGuide = latents
    .map(({ logProb }) => cast(logProb(), "float64"))
    .reduce((a, b) => a.add(b), constant(0, "float64"));
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
          const { distribution } = latents[i];
          const own = withoutAxes(distribution.eventAxes, within);
          return sumAlong(cast(logJacobian(u), "float64"), own);
        })
        .reduce((a, b) => a.add(b), at(fixed, values));
    },
  };
}
