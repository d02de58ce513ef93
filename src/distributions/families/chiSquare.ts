import { constant, type Operand } from "../../tensor/index.ts";
import type { Distribution } from "../distribution.ts";
import { distribution } from "../family/family.ts";
import { parametersOf } from "../parameters.ts";
import { POSITIVE } from "../support/support.ts";
import { gammaDivergence, gammaFamily } from "./gamma.ts";

/**
 * The chi-square distribution with n degrees of freedom: of the sum of n squared standard normals,
 * and gamma with shape n / 2 and rate 1/2.
 *
 * @throws SurmiseError if a known `degrees` is not positive.
 *
 * @example observe("misfit", chiSquare(7), misfit)
 */
export function chiSquare(degrees: Operand): Distribution {
  const given = parametersOf("chiSquare", { degrees }, { degrees: POSITIVE });
  const { degrees: n } = given.parameters;
  const asGamma = { shape: n.mul(0.5), rate: constant(0.5, n.dtype) };
  return distribution({
    name: "chiSquare",
    divergence: { form: gammaDivergence, parameters: asGamma },
    ...given,
    ...gammaFamily(asGamma),
  });
}
