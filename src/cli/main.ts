#!/usr/bin/env node
/** Starts the command. */
import { refuseRejection } from "./errors.ts";
import { surmise } from "./program.ts";

process.on("unhandledRejection", refuseRejection);
process.exitCode = await surmise(process.argv.slice(2));
