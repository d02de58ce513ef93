/** `npm run bench -- race`: how long variational fits take to a right answer, beside other libraries. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Command } from "commander";
import { z } from "zod";
import { printTable } from "../../src/cli/terminal/table.ts";
import { shortNumber } from "../../src/cli/terminal/text.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { POSTERIORS } from "../../test/inference/mcmc/posteriordb/models.ts";
import type { KnownModel } from "../../test/methods/known.ts";
import { errorsOf } from "../../test/methods/measure.ts";
import { MODELS } from "../../test/methods/models.ts";
import { surmiseCommand } from "./commands.ts";
import { FOLDER, interpreters } from "./peers.ts";
import { type Errors, isRight } from "./raceRule.ts";

/** How one fit went. */
interface Row {
  readonly model: string;
  readonly peer: string;
  /** Until the answer is right and stays so, without compiling; none where that is never. */
  readonly seconds?: number;
  /** The same, compiling included. */
  readonly withCompile?: number;
  /** How it ended. */
  readonly end: string;
}

/** What surmise's worker says, of a `Row` of `measure`. */
const ourFit = z.object({
  seconds: z.number(),
  warmSeconds: z.number(),
  refusal: z.string().optional(),
  error: z.number().nullish(),
  ratios: z.tuple([z.number().nullable(), z.number().nullable()]).optional(),
  warnings: z.array(z.string()).default([]),
});

const moment = z
  .number()
  .nullable()
  .transform((x) => x ?? Number.NaN);

/** What the worker of a peer says: moments as the fit goes on. */
const theirFit = z.object({
  compileSeconds: z.number(),
  checkpoints: z.array(
    z.object({
      steps: z.number(),
      seconds: z.number(),
      moments: z.record(z.string(), z.tuple([moment, moment])),
    }),
  ),
});

const OPTIMIZERS = ["adam", "dowg"] as const;

interface Options {
  readonly peers?: boolean;
  readonly json?: boolean;
}

/** The command. */
export function raceCommand(): Command {
  return new Command("race")
    .description("time variational fits of the models of posteriordb until their answers are right")
    .argument("[model]", "a model of posteriordb; all that are in SURMISE_DATA unless given")
    .option("--peers", "beside NumPyro, if it is installed")
    .option("--json", "print the result as JSON")
    .action(async (model: string | undefined, { peers, json }: Options) => {
      const rows: Row[] = [];
      for (const name of modelsNamed(model)) {
        const raced = [await ours(name)];
        if (peers)
          for (const optimizer of OPTIMIZERS) raced.push(...(await theirs(name, optimizer)));
        rows.push(...raced);
        if (!json) process.stdout.write(`${describe(raced)}\n\n`);
      }
      if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
    });
}

function modelsNamed(name: string | undefined): string[] {
  const known = Object.keys(POSTERIORS).filter((model) => Object.hasOwn(MODELS, model));
  if (known.length === 0) {
    throw new SurmiseError("there is no folder posteriordb in the folder that SURMISE_DATA names");
  }
  if (name === undefined) return known;
  if (known.includes(name)) return [name];
  throw new SurmiseError(`there is no model '${name}'; there are ${known.join(", ")}`);
}

/** In a process of its own, with an empty cache of native programs. */
async function ours(model: string): Promise<Row> {
  const cache = mkdtempSync(join(tmpdir(), "surmise-race-"));
  const { command, arguments: own } = surmiseCommand();
  const worker = fileURLToPath(new URL("./raceWorker.ts", import.meta.url));
  try {
    const said = await answer(command, [...own.slice(0, -1), worker, model], cache);
    const fit = ourFit.parse(said);
    const { seconds: withCompile, warmSeconds: seconds, refusal, warnings } = fit;
    const row = { model, peer: "surmise" };
    if (refusal !== undefined) return { ...row, end: `refused: ${refusal}` };
    const end = `${errorText(fit)}${warnings.length > 0 ? ", with a warning" : ""}`;
    if (isRight(fit)) return { ...row, seconds, withCompile, end };
    return { ...row, end: `${end}; wrong after ${shortNumber(seconds, 3)} s` };
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
}

/** None where NumPyro is not installed. */
async function theirs(model: string, optimizer: (typeof OPTIMIZERS)[number]): Promise<Row[]> {
  const folder = join(process.env.SURMISE_DATA ?? "", "posteriordb");
  const options = { folder, model, optimizer };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const peer = `numpyro-${optimizer}`;
  for (const python of interpreters()) {
    const said = await answer(python, [join(FOLDER, "numpyro_vi.py"), ...flags]);
    if (Object.hasOwn(said, "missing")) continue;
    const { moments = {} } = MODELS[model];
    return [{ model, peer, ...judged(theirFit.parse(said), moments) }];
  }
  process.stderr.write(`without ${peer}: pip install -r bench/requirements.txt\n`);
  return [];
}

/** Right from the first checkpoint after which none is wrong. */
export function judged(
  { compileSeconds, checkpoints }: z.infer<typeof theirFit>,
  known: NonNullable<KnownModel["moments"]>,
): Pick<Row, "seconds" | "withCompile" | "end"> {
  const errors = checkpoints.map(({ moments }) => {
    const found = Object.entries(moments).map(
      ([name, [mean, sd]]) => [name, { mean, sd }] as const,
    );
    return errorsOf(new Map(found), known);
  });
  const right = errors.map(isRight);
  const last = errors.length - 1;
  const wrong = right.lastIndexOf(false);
  const end = `${errorText(errors[last])}, ${checkpoints[last].steps} steps`;
  if (wrong === last) {
    const first = checkpoints[right.indexOf(true)];
    if (first === undefined) return { end };
    return { end: `${end}; right at times, first after ${shortNumber(first.seconds, 3)} s` };
  }
  const { seconds, steps } = checkpoints[wrong + 1];
  return { seconds, withCompile: seconds + compileSeconds, end: `${end}; right from ${steps}` };
}

/** The object that a worker prints last. */
async function answer(command: string, flags: readonly string[], cache?: string): Promise<object> {
  const env = { ...process.env, ...(cache !== undefined && { SURMISE_CACHE: cache }) };
  try {
    const { stdout } = await promisify(execFile)(command, flags, { env, maxBuffer: 2 ** 26 });
    return JSON.parse(stdout.trim().split("\n").at(-1) as string);
  } catch (cause) {
    const { message, stderr = "" } = cause as Error & { readonly stderr?: string };
    const reason = stderr.trim().split("\n").at(-1);
    throw new SurmiseError(`${flags.at(-1)}: ${reason || message}`);
  }
}

function errorText({ error, ratios }: Errors): string {
  const short = (x: number | null | undefined) => shortNumber(x ?? Number.NaN, 2);
  const [least, most] = ratios ?? [];
  return `means off by ${short(error)} sd at most, sds ${short(least)} to ${short(most)} of the right ones`;
}

function describe(rows: readonly Row[]): string {
  const seconds = (x: number | undefined) => (x === undefined ? "never" : shortNumber(x, 3));
  const cells = rows.map(({ peer, seconds: s, withCompile, end }) => {
    return [peer, seconds(s), seconds(withCompile), end];
  });
  return `${rows[0].model}: seconds until right\n\n${printTable(["peer", "s", "with compiling", "at the end"], cells)}`;
}
