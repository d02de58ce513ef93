import { checkArguments, OPERAND, optional, optionsWith } from "../../tensor/internal.ts";
import { type Bounds, DISTRIBUTION, type Distribution } from "../distribution.ts";
import { boundTensors, cutSupport, truncated, withBounds } from "../families/truncated.ts";
import { distribution } from "../family/family.ts";
import { checkOrdered } from "./mass.ts";

/**
 * Any distribution of single numbers cut to bounds and not renormalised, as a declared bound does in Stan:
 *
 *     log p(x) = log p_0(x),  lower <= x <= upper,  and -Infinity outside.
 *
 * It differs from `truncated` by the log of the mass between the bounds: a constant where the parameters and the
 * bounds are known numbers; where they are latents, another model. Draws are those of `truncated`.
 *
 * @throws SurmiseError as `truncated`; for lack of a distribution function only where it is drawn from.
 *
 * @example sample("effect", restricted(studentT(3, 0, 1), { lower: 0 }))
 */
export function restricted(whole: Distribution, bounds: Bounds): Distribution {
  checkArguments("restricted", { whole }, DISTRIBUTION);
  checkArguments(
    "restricted",
    { bounds },
    optionsWith<typeof bounds>({ lower: optional(OPERAND), upper: optional(OPERAND) }),
  );
  checkOrdered("restricted", whole);
  const given = boundTensors("restricted", whole, bounds);
  return distribution({
    name: `restricted ${whole.name}`,
    ...withBounds(whole, given),
    ...(whole.improper && { improper: whole.improper }),
    dtype: whole.dtype,
    support: cutSupport(whole, bounds),
    reparameterised: false,
    logProb: (x) => whole.logProb(x),
    sample: (key, axes) => truncated(whole, bounds).sample(key, axes),
  });
}
