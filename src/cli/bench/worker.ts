/**
 * surmise as a worker of its own benchmark, in a process of its own. It speaks the protocol of
 * bench/README.md; with `--build` it instead says how long a training step takes to build, and ends.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import type { Program } from "../../runtime/index.ts";
import { type Block, type Build, type Hello, request, SIZES } from "./protocol.ts";
import { gemmProgram, timeBuild, vaeCheck, vaeProgram } from "./workloads.ts";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "vae" },
    threads: { type: "string", default: "1" },
    batch: { type: "string", default: String(SIZES.batch) },
    hidden: { type: "string", default: String(SIZES.hidden) },
    latents: { type: "string", default: String(SIZES.latents) },
    build: { type: "boolean", default: false },
  },
});
const sizes = {
  batch: Number(values.batch),
  hidden: Number(values.hidden),
  latents: Number(values.latents),
};

const print = (message: Hello | Block | Build) =>
  process.stdout.write(`${JSON.stringify(message)}\n`);

/** Steps in one call of the program: host code in between costs nothing that can be measured. */
const STEPS_PER_CALL = 4;

/** Runs `program` for at least `seconds`. */
function run(program: Program, seconds: number): Block {
  const start = performance.now();
  let steps = 0;
  do {
    program.run({ steps: STEPS_PER_CALL });
    steps += STEPS_PER_CALL;
  } while (performance.now() - start < 1000 * seconds);
  return { ms: (performance.now() - start) / steps, steps };
}

const { version } = JSON.parse(
  readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
);

async function serve(): Promise<void> {
  const vae = values.workload === "vae";
  const check = vae ? vaeCheck(sizes) : undefined;
  const program = vae ? vaeProgram(sizes) : gemmProgram(sizes);
  run(program, 0.3);
  print({ ready: true, version, threads: 1, ...(check && { check }) });
  for await (const line of createInterface({ input: process.stdin })) {
    const message = request.parse(JSON.parse(line));
    if ("quit" in message) break;
    print(run(program, message.run.seconds));
  }
}

if (values.build) print(timeBuild(sizes));
else await serve();
