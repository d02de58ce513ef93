/**
 * The variational contrastive divergence (Ruiz and Titsias, ICML 2019): codes z_0 are drawn from the encoder and improved to z_t by Hamiltonian Monte Carlo. With f(z) = log p(x, z) -
 * log q(z), z_t held constant, and c the running mean of f of each image, the encoder makes
 *
 *     -f(z_0) - log q(z_t) + (f(z_t) - c) log q(z_0)
 *
 * smaller, and the decoder -log p(x, z_t).
 */

import { leapfrog } from "../../../src/inference/internal.ts";
import type { Sites } from "../../../src/model/index.ts";
import { dense } from "../../../src/nn/index.ts";
import {
  type Axis,
  axis,
  cast,
  constant,
  exp,
  grad,
  log,
  mean,
  select,
  softplus,
  square,
  stopGradient,
  sum,
  type Tensor,
} from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";

export const PIXELS = 784;
export const [ITERATIONS, LEAPFROGS] = [8, 5];
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

export const axesOf = ({ batch, hidden, latents }: Sizes) => ({
  image: axis("image", batch),
  pixel: axis("pixel", PIXELS),
  code: axis("latent", latents),
  units: ["m1", "m2", "s1", "s2", "d1", "d2"].map((name) => axis(name, hidden)),
});
type Axes = ReturnType<typeof axesOf>;

const relu = (x: Tensor) => select(x.gt(0), x, 0);

/** A network of two hidden layers of relu. */
function network(param: Sites["param"], name: string, ...[from, one, two, to]: readonly Axis[]) {
  const widths = [from, one, two, to];
  const [first, second, last] = ["1", "2", "3"].map((layer, i) =>
    dense(param, `${name}.${layer}`, widths[i], widths[i + 1]),
  );
  return (x: Tensor) => last(relu(second(relu(first(x)))));
}

/** The random numbers of a step: of the draw of z_0, and of each iteration of HMC. */
export interface Noise {
  readonly code: Tensor;
  momentum(iteration: number): Tensor;
  uniform(iteration: number): Tensor;
}

/** What a step is made from: the images, the running means of f if there are any yet, the noise. */
interface Given {
  readonly x: Tensor;
  readonly stepSize: Tensor;
  readonly noise: Noise;
  /** c, given f over the images. */
  control(f: Tensor): Tensor;
}

/** The loss of a step, f(z_t) of each image, and the share of proposals of HMC that were accepted. */
export function objective(
  param: Sites["param"],
  axes: Axes,
  { x, stepSize, noise, control }: Given,
) {
  const { image, pixel, code, units } = axes;
  const [m1, m2, s1, s2, d1, d2] = units;
  const meanOf = network(param, "mean", pixel, m1, m2, code);
  const logSdOf = network(param, "logSd", pixel, s1, s2, code);
  const decode = network(param, "decoder", code, d1, d2, pixel);
  const constants: Sites["param"] = (...of) => stopGradient(param(...of));
  const frozen = network(constants, "decoder", code, d1, d2, pixel);

  const logJoint = (decoder: typeof decode, z: Tensor) => {
    const logits = decoder(z);
    const likelihood = sum(x.mul(logits).sub(softplus(logits)), pixel);
    return likelihood.sub(sum(square(z), code).mul(0.5)).sub(HALF_LOG_2PI * code.size);
  };
  const [mu, logSd] = [meanOf(x), logSdOf(x)];
  const logQ = (z: Tensor) => {
    const scaled = z.sub(mu).mul(exp(logSd.neg()));
    return sum(square(scaled).mul(0.5).add(logSd), code)
      .neg()
      .sub(HALF_LOG_2PI * code.size);
  };

  const z0 = mu.add(exp(logSd).mul(noise.code));
  const still = stopGradient(z0);
  const { z, accepted } = improve(
    still,
    stepSize,
    noise,
    (at) => logJoint(frozen, at),
    code,
    image,
  );
  const zt = stopGradient(z);

  const logJointAtEnd = logJoint(decode, zt);
  const logQAtEnd = logQ(zt);
  const f = stopGradient(logJointAtEnd.sub(logQAtEnd));
  const elbo = logJoint(frozen, z0).sub(logQ(z0));
  const score = f.sub(control(f)).mul(logQ(still));
  const loss = mean(score.sub(elbo).sub(logQAtEnd).sub(logJointAtEnd));
  return { loss, f, accepted };
}

/** `z` after some iterations of HMC, for each image on its own. */
function improve(
  z0: Tensor,
  stepSize: Tensor,
  noise: Noise,
  logDensity: (z: Tensor) => Tensor,
  code: Axis,
  image: Axis,
) {
  const slopeAt = (z: Tensor) => grad(sum(logDensity(z)), [z])[0];
  const slopesAt = (at: readonly Tensor[]) => at.map(slopeAt);
  const kinetic = (momentum: Tensor) => sum(square(momentum), code).mul(0.5);
  let [z, slope, value] = [z0, slopeAt(z0), logDensity(z0)];
  let accepted = constant(0);
  for (let i = 0; i < ITERATIONS; i++) {
    const momentum = noise.momentum(i);
    const from = { position: [z], momentum: [momentum], slope: [slope] };
    const end = leapfrog(from, stepSize, LEAPFROGS, slopesAt);
    const [there] = end.position;
    const valueAtEnd = logDensity(there);
    const gain = valueAtEnd.sub(kinetic(end.momentum[0])).sub(value.sub(kinetic(momentum)));
    const accept = log(noise.uniform(i)).lt(gain);
    z = select(accept, there, z);
    slope = select(accept, end.slope[0], slope);
    value = select(accept, valueAtEnd, value);
    accepted = accepted.add(mean(cast(accept, "float32"), image).mul(1 / ITERATIONS));
  }
  return { z, accepted };
}
