/**
 * The guide of a chain whose normal is known (`density/nested`): each number given those before it, and the latents outside.
 */
import { bijectionTo, normal, transformed } from "../../distributions/internal.ts";
import type { Sites, Statement } from "../../model/internal.ts";
import { zeros } from "../../nn/index.ts";
import { computedValues, exp, sizeOf, type Tensor, tanh } from "../../tensor/internal.ts";
import type { Coordinates } from "../density/coordinates.ts";
import type { Moving } from "../density/nested/chainNormal.ts";
import type { DeviatingDistribution, GuideContext } from "./automatic.ts";
import { columnsOf } from "./blocks.ts";
import { productWith, shapeOf } from "./joint.ts";

/**
 * With the normal of the coordinates, whose means m, coefficients c and standard deviations s move with the noise of the
 * latents outside, a step is drawn as
 *
 *     x = m + sum_parents c (parent - its m) + s (shift + dependence e' + scale e),
 *
 * of its own noise e and that, e', of the latents outside. The parameters are `NAME.mean`, `NAME.dependence`,
 * `NAME.logSd` and, for what is added to the coefficient of a parent some steps before, or to its inverse hyperbolic
 * tangent, `NAME.PARENT LAG`; all are 0 at the start. Undefined for a latent that the coordinates do not know.
 */
export function chainStepGuide(
  statement: Statement,
  param: Sites["param"],
  context: GuideContext,
  { chain, sites: known }: Coordinates,
): DeviatingDistribution | undefined {
  const { name, distribution: prior } = statement;
  const site = chain?.sites.find((each) => each.name === name);
  const along = statement.plates.find((plate) => plate.chain)?.axis;
  if (site === undefined || along === undefined) return undefined;
  const shape = shapeOf(statement, context);
  const { dtype, before, parents: outside } = shape;
  const others = shape.outer.filter((a) => a !== along);
  const elements = sizeOf(others);
  const columns = Array.from({ length: elements }, (_, e) => columnsOf(e, others, known, outside));
  const dimension = known.reduce((n, { size }) => n + size, 0);
  const moving = ({ value, change }: Moving): Tensor => {
    const fixed = context.here(computedValues([along, ...others], value, dtype));
    if (before === undefined) return fixed;
    const slopes = new Float64Array(value.length * before.size);
    for (let at = 0; at < value.length; at++) {
      columns[at % elements].forEach((column, c) => {
        slopes[at * before.size + c] = change[at * dimension + column];
      });
    }
    const matrix = context.here(computedValues([along, ...others, before], slopes, dtype));
    return outside.reduce(
      (total, parent) => total.add(productWith(matrix, before, parent, "whitened")),
      fixed,
    );
  };
  const train = (what: string, axes: Parameters<typeof param>[1] = []) =>
    param(`${name}.${what}`, [along, ...others, ...axes], { init: zeros, dtype });
  const mean = moving(site.mean);
  const sd = exp(moving(site.logSd));
  let shift = train("mean");
  if (before !== undefined) {
    const matrix = train("dependence", [before]);
    for (const parent of outside) {
      shift = shift.add(productWith(matrix, before, parent, "standard"));
    }
  }
  let location = mean.add(sd.mul(shift));
  for (const parent of site.parents) {
    const deviation = context.deviation(parent.name, parent.lag);
    if (deviation === undefined) continue;
    const value = moving(parent.coefficient).add(train(`${parent.name} ${parent.lag}`));
    location = location.add((parent.isBounded ? tanh(value) : value).mul(deviation));
  }
  const map = bijectionTo(prior.support);
  return {
    distribution: transformed(normal(location, sd.mul(exp(train("logSd")))), prior.support),
    deviationOf: (value) => map.inverse(value).sub(mean),
  };
}
