import {
  type Axis,
  abs,
  and,
  circularVariance,
  constant,
  cos,
  exp,
  floor,
  fold,
  inFloat64,
  type Key,
  log,
  logBesselI0Scaled,
  maximum,
  minimum,
  type Operand,
  select,
  sin,
  sqrt,
  square,
  stopGradient,
  type Tensor,
  uniform,
  unionAxes,
  vonMisesProbability,
  vonMisesQuantileSlope,
  withDerivatives,
} from "../../tensor/internal.ts";
import type { ClosedForm, Distribution } from "../distribution.ts";
import { of } from "../divergences/form.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { firstAccepted } from "../samplers/tries.ts";
import { ANGLE, POSITIVE, REAL } from "../support/support.ts";

/** One candidate is refused with probability 1/2 at most, thirty in a row with 9.4e-10. */
const TRIES = 30;

/** kp E[1 - cos(x - mp)] - kq E[1 - cos(x - mq)] + log I0(kp) - log I0(kq), I0 scaled. */
const divergence: ClosedForm = of((q, p) => {
  const fall = circularVariance(q.concentration);
  const turn = q.location.sub(p.location);
  const fallP = square(sin(turn.mul(0.5)))
    .mul(2)
    .add(fall.mul(cos(turn)));
  const heights = logBesselI0Scaled(p.concentration).sub(logBesselI0Scaled(q.concentration));
  return p.concentration.mul(fallP).sub(q.concentration.mul(fall)).add(heights);
});

/**
 * The von Mises distribution of angles, in radians, around the direction `location`; with the
 * concentration k it is nearly normal of variance 1 / k for a large k, nearly uniform for a small
 * one:
 *
 *     log p(x) = k cos(x - location) - log(2 pi I0(k)).
 *
 * Values may be any angles; draws lie from -pi to pi. `mean` is the mean direction, `variance` the
 * circular variance 1 - I1(k) / I0(k), and the distribution function counts from -pi. Draws have
 * the implicit derivative with respect to the concentration.
 *
 * @throws SurmiseError if a known `location` is not finite or a known `concentration` is not
 * positive.
 *
 * @example observe("heading", vonMises(wind, 4), heading)
 */
export function vonMises(location: Operand, concentration: Operand): Distribution {
  const given = parametersOf(
    "vonMises",
    { location, concentration },
    { location: REAL, concentration: POSITIVE },
  );
  const { location: m, concentration: k } = given.parameters;
  return distribution({
    divergence: { form: divergence },
    name: "vonMises",
    ...given,
    support: ANGLE,
    reparameterised: true,
    logProb: (x) => {
      const fall = square(sin(x.sub(m).mul(0.5)))
        .mul(k)
        .mul(2);
      return fall
        .add(logBesselI0Scaled(k))
        .add(Math.log(2 * Math.PI))
        .neg();
    },
    sample: (key, axes) => wrapped(m.add(centredDraw(key, axes, k))),
    mean: () => wrapped(m),
    variance: () => circularVariance(k),
    cdf: (x) =>
      inFloat64([x, m, k], (x, m, k) => {
        const inRange = maximum(minimum(x, Math.PI), -Math.PI);
        const from = constant(-Math.PI, k.dtype).sub(m);
        return unrolled(k, inRange.sub(m)).sub(unrolled(k, from));
      }),
    entropy: () => {
      const height = logBesselI0Scaled(k).add(Math.log(2 * Math.PI));
      return height.add(k.mul(circularVariance(k)));
    },
  });
}

/** The angle between -pi and pi that differs from x by whole turns. */
function wrapped(x: Tensor): Tensor {
  return x.sub(turns(x).mul(2 * Math.PI));
}

function turns(x: Tensor): Tensor {
  return floor(x.mul(1 / (2 * Math.PI)).add(0.5));
}

/** The integral of the density around 0 from 0 to any angle: it grows by one with every turn. */
function unrolled(k: Tensor, x: Tensor): Tensor {
  return turns(x).add(vonMisesProbability(k, wrapped(x)));
}

/**
 * Angles around 0 by the ratio of uniform draws (Kinderman and Monahan 1977; for this family
 * Barabesi 1995): t = b (2 v - 1) / u is accepted where |t| <= pi and u^2 <= exp(k (cos t - 1)).
 * The bound b, at least max t exp(k (cos t - 1) / 2), is exact for k <= 1.3 and at most 14% too
 * large above.
 */
function centredDraw(key: Key, axes: readonly Axis[], k: Tensor): Tensor {
  const wide = exp(k.neg()).mul(Math.PI);
  const narrow = constant(1.139 * Math.sqrt(2 / Math.E), k.dtype).div(sqrt(k));
  const bound = stopGradient(select(k.lt(1.3), wide, narrow));
  const angle = firstAccepted(TRIES, (tries) => {
    const each = unionAxes(axes, [tries]);
    const u = uniform(fold(key, "height"), each, k.dtype);
    const v = uniform(fold(key, "place"), each, k.dtype);
    const t = bound.mul(v.mul(2).sub(1)).div(u);
    const legal = abs(t).le(Math.PI);
    const x = select(legal, t, 0);
    const logDensity = square(sin(x.mul(0.5)))
      .mul(k)
      .neg();
    return { value: x, accepted: and(legal, log(u).le(logDensity)) };
  });
  return withDerivatives(angle, [[k, vonMisesQuantileSlope(k, angle)]]);
}
