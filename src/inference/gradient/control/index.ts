import { leaveOneOut } from "./leaveOneOut.ts";
import { none } from "./none.ts";
import { perDatum } from "./perDatum.ts";
import { scalar } from "./scalar.ts";
import { twoPhase } from "./twoPhase.ts";

/** The control variates of the score function: `score(controls.scalar)`. */
export const controls = { none, scalar, perDatum, twoPhase, leaveOneOut } as const;
