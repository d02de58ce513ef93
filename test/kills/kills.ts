/** Fits that are killed at any moment, and what they come to when they are resumed. */
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout } from "node:timers/promises";
import { modelFiles } from "../../src/problems/index.ts";
import { begin } from "../cli/command.ts";

const MODEL = `import { axis, model, normal, tensor } from "surmise";
const k = axis("k", 200);
const y = tensor(Array.from({ length: 200 }, (_, i) => Math.sin(i)), [k]);
export default model(({ sample, observe, plate }) => {
  const m = sample("m", normal(0, 1));
  plate(k, () => {
    const z = sample("z", normal(m, 1));
    observe("y", normal(z, 1), y);
  });
});
`;
const WORDS = "--steps 1000 --record-every 100 --draws 50".split(" ");
/** Files that hold times. */
const TIMED = ["run.json", "result.json", "checkpoint.safetensors", "report.html"];

/** What became of a kill. */
export interface Kill {
  /** When the process was killed, in words. */
  readonly when: string;
  /** Nothing if the resumed run ended as the one that was never killed, with no file more. */
  readonly fault: string | undefined;
}

/**
 * Kills fits, and fits that resume, `count` times, each at a random moment or at a random change of the folder; each
 * is then resumed to its end and compared with a fit that was never killed.
 */
export async function* kills(
  count: number,
  random: () => number = Math.random,
): AsyncGenerator<Kill> {
  const folder = mkdtempSync(join(tmpdir(), "surmise-kills-"));
  try {
    const model = join(folder, "model.ts");
    writeFileSync(model, MODEL);
    const start = (out: string) => [
      "fit",
      model,
      ...WORDS,
      "--out",
      out,
      "--checkpoint-every",
      "0",
    ];
    const resume = (out: string) => ["fit", "--resume", out, "--checkpoint-every", "0"];
    const whole = join(folder, "whole");
    const { changes, milliseconds } = await measured(start(whole), whole);
    const right = contents(whole);
    for (let i = 0; i < count; i++) {
      const out = join(folder, `run-${i}`);
      // Every third is killed a second time, while it is resumed.
      const times = i % 3 === 2 ? 2 : 1;
      const whens: string[] = [];
      for (let time = 0; time < times; time++) {
        const words = existsSync(modelFiles(out).run) ? resume(out) : start(out);
        if (existsSync(out) && words.includes("--out")) rmSync(out, { recursive: true });
        whens.push(
          random() < 0.5
            ? await killedAfter(words, out, Math.floor(random() * milliseconds))
            : await killedAtChange(words, out, 1 + Math.floor(random() * changes)),
        );
      }
      const begun = existsSync(modelFiles(out).run);
      if (!begun) rmSync(out, { recursive: true, force: true });
      const { code, stderr } = await begin(begun ? resume(out) : start(out)).ended;
      const fault = code === 0 ? difference(right, contents(out)) : `exit ${code}: ${stderr}`;
      yield { when: whens.join(", then "), fault };
      rmSync(out, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many changes of its folder a fit makes, and for how long. */
async function measured(words: readonly string[], out: string) {
  const { process: child, ended } = begin(words);
  const exited = once(child, "exit");
  await appearance(out, exited);
  const since = performance.now();
  let changes = 0;
  const watcher = watch(out, { recursive: false }, () => changes++);
  const { code, stderr } = await ended;
  watcher.close();
  if (code !== 0) throw new Error(stderr);
  return { changes, milliseconds: performance.now() - since };
}

async function killedAfter(words: readonly string[], out: string, milliseconds: number) {
  const { process: child, ended } = begin(words);
  const exited = once(child, "exit");
  await appearance(out, exited);
  await Promise.race([setTimeout(milliseconds), exited]);
  child.kill("SIGKILL");
  await ended;
  return `${milliseconds} ms after its folder was there`;
}

async function killedAtChange(words: readonly string[], out: string, change: number) {
  const { process: child, ended } = begin(words);
  await appearance(out, once(child, "exit"));
  if (!existsSync(out)) throw new Error((await ended).stderr);
  let seen = 0;
  let last = "";
  const watcher = watch(out, (_, name) => {
    seen++;
    last = `${name}`;
    if (seen >= change) child.kill("SIGKILL");
  });
  await ended;
  watcher.close();
  return `at change ${seen} of its folder, of ${last}`;
}

async function appearance(folder: string, exited: Promise<unknown>): Promise<void> {
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  while (!existsSync(folder) && !gone) await setTimeout(2);
}

/** The content of each file of a folder but for those that hold times. */
function contents(folder: string): ReadonlyMap<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) =>
    join(folder, name),
  );
  return new Map(
    files
      .filter((file) => statSync(file).isFile())
      .map((file) => relative(folder, file))
      .sort()
      .map((name) => [
        name,
        TIMED.includes(name) ? Buffer.alloc(0) : readFileSync(join(folder, name)),
      ]),
  );
}

function difference(
  right: ReadonlyMap<string, Buffer>,
  found: ReadonlyMap<string, Buffer>,
): string | undefined {
  const more = [...found.keys()].filter((name) => !right.has(name));
  const other = [...right]
    .filter(([name, bytes]) => !found.get(name)?.equals(bytes))
    .map(([name]) => name);
  if (more.length === 0 && other.length === 0) return undefined;
  return `left over: ${more.join(", ") || "nothing"}; different: ${other.join(", ") || "nothing"}`;
}
