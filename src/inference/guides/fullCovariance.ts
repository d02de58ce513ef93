/** Guides whose elements of one draw depend on one another in every way a normal can. */
import {
  bijectionTo,
  type Distribution,
  distribution,
  isDiscrete,
  multivariateNormal,
  transformed,
} from "../../distributions/internal.ts";
import { ownAxes } from "../../model/internal.ts";
import { zeros } from "../../nn/index.ts";
import {
  type Axis,
  axis,
  constant,
  gatherClamped,
  index,
  sizeOf,
  type Tensor,
  tensor,
} from "../../tensor/internal.ts";
import type { GuideFamily } from "./automatic.ts";
import { type MeanFieldOptions, meanField } from "./families.ts";
import { broadcastOver } from "./initialisation.ts";

/**
 * As the mean field, but the elements of one draw, along the event axes of a latent, have a normal with a
 * covariance of its own in unconstrained space (Kucukelbir et al., "Automatic differentiation variational
 * inference", JMLR 18, 2017, section 2.4): the mean `NAME.mean` and, as n (n + 1) / 2 unconstrained
 * parameters along an axis, the Cholesky factor `NAME.factor` in units of the initial standard deviations. Latents without event axes are as in the mean field.
 */
export function fullCovariance(options: MeanFieldOptions = {}): GuideFamily {
  const simple = meanField(options);
  const { sd = 0.1 } = options;
  const known = new Map<string, { readonly row: Axis; readonly column: Axis }>();
  return (statement, param, start) => {
    const { name, distribution: prior, plates } = statement;
    const { support, eventAxes, dtype } = prior;
    if (eventAxes.length === 0 || isDiscrete(support)) return simple(statement, param, start);
    const { unconstrainedAxes } = bijectionTo(support);
    const event = unconstrainedAxes(eventAxes);
    const outer = unconstrainedAxes(ownAxes(plates, prior)).filter((a) => !event.includes(a));
    const size = sizeOf(event);
    const { row, column } = known.get(name) ?? {
      row: axis(`${name} element`, size),
      column: axis(`${name} noise`, size),
    };
    known.set(name, { row, column });
    const triangle = bijectionTo({ kind: "choleskyFactor", row, column });
    const [location, scale] = [start.location, start.scale].map((x) =>
      flatten(broadcastOver(event, x), event, row),
    );
    const mean = param(`${name}.mean`, [...outer, row], {
      init: () => location,
      learningRateScale: scale,
      dtype,
    });
    const numbers = param(
      `${name}.factor`,
      [...outer, ...triangle.unconstrainedAxes([row, column])],
      {
        init: zeros,
        dtype,
      },
    );
    const factor = triangle.forward(numbers).mul(scale.mul(sd));
    return transformed(
      spreadOver(event, multivariateNormal(mean, { factor }, row, column), row),
      support,
    );
  };
}

/** The distribution of vectors along `row`, laid row-major over the axes `event`. */
function spreadOver(event: readonly Axis[], vector: Distribution, row: Axis): Distribution {
  const place = event.reduce<Tensor>((at, a) => at.mul(a.size).add(index(a)), constant(0, "int32"));
  const lay = (x: Tensor) => gatherClamped(x, row, place);
  return distribution({
    ...vector,
    axes: vector.axes,
    dimensions: event,
    logProb: (x) => vector.logProb(flatten(x, event, row)),
    sample: (key, axes) =>
      lay(
        vector.sample(
          key,
          axes.filter((a) => !event.includes(a)),
        ),
      ),
    mean: () => lay(vector.mean()),
    variance: () => lay(vector.variance()),
    entropy: () => vector.entropy() as Tensor,
  });
}

/** A tensor over the axes `event`, row-major along `row`. */
function flatten(x: Tensor, event: readonly Axis[], row: Axis): Tensor {
  return event.reduce((left, a, k) => {
    const stride = sizeOf(event.slice(k + 1));
    const at = (_: unknown, i: number) => Math.floor(i / stride) % a.size;
    return gatherClamped(left, a, tensor(Int32Array.from({ length: row.size }, at), [row]));
  }, x);
}
