/** Elements at positions along an axis: with and without a look at whether they lie on it. */
import { type Axis, describeAxes } from "../axis.ts";
import { and } from "../bits.ts";
import { isFloat } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { cast, checkTensor, constant, make, type Operand, type Tensor } from "../tensor.ts";
import { intervalOf } from "./intervals.ts";

/** As `gather`, but positions outside the axis are moved to its ends: for those that are right, or not used. */
export function gatherClamped(source: Tensor, a: Axis, positions: Operand): Tensor {
  checkTensor("gather", source);
  const given = typeof positions === "number" ? constant(positions, "int32") : positions;
  checkTensor("gather: the positions", given);
  const position = given.dtype === "uint8" ? cast(given, "int32") : given;
  return make({ op: "gather", axis: a }, [source, position]);
}

/**
 * The elements `inside` at positions along `a`, and NaN in the place of those outside it, unless intervals show
 * that there are none.
 *
 * @throws SurmiseError if there may be, and the elements are whole numbers.
 */
export function guarded(inside: Tensor, a: Axis, position: Tensor): Tensor {
  const known = intervalOf(position);
  if (known !== undefined && known.low >= 0 && known.high < a.size) return inside;
  if (!isFloat(inside.dtype)) {
    throw new SurmiseError(
      `gather along '${a.name}' (size ${a.size}) of ${inside.dtype} ${describeAxes(inside.inputs[0].axes)}, which ` +
        "has no NaN for positions outside the axis: take the positions minimum(maximum(x, 0), " +
        `${a.size - 1}), or cast the elements to 'float32' first`,
    );
  }
  const isOn = and(position.ge(0), position.lt(a.size));
  return make({ op: "select" }, [isOn, inside, constant(Number.NaN, inside.dtype)]);
}

/** A gather whose positions may lie outside the axis: along which, and at which. */
export function guardedGather(
  x: Tensor,
): { readonly axis: Axis; readonly position: Tensor } | undefined {
  const [condition, inside, outside] = x.op === "select" ? x.inputs : [];
  if (inside?.operation.op !== "gather" || outside.operation.op !== "constant") return undefined;
  const position = inside.inputs[1];
  const isGuard = condition.op === "and" && condition.inputs[0].inputs[1] === position;
  if (!isGuard || !Number.isNaN(outside.operation.value)) return undefined;
  return { axis: inside.operation.axis, position };
}
