/** Compiling the log density of large models, and one call of it, in float64: time and memory are linear in the sizes. */
import type { Build, Sizes } from "../protocol.ts";
import { density, densityOf } from "./density.ts";
import { checkAt, programOf, startOf } from "./logDensity.ts";
import type { Family } from "./workload.ts";

export const large: Family = {
  ...density,
  name: "large",
  members: [
    { name: "large 10000x50", sizes: { rows: 10_000, features: 50 } },
    { name: "large 100000x50", sizes: { rows: 100_000, features: 50 } },
    { name: "large 1000 groups", sizes: { groups: 1000 } },
    { name: "large 10000 groups", sizes: { groups: 10_000 } },
  ],
  timeBuild(sizes: Sizes): Build {
    const start = performance.now();
    const of = densityOf(sizes);
    const traced = performance.now();
    programOf(of);
    const compiled = performance.now();
    checkAt(of, startOf(of));
    return {
      trace: traced - start,
      compile: compiled - traced,
      firstStep: performance.now() - compiled,
    };
  },
};
