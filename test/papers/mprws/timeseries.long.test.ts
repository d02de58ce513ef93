/** The claims that the paper's time series are for, against Kalman's filter and a dense covariance. */
import { describe, expect, test } from "vitest";
import {
  type Algorithm,
  bound,
  type ChainOrder,
  compileAlgorithm,
  massivelyParallel,
} from "../../../src/inference/internal.ts";
import { draw, paramStore, trace } from "../../../src/model/index.ts";
import { mprws } from "../../../src/papers/index.ts";
import { estimatesOf } from "../../../src/papers/mprws/estimates.ts";
import { kalman, type Series } from "../../../src/papers/mprws/problems/kalman.ts";
import { drive } from "../../../src/runs/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { key } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, values } from "../../distributions/values.ts";
import { logNormal } from "../../inference/hierarchy.ts";
import { temporaryFolders } from "../../runs/folders.ts";

const newFolder = temporaryFolders();
const once = mprws.finalObservation();
const often = mprws.everyThirdObserved();
const both = [once, often].map((problem) => [problem.title, problem] as const);

describe("Kalman's filter", () => {
  /** log p(seen), from the covariances of the states: keep^(t-s) var(x_s), for s before t. */
  function dense({ seen, keep, step, start }: Series): number {
    const variances = seen.map(
      (_, t) =>
        keep ** (2 * t) * start ** 2 +
        Array.from({ length: t }, (_, i) => keep ** (2 * i) * step ** 2).reduce((a, b) => a + b, 0),
    );
    const places = seen.flatMap((y, t) => (y === undefined ? [] : [t]));
    const covariance = places.map((s) =>
      places.map((t) => keep ** Math.abs(t - s) * variances[Math.min(s, t)] + (s === t ? 1 : 0)),
    );
    return logNormal(
      places.map((t) => seen[t] as number),
      covariance,
    );
  }

  test("the evidence is that of the dense normal distribution", () => {
    const seen = [1.2, undefined, undefined, -0.4, 2.2, 0.9, undefined];
    const series = { seen, keep: 0.9, step: 0.6, start: 1.5 };
    expect(kalman(series).logEvidence).toBeCloseTo(dense(series), 12);
  });

  test("seen once: of a state with variance 1 and its noise", () => {
    expect(once.logEvidence).toBeCloseTo(-0.5 * Math.log(4 * Math.PI) - 16 / 4, 12);
  });

  test("seen often: every third state, the same observations each time", () => {
    const { observed } = trace(often.model, undefined, draw(key(0)), paramStore());
    const seen = [...values(observed[0].value)].map((y, t) => (t % 3 === 2 ? y : undefined));
    const [keep, sd] = [4 / 5, Math.sqrt(2 / 5)];
    const series = { seen, keep, step: sd, start: sd };
    expect(new Set(seen.filter((y) => y !== undefined)).size).toBe(10);
    expect(often.logEvidence).toBeCloseTo(dense(series), 10);
    expect(mprws.everyThirdObserved().logEvidence).toBe(often.logEvidence);
  });
});

/** Estimates of the log evidence. */
function estimates(
  problem: mprws.ExactProblem,
  strategy: mprws.Strategy,
  particles: number,
  repetitions: number,
): number[] {
  const { algorithm } = estimatesOf(problem, { strategy, particles, repetitions, seed: 1 });
  const program = compileAlgorithm(algorithm as Algorithm);
  return Array.from({ length: repetitions }, () => program.run()["#metric bound"].data[0]);
}

const meanOf = (...of: Parameters<typeof estimates>) => meanAndError(estimates(...of));
type Mean = ReturnType<typeof meanAndError>;
const error = (a: Mean, b: Mean) => Math.hypot(a.error, b.error);

test("seen once: coupled particles are as good as global ones, those of TMC are not", () => {
  const [mp, global, tmc] = (["mp", "global", "tmc"] as const).map((s) =>
    meanOf(once, s, 10, 1000),
  );
  expect(Math.abs(mp.mean - global.mean)).toBeLessThan(FIVE_SIGMA * error(mp, global));
  for (const better of [mp, global]) {
    expect(better.mean - tmc.mean).toBeGreaterThan(FIVE_SIGMA * error(better, tmc));
  }
});

test.each([3, 10])("seen often: coupled particles are the best where there are %i", (k) => {
  const [mp, global, tmc] = (["mp", "global", "tmc"] as const).map((s) =>
    meanOf(often, s, k, 1000),
  );
  for (const worse of [global, tmc]) {
    expect(mp.mean - worse.mean).toBeGreaterThan(FIVE_SIGMA * error(mp, worse));
  }
});

describe.each(both)("%s", (_, problem) => {
  const { logEvidence } = problem;

  test("many coupled particles come to Kalman's answer", () => {
    const [few, many] = [meanOf(problem, "mp", 10, 300), meanOf(problem, "mp", 100, 100)];
    expect(Math.abs(many.mean - logEvidence)).toBeLessThan(0.2 + FIVE_SIGMA * many.error);
    expect(logEvidence - few.mean).toBeGreaterThan(3 * Math.abs(logEvidence - many.mean));
  });

  test.each([
    ["mp", 30],
    ["tmc", 30],
    ["global", 1000],
  ] as const)("%s, K=%i: the estimate of the evidence has no bias", (strategy, k) => {
    const ratios = estimates(problem, strategy, k, 1000).map((b) => Math.exp(b - logEvidence));
    const { mean, error } = meanAndError(ratios);
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeLessThan(0.1);
  });

  test.each([2, 3, 5])("K=%i: log depth gives what going step by step gives", (k) => {
    const { model, guide } = problem;
    const particles = massivelyParallel(k);
    const by = (chains: ChainOrder) => {
      const pair = { model, guide, data: undefined, parameters: paramStore() };
      return bound({ ...pair, key: key(4), particles, gradient: "none", chains }).bound;
    };
    const outputs = { sequential: by("sequential"), logDepth: by("logDepth") };
    const { sequential, logDepth } = compile({ outputs }, { steps: 1 }).run();
    expect(logDepth.data[0]).toBeCloseTo(sequential.data[0], 9);
  });
});

test("a cell that was interrupted goes on to the same estimates, which become a row", async () => {
  const config = { strategy: "mp" as const, particles: 4, repetitions: 20, seed: 0 };
  const keep = (folder: string, more: object = {}) =>
    drive({
      ...{ folder, config, kind: "cell", mode: "either" },
      load: async () => ({
        sources: {},
        source: "the data",
        open: () => estimatesOf(often, config),
      }),
      ...more,
    });
  const whole = await keep(newFolder());
  if (whole.kind !== "finished") throw new Error(whole.kind);
  const { result } = whole;
  expect(new Set(result.bounds).size).toBe(20);

  const folder = newFolder();
  const controller = new AbortController();
  const onEvent = ({ step }: { step: number }) => step === 7 && controller.abort();
  const first = await keep(folder, { onEvent, signal: controller.signal });
  expect(first).toEqual({ kind: "interrupted", step: 7 });
  expect(await keep(folder)).toMatchObject({ result: { bounds: result.bounds } });

  const { title } = often;
  const rows = mprws.rowsOf([{ title, config, result }]);
  const { mean, error } = meanAndError(result.bounds);
  const bound = { mean: expect.closeTo(mean, 12), error: expect.closeTo(error, 12) };
  expect(rows).toMatchObject([{ runs: 20, bound, exact: often.logEvidence }]);
  const table = mprws.paper.table(rows);
  expect(table.columns).not.toContain("test predictive log likelihood (nats)");
  expect(table.rows[0].slice(0, -1)).toEqual([
    ...[title, "massively parallel", 4, 20],
    `${mean.toFixed(2)} ± ${error.toFixed(2)}`,
    often.logEvidence.toFixed(2),
  ]);
});
