/** Guides whose elements of one draw depend on one another in every way a normal can. */
import {
  bijectionTo,
  isDiscrete,
  multivariateNormal,
  transformed,
} from "../../distributions/internal.ts";
import { ownAxes } from "../../model/internal.ts";
import { zeros } from "../../nn/index.ts";
import { ANYTHING, checkArguments, optionsWith, sizeOf } from "../../tensor/internal.ts";
import { broadcastOver } from "../density/initialisation.ts";
import type { GuideFamily } from "./automatic.ts";
import { type MeanFieldOptions, meanField } from "./families.ts";
import { flatten, spreadOver } from "./flatten.ts";

/**
 * As the mean field, but the elements of one draw, along the event axes of a latent, have a normal with a covariance of
 * its own in unconstrained space (Kucukelbir et al., "Automatic differentiation variational inference", JMLR 18, 2017,
 * section 2.4): the mean `NAME.mean` and, as n (n + 1) / 2 unconstrained parameters along an axis, the Cholesky factor
 * `NAME.factor` in units of the initial standard deviations. Latents without event axes are as in the mean field.
 */
export function fullCovariance(options: MeanFieldOptions = {}): GuideFamily {
  checkArguments("fullCovariance", { options }, optionsWith<MeanFieldOptions>({ sd: ANYTHING }));
  const simple = meanField(options);
  const { sd = 0.1 } = options;
  return (statement, param, start, context) => {
    const { name, distribution: prior, plates } = statement;
    const { support, eventAxes, dtype } = prior;
    if (eventAxes.length === 0 || isDiscrete(support)) {
      return simple(statement, param, start, context);
    }
    const { unconstrainedAxes } = bijectionTo(support);
    const event = unconstrainedAxes(eventAxes);
    const outer = unconstrainedAxes(ownAxes(plates, prior)).filter((a) => !event.includes(a));
    const size = sizeOf(event);
    const [row, column] = ["element", "noise"].map((what) => context.axis(`${name} ${what}`, size));
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
