/** Guides that draw all latents together from a mixture of joint normals. */
import { bijectionTo, drawPosition } from "../../distributions/internal.ts";
import type { Initialiser } from "../../model/internal.ts";
import { normalInit, zeros } from "../../nn/index.ts";
import {
  ANYTHING,
  type Axis,
  checkArguments,
  computedValues,
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
import { type ComponentStarts, componentsAtModes } from "./noise/componentsAtModes.ts";
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
 * As `joint`, but the noise of all latents together is a mixture of normals, with correlations of their own where the
 * latents have up to 100 numbers. Where the coordinates know several modes, the components begin there. Its parameters
 * are `mixture.logits`, `mixture.mean` and `mixture.factor` or `mixture.logSd`, beside those of the normal. With
 * `particles.stratified` it is drawn once from each component, which is summed out, so that all draws have derivatives
 * (Roeder, Wu and Duvenaud, NeurIPS 2017, algorithm 3). Discrete latents are as in the mean field; latents in chains are
 * refused, and particles that not all latents share.
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
  const { coordinates } = normal;
  const isFew = coordinates !== undefined && coordinates.dimension <= MOST_CORRELATED;
  const starts = isFew ? componentsAtModes(coordinates, components) : undefined;
  return joint({ ...normal, noise: mixtureOf(components, starts) });
}

/** A mixture of normals, which begin as `starts` says, or around the origin. */
const mixtureOf =
  (count: number, starts: ComponentStarts | undefined): NoiseFamily =>
  ({ number, dtype, axis, param }) => {
    const component = axis("component", count);
    const column = axis("noise of a component", number.size);
    const isFull = number.size > 1 && number.size <= MOST_CORRELATED;
    const triangle = bijectionTo({ kind: "choleskyFactor", row: number, column });
    const isAtModes = starts?.means.length === count * number.size && (isFull || number.size === 1);
    const begin = isAtModes ? beginningAt(starts, { component, number, column }) : AROUND_ORIGIN;
    const logits = param("mixture.logits", [component], begin.logits);
    const logWeights = logits.sub(logSumExp(logits, component));
    const mean = param("mixture.mean", [component, number], begin.mean);
    const factor = isFull
      ? triangle.forward(
          param(
            "mixture.factor",
            [component, ...triangle.unconstrainedAxes([number, column])],
            begin.factor((x) => triangle.inverse(x)),
          ),
        )
      : exp(param("mixture.logSd", [component, number], begin.factor(log)));
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

/** What the parameters of a mixture begin as; of the factors, the unconstrained numbers, which a bijection has. */
interface MixtureBeginning {
  readonly logits: Initialiser;
  readonly mean: Initialiser;
  factor(unconstrain: (factor: Tensor) => Tensor): Initialiser;
}

const AROUND_ORIGIN: MixtureBeginning = {
  logits: zeros,
  mean: normalInit(APART),
  factor: () => zeros,
};

interface MixtureAxes {
  readonly component: Axis;
  readonly number: Axis;
  readonly column: Axis;
}

/** At the modes; a further component of a mode is a draw of its normal away. */
function beginningAt(
  { logWeights, means, factors, isFurther }: ComponentStarts,
  { component, number, column }: MixtureAxes,
): MixtureBeginning {
  const isScalar = number.size === 1;
  const axes = isScalar ? [component, number] : [component, number, column];
  return {
    logits: (_, over, dtype) => computedValues(over, logWeights, dtype),
    mean: (key, over, dtype) => {
      const noise = standardNormal(key, isScalar ? axes : [component, column], dtype).mul(
        computedValues([component], isFurther, dtype),
      );
      const away = computedValues(axes, factors, dtype).mul(noise);
      return computedValues(over, means, dtype).add(isScalar ? away : sum(away, column));
    },
    factor: (unconstrain) => (_, __, dtype) => unconstrain(computedValues(axes, factors, dtype)),
  };
}
