/** Guides that draw all latents together from a mixture of joint normals. */
import { bijectionTo, drawPosition } from "../../distributions/internal.ts";
import { normalInit, zeros } from "../../nn/index.ts";
import {
  ANYTHING,
  type Axis,
  checkArguments,
  exp,
  fold,
  gatherClamped,
  HALF_LOG_2PI,
  index,
  type Key,
  log,
  logSumExp,
  optionsWith,
  solveLower,
  square,
  standardNormal,
  sum,
  type Tensor,
  wholeNumber,
} from "../../tensor/internal.ts";
import type { GuideFamily } from "./automatic.ts";
import { type JointOptions, joint } from "./joint.ts";
import type { NoiseFamily } from "./noise/sharedNoise.ts";

/** How many components there are, and the joint normal whose coordinates they lie in. */
export interface JointMixtureOptions
  extends Pick<JointOptions, "sd" | "coordinates" | "acrossPlates"> {
  /** 5 unless given. */
  readonly components?: number;
}

/** Numbers of all latents up to which each component has all correlations. */
const MOST_CORRELATED = 100;
/** How far the components begin from one another, in standard deviations. */
const APART = 1;

/**
 * As `joint`, but the noise of all latents together is a mixture of normals, with correlations of their own where the latents
 * have up to 100 numbers. Its parameters are `mixture.logits`, `mixture.mean` and `mixture.factor` or `mixture.logSd`, beside
 * those of the normal. With `particles.stratified` it is drawn once from each component, which is summed out, so that all
 * draws have derivatives (Roeder, Wu and Duvenaud, NeurIPS 2017, algorithm 3). Discrete latents are as in the mean
 * field; latents in chains are refused, and particles that not all latents share.
 *
 * @throws SurmiseError if `components` is not a whole number of at least 1, or as `meanField`.
 *
 * @example
 * fit({ model, guide: automaticGuide(model, jointMixture()), data, particles: particles.stratified(), gradient: "path" })
 */
export function jointMixture(options: JointMixtureOptions = {}): GuideFamily {
  checkArguments(
    "jointMixture",
    { options },
    optionsWith<JointMixtureOptions>({
      ...{ components: ANYTHING, sd: ANYTHING },
      ...{ coordinates: ANYTHING, acrossPlates: ANYTHING },
    }),
  );
  const { components = 5, ...normal } = options;
  wholeNumber("jointMixture: components", components, { least: 1, most: 1000 });
  return joint({ ...normal, noise: mixtureOf(components) });
}

/** A mixture of normals. */
const mixtureOf =
  (count: number): NoiseFamily =>
  ({ number, dtype, axis, param }) => {
    const component = axis("component", count);
    const column = axis("noise of a component", number.size);
    const logits = param("mixture.logits", [component], zeros);
    const logWeights = logits.sub(logSumExp(logits, component));
    const mean = param("mixture.mean", [component, number], normalInit(APART));
    const isFull = number.size > 1 && number.size <= MOST_CORRELATED;
    const triangle = bijectionTo({ kind: "choleskyFactor", row: number, column });
    const factor = isFull
      ? triangle.forward(
          param(
            "mixture.factor",
            [component, ...triangle.unconstrainedAxes([number, column])],
            zeros,
          ),
        )
      : exp(param("mixture.logSd", [component, number], zeros));
    const diagonal = isFull ? gatherClamped(factor, column, index(number)) : factor;
    const logVolume = sum(log(diagonal), number);
    const drawEach = (key: Key, particles: readonly Axis[]): Tensor => {
      const own = isFull ? column : number;
      const noise = standardNormal(key, [...particles, component, own], dtype);
      return mean.add(isFull ? sum(factor.mul(noise), column) : factor.mul(noise));
    };
    return {
      reparameterised: false,
      components: { axis: component, logWeights, drawEach },
      draw(key, particles) {
        const each = drawEach(fold(key, "components"), particles);
        const one = drawPosition(fold(key, "which"), particles, logWeights, component);
        return gatherClamped(each, component, one);
      },
      logProb(noise) {
        const deviation = noise.sub(mean);
        const standard = isFull
          ? solveLower(factor, deviation, number, column)
          : deviation.div(factor);
        const squares = sum(square(standard), isFull ? column : number);
        const each = squares
          .mul(-0.5)
          .sub(logVolume)
          .sub(number.size * HALF_LOG_2PI);
        return logSumExp(each.add(logWeights), component);
      },
    };
  };
