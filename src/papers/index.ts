/** The papers whose methods are combined here, each with its experiments. */
import type { AnyPaper } from "../experiments/index.ts";
import { paper as aevbPaper } from "./aevb/index.ts";
import { paper as mprwsPaper } from "./mprws/index.ts";
import { paper as stlPaper } from "./stl/index.ts";
import { paper as vcdPaper } from "./vcd/index.ts";

export * as aevb from "./aevb/index.ts";
export * as mprws from "./mprws/index.ts";
export * as stl from "./stl/index.ts";
export * as vcd from "./vcd/index.ts";

/** By the name that `reproduce` takes. */
export const PAPERS: Readonly<Record<string, AnyPaper>> = {
  aevb: aevbPaper,
  mprws: mprwsPaper,
  stl: stlPaper,
  vcd: vcdPaper,
};
