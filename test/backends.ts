/** The backends that there are on this machine. */
import type { Backend } from "../src/runtime/index.ts";
import { native } from "../src/runtime/native/executable.ts";

/** Those that compile: C only where there is a compiler. */
export const COMPILED: readonly Backend[] = typeof native() === "string" ? ["wasm"] : ["wasm", "c"];

/** All of them. */
export const BACKENDS: readonly Backend[] = ["oracle", ...COMPILED];
