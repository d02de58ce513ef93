#!/usr/bin/env node
/** Starts the command. */
import { surmise } from "./program.ts";

process.exitCode = await surmise(process.argv.slice(2));
