/** In long use, and with careless users. */
import type { Case } from "./case.ts";

/** What careless users do. */
export const E: readonly Case[] = [];
