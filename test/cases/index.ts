/** The sections of cases, one file each. */
import { A } from "./a.ts";
import { B } from "./b.ts";
import { C } from "./c.ts";
import type { Case } from "./case.ts";
import { D } from "./d.ts";
import { E } from "./e/index.ts";

/** By letter, in order. */
export const SECTIONS: Readonly<Record<string, readonly Case[]>> = { A, B, C, D, E };
