import {
  CONDITION,
  checkArguments,
  SurmiseError,
  select,
  type Tensor,
  unionAxes,
  withoutAxes,
} from "../../tensor/internal.ts";
import { DISTRIBUTION, type Distribution } from "../distribution.ts";

/**
 * The mask of what a distribution is made of would be lost: its density tells nothing about which values count.
 *
 * @throws SurmiseError if the distribution is masked, saying where the mask goes.
 */
export function refuseMasked(word: string, { name, mask }: Distribution): void {
  if (mask === undefined) return;
  throw new SurmiseError(`${word} of a ${name}: mask the whole: masked(${word}(...), mask)`);
}

/**
 * `distribution` where `mask` (uint8) is not 0; elsewhere a value counts nothing, log p = 0. Draws are made
 * everywhere. It is for what is observed: a latent that counts nothing has no prior there, and one of K values that is
 * summed out adds log K to the evidence; leave the prior of latents whole.
 *
 * @throws SurmiseError if the mask varies along an event axis: a draw counts whole or not at all.
 *
 * @example observe("y", masked(normal(mean, 1), present), y)
 */
export function masked(distribution: Distribution, mask: Tensor): Distribution {
  checkArguments("masked", { distribution }, DISTRIBUTION);
  checkArguments("masked", { mask }, CONDITION);
  const [within] = distribution.eventAxes.filter((a) => mask.has(a));
  if (within !== undefined) {
    throw new SurmiseError(
      `masked: the mask varies along '${within.name}', an event axis of the ${distribution.name}: ` +
        "make it a plate, whose elements count each for itself",
    );
  }
  // What is made of a whole density does not hold of one that counts in places only.
  const {
    divergence: _divergence,
    exponentialFamily: _family,
    linearNoise: _noise,
    logProbOfSome: _some,
    pathLogProb: _path,
    ...rest
  } = distribution;
  return {
    ...rest,
    name: `masked ${distribution.name}`,
    mask,
    axes: withoutAxes(unionAxes(distribution.axes, mask.axes), distribution.eventAxes),
    logProb: (value) => select(mask, distribution.logProb(value), 0),
    entropy: () => undefined,
    event: (...axes) => masked(distribution.event(...axes), mask),
    map: (f) => masked(distribution.map(f), f(mask)),
  };
}
