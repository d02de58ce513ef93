/**
 * surmise as a worker of its own benchmark, in a process of its own. It speaks the protocol of
 * bench/README.md; with `--build` it instead says how long the step takes to build, and ends.
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { surmiseVersion } from "../../src/runs/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { peakBytes } from "./memory.ts";
import { type Block, type Build, type Hello, request, type Sizes } from "./protocol.ts";
import { FAMILIES, type Family } from "./workloads/index.ts";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "" },
    threads: { type: "string", default: "1" },
    sizes: { type: "string", default: "{}" },
    build: { type: "boolean", default: false },
  },
});

const print = (message: Hello | Block | Build) =>
  process.stdout.write(`${JSON.stringify(message)}\n`);

/** Milliseconds of one call of the program: then host code in between costs nothing to speak of. */
const CALL = 20;

/**
 * How many steps of `run` take about so long, the program having been run for a while. The first may prepare what others
 * find.
 */
function stepsPerCall(run: (steps: number) => void): number {
  run(1);
  for (let steps = 1; ; steps *= 2) {
    const start = performance.now();
    run(steps);
    if (performance.now() - start >= CALL) return steps;
  }
}

async function serve(family: Family, sizes: Sizes): Promise<void> {
  const idle = process.memoryUsage.rss();
  const program = family.program(sizes);
  const advance = (n: number) => {
    if (family.run === undefined) program.step(n);
    else family.run(program, n);
  };
  const uncounted = () => family.uncounted?.(program) ?? 0;
  const calls = stepsPerCall(advance);
  const run = (seconds: number): Block => {
    const start = performance.now();
    const before = uncounted();
    let steps = 0;
    do {
      advance(calls);
      steps += calls;
    } while (performance.now() - start < 1000 * seconds);
    const ms = (performance.now() - start - (uncounted() - before)) / steps;
    return { ms, steps, peakMB: (peakBytes() - idle) / 1e6 };
  };
  print({
    ready: true,
    version: surmiseVersion(),
    threads: Number(values.threads),
    check: family.check(sizes),
  });
  for await (const line of createInterface({ input: process.stdin })) {
    const message = request.parse(JSON.parse(line));
    if ("quit" in message) break;
    print(run(message.run.seconds));
  }
}

const family = FAMILIES.find(({ name }) => name === values.workload);
if (family === undefined) throw new SurmiseError(`there is no workload '${values.workload}'`);
const sizes: Sizes = JSON.parse(values.sizes);
if (!values.build) await serve(family, sizes);
else if (family.timeBuild !== undefined) print(await family.timeBuild(sizes));
process.exit(0);
