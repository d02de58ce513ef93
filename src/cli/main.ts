#!/usr/bin/env node
/** Starts the command. */
import { finish, refuseRejection, refuseUncaught, tellEarlyEnd } from "./exit.ts";
import { surmise } from "./program.ts";
import { outliveOutput } from "./terminal/output.ts";

outliveOutput();
tellEarlyEnd();
process.on("unhandledRejection", refuseRejection);
process.on("uncaughtException", refuseUncaught);
surmise(process.argv.slice(2)).then(finish);
