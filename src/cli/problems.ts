/** What `fit` fits: a row for each kind of problem, with how its result is printed. */
import { resolve } from "node:path";
import { METHODS } from "../inference/index.ts";
import {
  evidenceText,
  formatsOf,
  type ImageConfig,
  type ImageResult,
  ImageTask,
  imagesProblem,
  isTraining,
  type ProblemKind,
  type TableConfig,
  type TableResult,
  tableProblem,
} from "../problems/index.ts";
import { FORMATS, type StepRecord, type Task } from "../runs/index.ts";
import { formatMetrics, formatPictures, formatPredictions, formatSummary } from "./format.ts";
import { isModelFile, loadModelFile } from "./modelFile/modelFile.ts";
import { buildModel, modelNamed } from "./models.ts";

/** From the root on; of nothing, which names no file, nothing. */
export function wholePath(path: string): string {
  return path === "" ? path : resolve(path);
}

/** A kind of problem as the command line shows it. */
export interface FitRow<Config extends object, Result, Line extends StepRecord> {
  /** The kind of problem. */
  readonly problem: ProblemKind<Config, Result, Line>;
  /** Settings as they are kept: checked as far as only the command line can, with whole paths. */
  prepare(given: object): object;
  /** The result for people; the task is there if it was run just now. */
  formatResult(finished: {
    readonly config: Config;
    readonly result: Result;
    readonly files: Readonly<Record<string, string>>;
    readonly task: Task<Result, Line> | undefined;
  }): string;
}

/** What is known of the draws as a whole, and the time it took. */
function formatQuality(result: TableResult): string {
  const compiled = `compiled in   ${result.speed.compileSeconds.toFixed(2)} s`;
  if ("divergences" in result) {
    const { chains, draws, divergences, seconds } = result;
    return [
      `draws         ${chains === 1 ? `${draws} of one chain` : `${draws} of each of ${chains} chains`}`,
      `divergences   ${divergences}`,
      compiled,
      `sampled in    ${seconds.toFixed(2)} s`,
    ].join("\n");
  }
  const { evidence, kHat } = result;
  const lines = [
    "worth" in result && `ESS           ${Math.round(result.worth)}`,
    evidence && `log evidence  ${evidenceText(evidence)}`,
    kHat !== undefined && `k-hat         ${kHat?.toFixed(2) ?? "infinite"}`,
    compiled,
  ];
  return lines.filter(Boolean).join("\n");
}

const images = {
  problem: imagesProblem(buildModel),
  prepare(given: { readonly model?: string }) {
    if (given.model !== undefined) modelNamed(given.model);
    return given;
  },
  formatResult({
    config,
    result,
    files,
    task,
  }: {
    readonly config: ImageConfig;
    readonly result: ImageResult;
    readonly files: Readonly<Record<string, string>>;
    readonly task: unknown;
  }) {
    const parts = [formatMetrics(result.metrics, result.speed.samplesPerSecond, config.nllDraws)];
    if (task instanceof ImageTask && task.pictures !== undefined) {
      parts.push(formatPictures(task.pictures.samples.slice(0, 10), task.data.test, 5));
    }
    parts.push(`weights ${files.weights}\nreport  ${files.report}`);
    return parts.join("\n\n");
  },
};

const table = {
  problem: tableProblem(loadModelFile),
  /** Paths that stay right wherever the run is resumed. */
  prepare({ model, data, ...given }: { readonly model?: string; readonly data?: string }) {
    return {
      ...given,
      ...(model === undefined ? {} : { model: wholePath(model) }),
      ...(data === undefined ? {} : { data: wholePath(data) }),
    };
  },
  formatResult({
    config,
    result,
    files,
  }: {
    readonly config: TableConfig;
    readonly result: TableResult;
    readonly files: Readonly<Record<string, string>>;
  }) {
    const isPoint = isTraining(config) && METHODS[config.method].posterior === "point";
    const parts = [formatSummary(result.summary, isPoint)];
    if (result.predictions !== undefined) parts.push(formatPredictions(result.predictions));
    parts.push(formatQuality(result));
    const draws = formatsOf(config).map((name) => [FORMATS[name].label, files[FORMATS[name].key]]);
    const loo = files.loo === undefined ? [] : [["loo", files.loo]];
    const paths = [["summary", files.summary], ...draws, ...loo, ["report", files.report]];
    const width = Math.max(...paths.map(([label]) => label.length));
    parts.push(paths.map(([label, path]) => `${label.padEnd(width)}  ${path}`).join("\n"));
    return parts.join("\n\n");
  },
};

// biome-ignore lint/suspicious/noExplicitAny: settings and results go from a row to itself only
type AnyRow = FitRow<any, any, any>;

/** By the word that run.json keeps. */
export const ROWS = { images, model: table };

/** The row of a run that is in a folder; undefined for one that `fit` did not begin. */
export function rowOfKind(kind: string): AnyRow | undefined {
  return Object.hasOwn(ROWS, kind) ? ROWS[kind as keyof typeof ROWS] : undefined;
}

/** The row for a word of the command line: a model file, or the name of a model of images. */
export function rowOfModel(model: string | undefined): AnyRow {
  return model !== undefined && isModelFile(model) ? table : images;
}
