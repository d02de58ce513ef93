/** Eight schools: effects of coaching, and their standard errors (Rubin 1981). */
import { axis, tensor } from "../src/tensor/index.ts";

export const EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12];
export const ERRORS = [15, 10, 16, 11, 9, 11, 10, 18];
export const school = axis("school", 8);
export const effects = tensor(EFFECTS, [school]);
export const errors = tensor(ERRORS, [school]);
