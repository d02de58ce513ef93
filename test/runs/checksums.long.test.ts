/** One changed bit in any file that is written and read back: it is seen, and told by name or made again. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { explainError } from "../../src/cli/errors.ts";
import { readStudy, runStudy } from "../../src/experiments/index.ts";
import { constant, type Model, model, normal, SurmiseError } from "../../src/index.ts";
import { vcd } from "../../src/papers/index.ts";
import {
  type ModelFile,
  modelConfig,
  modelFiles,
  readLoo,
  type TableConfig,
  tableConfig,
} from "../../src/problems/index.ts";
import { outputRows, type RunEvent, readTensors } from "../../src/runs/index.ts";
import {
  libraryFor,
  libraryNamed,
  readSealed,
  writeSealed,
} from "../../src/runtime/native/cache.ts";
import { native } from "../../src/runtime/native/executable.ts";
import { cachedToolchain } from "../../src/runtime/native/remembered.ts";
import { driveTable } from "../problems/runs.ts";
import { temporaryCache } from "../runtime/cache.ts";
import { temporaryFolders } from "./folders.ts";

const FLIPS = 50;
const newFolder = temporaryFolders();

/** Places of bits, the same in each run of the test, the first and the last of the file among them. */
function bitsOf(bytes: Uint8Array): number[] {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const all = 8 * bytes.length;
  return [0, all - 1, ...Array.from({ length: FLIPS - 2 }, () => Math.floor(random() * all))];
}

/** Runs `check` with each of the bits changed, and puts the file back. */
async function withFlips(path: string, check: (bit: number) => unknown): Promise<void> {
  const bytes = readFileSync(path);
  for (const bit of bitsOf(bytes)) {
    const changed = Uint8Array.from(bytes);
    changed[bit >> 3] ^= 1 << (bit & 7);
    writeFileSync(path, changed);
    await check(bit);
    writeFileSync(path, bytes);
  }
}

/** Each change is told by the name of the file, and as it was it is read. */
async function refusesFlips(path: string, read: () => Promise<unknown>): Promise<void> {
  await withFlips(path, async (bit) => {
    const error = await read().then(
      () => `bit ${bit} of ${path} was not seen`,
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(SurmiseError);
    expect(error.message).toContain(path);
    expect(explainError(error, new Command()).code).toBe(2);
  });
  await read();
}

const file: ModelFile = {
  model: model(({ sample, observe }) => {
    observe("y", normal(sample("z", normal(0, 1)), 1), constant(3));
  }) as Model<unknown, unknown>,
  data: undefined,
  sources: { "the model": "0123456789abcdef" },
};
const config = modelConfig({
  model: "model.ts",
  steps: 40,
  recordEvery: 10,
  draws: 10,
  predict: true,
});

function resume(folder: string, settings: TableConfig = config) {
  const events: RunEvent[] = [];
  const outcome = driveTable(folder, settings, file, {
    mode: "resume",
    onEvent: (e) => events.push(e),
  });
  const warnings = () =>
    events.flatMap((e) => (e.kind === "warning" && /damaged/.test(e.message) ? [e.message] : []));
  return { outcome, warnings };
}

describe("a changed bit in the folder of a run", () => {
  const folder = newFolder();
  const files = modelFiles(folder, undefined, true);
  /** A copy without its result: an interrupted run. */
  const unfinished = newFolder();
  const begun = modelFiles(unfinished);
  beforeAll(async () => {
    await driveTable(folder, config, file);
  });
  beforeEach(() => {
    cpSync(folder, unfinished, { recursive: true });
    rmSync(begun.result);
  });

  const told: readonly [name: string, path: string, read: () => Promise<unknown>][] = [
    ["run.json", files.run, () => resume(folder).outcome],
    ["result.json", files.result, () => resume(folder).outcome],
    ["the checkpoint", begun.checkpoint, () => resume(unfinished).outcome],
    ["the weights", files.weights, () => readTensors(files.weights)],
    ["the draws", join(folder, "draws.parquet"), () => outputRows(folder, "draws.parquet")],
    ["leave-one-out", join(folder, "loo.parquet"), () => readLoo(folder)],
    ["result.json, where it is compared", files.result, () => readLoo(folder)],
  ];
  test.each(told)("%s: refused by name, exit code 2", async (_, path, read) => {
    await refusesFlips(path, read);
  });

  test("the checkpoint of chains: refused by name, exit code 2", async () => {
    const chains = tableConfig({ model: "model.ts", method: "nuts", warmup: 100, draws: 20 });
    const folder = newFolder();
    await driveTable(folder, chains, file);
    const { result, checkpoint } = modelFiles(folder);
    rmSync(result);
    await refusesFlips(checkpoint, () => resume(folder, chains).outcome);
  });

  test.each(["metrics.jsonl", "result.json"])(
    "%s of a part of a paper: refused by name, exit code 2",
    async (name) => {
      const folder = newFolder();
      const plans = (await vcd.paper.plans(["toys"], "smoke")).slice(0, 1);
      await runStudy({ plans, folder });
      await refusesFlips(join(folder, plans[0].folder, name), () => readStudy({ plans, folder }));
    },
  );

  test("metrics.jsonl: told by file and line, and the run goes on", async () => {
    const summary = JSON.parse(readFileSync(files.result, "utf8")).summary;
    const checkpoint = readFileSync(begun.checkpoint);
    await withFlips(begun.metrics, async (bit) => {
      const lines = readFileSync(begun.metrics).subarray(0, bit >> 3);
      const { outcome, warnings } = resume(unfinished);
      const found = await outcome;
      if (found.kind !== "finished") throw new Error(found.kind);
      expect(found.result.summary).toEqual(summary);
      expect(warnings().length).toBe(1);
      const line = lines.filter((byte) => byte === 10).length + 1;
      expect(warnings()[0]).toMatch(`'${begun.metrics}': damaged or missing: line`);
      expect(warnings()[0]).toMatch(new RegExp(`lines? .*\\b${line}\\b.*; the run goes on`));
      rmSync(begun.result);
      writeFileSync(begun.checkpoint, checkpoint);
    });
  });

  test.each(["{}", "null", "[]", "1", "", '{"checksum": "0000000000000000"}', "\u0000".repeat(20)])(
    "%j in the place of a file",
    async (content) => {
      for (const path of [files.result, files.run]) {
        const before = readFileSync(path);
        writeFileSync(path, content);
        await expect(resume(folder).outcome).rejects.toThrow(
          new RegExp(`^'${path}' is damaged or was changed: .*; (remove it|begin a new run)`),
        );
        writeFileSync(path, before);
      }
    },
  );

  test("lines that are missing are told too", async () => {
    const before = readFileSync(begun.metrics, "utf8");
    writeFileSync(begun.metrics, before.split("\n").slice(0, 2).join("\n"));
    const { outcome, warnings } = resume(unfinished);
    await outcome;
    expect(warnings()[0]).toContain("damaged or missing: lines 2, 3, 4; the run goes on");
  });
});

const found = native();
describe.skipIf(typeof found === "string")("a changed bit in the cache of native code", () => {
  const cache = temporaryCache();
  if (typeof found === "string") return;
  const { node, toolchain } = found;

  test("compiler.json: made again", async () => {
    expect(cachedToolchain(node)).toEqual(toolchain);
    const path = join(cache, "threads", "compiler.json");
    const before = readFileSync(path);
    await withFlips(path, () => {
      expect(cachedToolchain(node)).toEqual(toolchain);
      expect(readFileSync(path)).toEqual(before);
    });
  });

  test("a record of a program: not taken", async () => {
    const path = join(cache, "record.json");
    writeSealed(path, { name: "one", bytes: 64, held: [{ name: "x", offset: 0 }] }, node);
    await withFlips(path, (bit) => expect(readSealed(path, node), `bit ${bit}`).toBe(undefined));
    expect(readSealed(path, node)).toMatchObject({ bytes: 64 });
  });

  test.each(["so", "sha256"])("a library (.%s): not taken", async (ending) => {
    const library = libraryFor("int one(void) { return 1; }", "programs", toolchain, node);
    const name = node.path.basename(library, ".so");
    expect(libraryNamed(name, "programs", node)).toBe(library);
    await withFlips(library.replace(/so$/, ending), () => {
      expect(libraryNamed(name, "programs", node)).toBe(undefined);
    });
    expect(readdirSync(join(cache, "programs")).length).toBe(2);
  });
});
