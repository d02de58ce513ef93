/** In long use, and with careless users. */
import type { Case } from "../case.ts";
import { FILES } from "./files.ts";
import { NATIVE } from "./native.ts";
import { VALUES } from "./values.ts";

/** What careless users do. */
export const E: readonly Case[] = [...VALUES, ...FILES, ...NATIVE];
