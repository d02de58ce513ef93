import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type ImageResult, imageConfig } from "../../src/problems/index.ts";
import {
  type Finished,
  type Interrupted,
  type RunEvent,
  readTensors,
  runFiles,
} from "../../src/runs/index.ts";
import { sealedJson } from "../../src/runtime/internal.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { npy, npyHeader } from "../data/fixtures.ts";
import { temporaryFolders } from "../runs/folders.ts";
import { resumeImages as resume, startImages as start } from "./runs.ts";
import { TINY, tinyConfig } from "./tiny.ts";

const newFolder = temporaryFolders();

/** Stops the run after the first event that `when` accepts. */
function stopper(when: (event: RunEvent) => boolean) {
  const controller = new AbortController();
  const onEvent = (event: RunEvent) => {
    if (when(event)) controller.abort(new Error("stop"));
  };
  return { signal: controller.signal, onEvent };
}

const atStep = (step: number) => (event: RunEvent) => "step" in event && event.step >= step;

/** What must not depend on interruptions. */
const outcome = (folder: string) => {
  const { weights, metrics, result } = runFiles(folder);
  return {
    weights: readFileSync(weights),
    metrics: readFileSync(metrics, "utf8"),
    scores: JSON.parse(readFileSync(result, "utf8")).metrics,
  };
};

function finished(found: Finished<ImageResult> | Interrupted) {
  if (found.kind !== "finished") throw new Error(`the run is ${found.kind}`);
  return found;
}

describe("a new run", () => {
  test("trains, and leaves a whole folder", async () => {
    const folder = newFolder();
    const events: RunEvent[] = [];
    const found = finished(await start(folder, tinyConfig(), { onEvent: (e) => events.push(e) }));
    expect(readdirSync(folder).sort()).toEqual(
      Object.values(runFiles(""))
        .map((name) => name)
        .sort(),
    );
    const { metrics, speed } = found.result;
    const files = runFiles(folder);
    expect(metrics.test.elbo).toBeLessThan(0);
    expect(metrics.train.elbo).toBeLessThan(0);
    expect(metrics.test.nll).toBeGreaterThan(0);
    expect(speed.samplesPerSecond).toBeGreaterThan(0);
    expect(readFileSync(files.report, "utf8")).toContain("The plane of two latents");

    const lines = readFileSync(files.metrics, "utf8").trim().split("\n");
    const records = lines.map((line) => JSON.parse(line));
    expect(records.map(({ step }) => step)).toEqual([10, 20, 30, 40, 50, 60]);
    expect(records[5]).toEqual({
      step: 60,
      images: 600,
      train: { bound: expect.any(Number) },
      test: { bound: expect.any(Number) },
      checksum: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    const kinds = new Set(events.map(({ kind }) => kind));
    expect(kinds).toEqual(
      new Set(["compiling", "compiled", "progress", "record", "checkpoint", "score"]),
    );
  });

  test("the bound becomes better", async () => {
    const folder = newFolder();
    const config = tinyConfig({ steps: 300, lr: 0.01, recordEvery: 10 });
    const { result } = finished(await start(folder, config));
    const [first] = readFileSync(runFiles(folder).metrics, "utf8").split("\n");
    const { train, test } = result.metrics;
    expect(train.elbo).toBeGreaterThan(JSON.parse(first).train.bound + 100);
    expect(test.elbo).toBeGreaterThan(JSON.parse(first).train.bound + 100);
  });

  test("same settings, same bits, watched or not; another seed, others", async () => {
    const [watched, alone, other] = [newFolder(), newFolder(), newFolder()];
    await start(watched, tinyConfig(), { onEvent: () => {}, checkpointEvery: 0 });
    await start(alone, tinyConfig(), { checkpointEvery: 1000 });
    await start(other, tinyConfig({ seed: 2 }));
    expect(outcome(alone)).toEqual(outcome(watched));
    expect(outcome(other).weights).not.toEqual(outcome(watched).weights);
  });

  test.each([
    ["averaged draws", { averageDraws: 2 }],
    ["importance-weighted draws", { particles: 3 }],
    ["the sampled divergence", { kl: "sampled" }],
    ["grey values", { decoder: "gaussian" }],
    ["adagrad", { optimizer: "adagrad" }],
    ["sgd", { optimizer: "sgd" }],
    ["a prior on the weights", { decay: true }],
    ["a divergence that counts more and more", { beta: 4, betaWarmup: 5 }],
    ["a rate that rises, then falls along a cosine", { rates: "cosine", lrWarmup: 3 }],
  ] as const)("trains with %s", async (_, settings) => {
    const { result } = finished(await start(newFolder(), tinyConfig({ ...settings, steps: 10 })));
    expect(Number.isFinite(result.metrics.test.nll)).toBe(true);
  });

  test("the weights name their axes", async () => {
    const folder = newFolder();
    await start(folder, tinyConfig({ steps: 1 }));
    const { tensors, metadata } = await readTensors(runFiles(folder).weights);
    expect(JSON.parse(metadata.axes)["decoder.hidden.weight"]).toEqual(["latent", "hidden"]);
    expect(tensors["decoder.hidden.weight"].shape).toEqual([2, 16]);
    expect(Object.keys(tensors).some((name) => name.includes("#"))).toBe(false);
  });

  test("refuses a folder that holds a run, or cannot be written", async () => {
    const folder = newFolder();
    await start(folder, tinyConfig({ steps: 1 }));
    await expect(start(folder, tinyConfig())).rejects.toThrow(
      new SurmiseError(
        `'${folder}' holds a run already: resume it, or choose another folder for a new one`,
      ),
    );
    const file = join(newFolder(), "file");
    writeFileSync(file, "");
    await expect(start(join(file, "run"), tinyConfig())).rejects.toThrow(
      /^cannot write '.*file.run' \(ENOTDIR.*\): choose a folder that can be written$/,
    );
  });
});

/** 100 points near a circle of radius 3 around (100, -50), each as a picture of one row. */
test("real numbers are fitted in their units", async () => {
  const folder = newFolder();
  const angle = (i: number) => i * 2.4;
  const points = Float64Array.from({ length: 200 }, (_, k) =>
    k % 2 === 0 ? 100 + 3 * Math.cos(angle(k >> 1)) : -50 + 0.3 * Math.sin(angle(k >> 1)),
  );
  const data = join(newFolder(), "points.npy");
  writeFileSync(data, npy(npyHeader("<f8", "(100, 2)"), points));
  const { trainImages, testImages, ...tiny } = TINY;
  const settings = {
    ...tiny,
    data,
    decoder: "real",
    steps: 600,
    lr: 0.01,
    recordEvery: 100,
  } as const;
  const { result } = finished(await start(folder, imageConfig(settings)));
  // Two normals with the mean and the sd of each column: log densities have the mean -2.04 nats.
  const normals = -Math.log(2 * Math.PI * Math.E) - Math.log(3 * 0.3) + Math.log(2);
  expect(result.metrics.test.elbo).toBeGreaterThan(normals - 0.7);
  expect(result.metrics.train.elbo).toBeLessThan(normals + 3);
});

describe("patience", () => {
  const config = tinyConfig({ patience: 2, lr: 0.5, steps: 400 });

  test("ends a run that gets no better on images left out, at the best, also if it was stopped", async () => {
    const [whole, folder] = [newFolder(), newFolder()];
    await start(whole, config);
    const lines = readFileSync(runFiles(whole).metrics, "utf8").trim().split("\n");
    const held = lines.map((line) => JSON.parse(line).held.bound as number);
    const best = held.indexOf(Math.max(...held));
    expect(held.length).toBe(best + 3);
    expect(held.length).toBeLessThan(40);

    await start(folder, config, stopper(atStep(10 * (best + 2))));
    await resume(folder);
    expect(outcome(folder)).toEqual(outcome(whole));

    const { tensors } = await readTensors(runFiles(whole).weights);
    const { tensors: last } = await readTensors(runFiles(whole).checkpoint);
    expect(last["#step"].data[0]).toBe(10 * held.length);
    expect(last["#best #step"].data[0]).toBe(10 * (best + 1));
    for (const [name, { data }] of Object.entries(tensors)) {
      expect(data).toEqual(last[`#best ${name}`].data);
    }
  });
});

describe("a run that is gone on with", () => {
  test("goes on to the same bits, wherever it was stopped", async () => {
    const whole = newFolder();
    await start(whole, tinyConfig());
    for (const step of [1, 20, 37, 60]) {
      const folder = newFolder();
      const first = await start(folder, tinyConfig(), stopper(atStep(step)));
      expect(first.kind).toBe("interrupted");
      const { kind } = await resume(folder);
      expect(kind).toBe("finished");
      expect(outcome(folder)).toEqual(outcome(whole));
    }
  });

  test("goes on after a stop while the model was judged", async () => {
    const [whole, folder] = [newFolder(), newFolder()];
    await start(whole, tinyConfig());
    const stop = stopper((event) => event.kind === "score" && event.what === "nll");
    expect(await start(folder, tinyConfig(), stop)).toEqual({ kind: "interrupted", step: 60 });
    expect(existsSync(runFiles(folder).result)).toBe(false);
    await resume(folder);
    expect(outcome(folder)).toEqual(outcome(whole));
  });

  test("goes on from an old checkpoint: later records and half a line are cut off", async () => {
    const [whole, folder] = [newFolder(), newFolder()];
    await start(whole, tinyConfig());
    await start(folder, tinyConfig(), stopper(atStep(20)));
    appendFileSync(
      runFiles(folder).metrics,
      '{"step":50,"images":500,"train":{"bound":1}}\n{"step":60,"ima',
    );
    await resume(folder);
    expect(outcome(folder)).toEqual(outcome(whole));
  });

  test("begins at the beginning where there is no checkpoint yet", async () => {
    const [whole, folder] = [newFolder(), newFolder()];
    await start(whole, tinyConfig());
    await start(folder, tinyConfig(), stopper(atStep(20)));
    rmSync(runFiles(folder).checkpoint);
    await resume(folder);
    expect(outcome(folder)).toEqual(outcome(whole));
  });

  test("tells the result of a finished run again", async () => {
    const folder = newFolder();
    const first = finished(await start(folder, tinyConfig()));
    const again = finished(await resume(folder, { given: { latents: 2, lr: 0.001 } }));
    expect(again.result).toEqual(first.result);
  });

  describe("refuses", () => {
    const stopped = async () => {
      const folder = newFolder();
      await start(folder, tinyConfig(), stopper(atStep(20)));
      return folder;
    };
    const edit = (path: string, from: string | RegExp, to: string) => {
      const text = readFileSync(path, "utf8");
      expect(text).toMatch(from);
      const { checksum: _, ...changed } = JSON.parse(text.replace(from, to));
      writeFileSync(path, sealedJson(changed, { createHash }, 2));
    };

    test("a folder without a run", async () => {
      const folder = newFolder();
      await expect(resume(folder)).rejects.toThrow(
        new SurmiseError(`there is no run in '${folder}': it has no run.json`),
      );
    });

    test("another configuration, with each difference", async () => {
      const folder = await stopped();
      const given = { latents: 3, hidden: 16, lr: 0.5, decay: true };
      await expect(resume(folder, { given, nameOf: (name) => `--${name}` })).rejects.toThrow(
        new SurmiseError(
          `'${folder}' holds a run of another configuration: --latents is 2 there and 3 here; ` +
            "--lr is 0.001 there and 0.5 here; --decay is false there and true here",
        ),
      );
      await expect(resume(folder, { given: { testImages: 5 } })).rejects.toThrow(
        "testImages is 50 there and 5 here",
      );
    });

    test("another build, unless forced", async () => {
      const folder = await stopped();
      edit(runFiles(folder).run, /"surmise": "[^"]*"/, '"surmise": "0.0.0"');
      await expect(resume(folder)).rejects.toThrow(
        /^'.*' was begun by surmise 0\.0\.0 on wasm, this is surmise .* on wasm: the run would not go on to the same bits; force it, set SURMISE_BACKEND to what it was, or begin a new run$/,
      );
      expect((await resume(folder, { force: true })).kind).toBe("finished");
    });

    test("other data of the same name", async () => {
      const folder = await stopped();
      edit(
        runFiles(folder).run,
        /"the training images": "[0-9a-f]{16}"/,
        '"the training images": "0123456789abcdef"',
      );
      await expect(resume(folder)).rejects.toThrow(
        new SurmiseError(
          `'${folder}' was not begun with what is here now (changed: the training images): put back what was there, or begin a new run`,
        ),
      );
    });

    test("a damaged checkpoint, and that of another run", async () => {
      const [folder, other] = [await stopped(), newFolder()];
      const { checkpoint } = runFiles(folder);
      const bytes = readFileSync(checkpoint);
      writeFileSync(checkpoint, bytes.subarray(0, bytes.length - 1));
      await expect(resume(folder)).rejects.toThrow(`${checkpoint}: not a whole safetensors file: `);
      await start(other, tinyConfig({ seed: 9 }), stopper(atStep(20)));
      writeFileSync(checkpoint, readFileSync(runFiles(other).checkpoint));
      await expect(resume(folder)).rejects.toThrow(
        new SurmiseError(`'${checkpoint}' is no checkpoint of the run that run.json describes`),
      );
    });

    test("a damaged run.json", async () => {
      const folder = await stopped();
      writeFileSync(runFiles(folder).run, "{");
      await expect(resume(folder)).rejects.toThrow(/^'.*run\.json' is damaged or was changed: /);
    });
  });
});

describe("a bound that is not finite", () => {
  test("keeps the last good state, from which the run meets the same error", async () => {
    const folder = newFolder();
    const config = tinyConfig({ optimizer: "sgd", lr: 1e10 });
    const where = runFiles(folder).checkpoint;
    const failed = await start(folder, config).catch((error: Error) => error);
    expect(failed).toBeInstanceOf(SurmiseError);
    const { message } = failed as SurmiseError;
    expect(message).toMatch(
      /^at step 2 the bound is NaN: site 'z': the sd of its normal is 0 at image \d, latent \d \(outside in \d+ of 20 elements\); it must be greater than 0 and finite\. Make it of what is so, such as exp\(\.\.\.\) or a halfNormal latent, or, if it went there by large steps, try a smaller learning rate\. /,
    );
    expect(message).toContain(`The last good state, of step 0, is kept in ${where}`);
    const { tensors } = await readTensors(where);
    expect(tensors["#step"].data[0]).toBe(0);
    await expect(resume(folder)).rejects.toThrow(new SurmiseError(message));
    expect(existsSync(runFiles(folder).result)).toBe(false);
  });
});
