/** All targets, by what they need: a row each. */
import type { Target } from "../requirements/combination.ts";
import { BOUND } from "./bound.ts";
import { MONTE_CARLO_EM } from "./monteCarloEm.ts";
import { SLEEP, WAKE_SLEEP } from "./sleep.ts";
import { HOFFMAN, VCD } from "./vcd.ts";

/** The targets: the functions of these names make their objectives, or, of Monte Carlo EM, an algorithm. */
export const TARGETS: readonly Target[] = [BOUND, SLEEP, WAKE_SLEEP, VCD, HOFFMAN, MONTE_CARLO_EM];
