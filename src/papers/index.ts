/** The papers whose methods are combined here, each with its experiments. */
export * as aevb from "./aevb/index.ts";
export * as mprws from "./mprws/index.ts";
