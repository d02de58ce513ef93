/** From a model and data to posterior draws in two calls, blocking and not. */
import { describe, expect, test } from "vitest";
import { normal } from "../../src/distributions/index.ts";
import { prepareInTurns } from "../../src/inference/fitting/prepare.ts";
import {
  type Fit,
  fitting,
  type MethodName,
  samplePosterior,
  summarise,
  fit as train,
} from "../../src/inference/index.ts";
import { model } from "../../src/model/index.ts";
import { axis, tensor } from "../../src/tensor/index.ts";

const row = axis("row", 4);
const y = tensor(Float32Array.of(28, 8, -3, 7), [row]);
const error = tensor(Float32Array.of(15, 10, 16, 11), [row]);

/** A mean of four measurements: a conjugate model. */
const one = model(({ sample, observe, plate }) => {
  const z = sample("z", normal(0, 5));
  plate(row, () => observe("y", normal(z, error), y));
});
const precision = [15, 10, 16, 11].reduce((total, sd) => total + 1 / sd ** 2, 1 / 25);
const exact = {
  mean: [28, 8, -3, 7].reduce((sum, at, i) => sum + at / [15, 10, 16, 11][i] ** 2, 0) / precision,
  sd: Math.sqrt(1 / precision),
};
const options = { model: one, data: undefined, steps: 1500, seed: 1 };

describe("a fit goes straight into samplePosterior", () => {
  test.each<MethodName>(["vi", "iwae", "mp", "laplace"])("by %s", (method) => {
    const [z] = summarise(samplePosterior(train({ ...options, method }), { draws: 2000, seed: 2 }));
    // Four standard errors of the mean and of the sd of so many draws, or of those they are worth.
    const worth = z.ess ?? 2000;
    expect(Math.abs(z.mean - exact.mean)).toBeLessThan((4.5 * exact.sd) / Math.sqrt(worth));
    expect(Math.abs(z.sd - exact.sd)).toBeLessThan((4.5 * exact.sd) / Math.sqrt(2 * worth));
  });

  test("a point is the mode, without an evidence", () => {
    const found = samplePosterior(train({ ...options, method: "map" }));
    expect(found.draws).toBe(1);
    expect(found.sites.z.data[0]).toBeCloseTo(exact.mean, 2);
    expect(found.logEvidence).toBeUndefined();
  });
});

test("fitting gives other work its turn, tells its progress, and ends with the same bits", async () => {
  const whole = train({ ...options, steps: 200 });
  let last: Fit<undefined> | undefined;
  let records = 0;
  for await (const event of fitting({ ...options, steps: 200, records: 10 })) {
    if (event.kind === "record") records++;
    if (event.kind === "finished") last = event.fit;
  }
  expect(records).toBe(10);
  expect(last?.parameters).toEqual(whole.parameters);
});

test("a signal ends a fit early, with what there is by then", () => {
  const controller = new AbortController();
  const ended = train({
    ...options,
    steps: 1e9,
    records: 1e8,
    signal: controller.signal,
    onProgress: ({ step }) => {
      if (step >= 100) controller.abort();
    },
  });
  expect(ended.bounds.at(-1)?.step).toBeLessThan(1e9);
  expect(Number.isFinite(samplePosterior(ended, { draws: 10 }).sites.z.data[0])).toBe(true);
});

describe("before training", () => {
  test("a start is looked for in many turns", () => {
    const turns = [...prepareInTurns({ ...options, method: "vi" })].length;
    // Ascents and the search for other modes.
    expect(turns).toBeGreaterThan(10);
  });

  test("a signal ends fitting without a fit", async () => {
    const events = fitting({ ...options, signal: AbortSignal.abort() });
    await expect(events.next()).rejects.toThrow("before training had begun");
  });
});
