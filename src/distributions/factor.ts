import { isFloat, SurmiseError, type Tensor } from "../tensor/internal.ts";
import type { Distribution } from "./distribution.ts";
import { distribution } from "./family/family.ts";
import { REAL } from "./support/support.ts";

/**
 * The distribution of nothing, whose log density is `logDensity` whatever the value: what `factor` states.
 *
 * @throws SurmiseError if `logDensity` is not floating point, and where it is drawn from.
 */
export function factorOf(logDensity: Tensor): Distribution {
  const { dtype } = logDensity;
  if (!isFloat(dtype)) {
    throw new SurmiseError(`factor: the log density is ${dtype}; use cast(x, 'float32')`);
  }
  return distribution({
    name: "factor",
    parameters: { logDensity },
    constraints: {},
    dtype,
    support: REAL,
    reparameterised: false,
    valueless: true,
    logProb: () => logDensity,
    sample: () => {
      throw new SurmiseError("factor: a log density of one's own has no draws");
    },
  });
}
