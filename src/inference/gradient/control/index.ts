import { leaveOneOut } from "./leaveOneOut.ts";
import { none } from "./none.ts";
import { perDatum } from "./perDatum.ts";
import { scalar } from "./scalar.ts";

/** The control variates of the score function: `score(controls.scalar)`. */
export const controls = { none, scalar, perDatum, leaveOneOut } as const;
