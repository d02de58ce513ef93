/** The results of a fit as files: a summary, the draws in some formats, a report. */
import { join } from "node:path";
import {
  type ChainDraws,
  type Fitted,
  type FittedDraws,
  type Summary,
  summarising,
} from "../../inference/internal.ts";
import type { ReportSection } from "../../report/index.ts";
import {
  type DrawsToSave,
  FORMATS,
  type FormatName,
  makeFolder,
  type RunEvent,
  runFiles,
  summaryColumns,
  surmiseVersion,
  writeParquet,
  writeReport,
} from "../../runs/index.ts";
import { checkArguments, listOf, OBJECT, oneOf, TEXT } from "../../tensor/internal.ts";
import type { FitMethod } from "../settings.ts";
import { writeWeights } from "../weights.ts";
import { drawsSection } from "./figures.ts";
import { LOO_FILE } from "./predictions.ts";
import { modelReport } from "./report.ts";

/** The formats in which draws are written, unless others are chosen. */
const USUAL_FORMATS: readonly FormatName[] = ["parquet", "zarr"];

const FORMAT = oneOf(...Object.keys(FORMATS));

/**
 * The files of a fit in `folder`, by what they hold; without the draws in formats that were not chosen, and without what
 * is left of predictions unless there are some.
 */
export function modelFiles(folder: string, formats = USUAL_FORMATS, predict = false) {
  checkArguments("modelFiles", { folder }, TEXT);
  checkArguments("modelFiles", { formats }, listOf(FORMAT));
  const draws = Object.fromEntries(
    formats.map((name) => [FORMATS[name].key, join(folder, FORMATS[name].file)]),
  ) as Record<DrawsKey, string>;
  return {
    ...runFiles(folder),
    summary: join(folder, "summary.parquet"),
    ...draws,
    ...(predict && { loo: join(folder, LOO_FILE) }),
  };
}

type DrawsKey = (typeof FORMATS)[FormatName]["key"];

/** What is made of draws one after the other. */
type Part = "summary" | "files";

/** That a share of a part is made. */
export function made(share: number, what: Part): RunEvent {
  return { kind: "score", what, done: Math.floor(100 * share), total: 100 };
}

/** What the report of a saved fit says beside its draws. */
export interface SaveOptions {
  /** Of the report; "posterior" unless given. */
  readonly title?: string;
  /** The method of the fit, for the record. */
  readonly method?: FitMethod;
  /** For the record of the fit. */
  readonly steps?: number;
  /** Of the report, behind the posterior. */
  readonly sections?: readonly ReportSection[];
  /** Reasons to doubt the draws, for the top of the report; none unless given. */
  readonly warningsOf?: (summary: readonly Summary[]) => readonly string[];
  /** In which formats the draws are written; `parquet` and `zarr` unless given. */
  readonly formats?: readonly FormatName[];
  /** The data of the model by observed site, for formats that have room for it. */
  readonly observed?: DrawsToSave["observed"];
  /** What else the model has taken of its data, for formats that have room for it. */
  readonly constant?: DrawsToSave["constant"];
  /** What the model predicts at the draws, for formats that have room for it. */
  readonly predicted?: Pick<DrawsToSave, "predictive" | "logLikelihood">;
  /** Called now and then with the share of the summary, and then of the files of draws, that is made, from 0 to 1. */
  readonly onProgress?: (share: number, of: Part) => void;
}

/** What was written of draws, and what they say. */
export interface SavedDraws {
  /** Mean, sd and quantiles of each element of each site. */
  readonly summary: readonly Summary[];
  /** What `warningsOf` says of it. */
  readonly warnings: readonly string[];
  /** The paths of the files, by what they hold. */
  readonly files: Readonly<Record<"summary" | "report", string>> &
    Readonly<Partial<Record<DrawsKey, string>>>;
}

/** What was written of a fit, and what it says. */
export interface Saved extends SavedDraws {
  /** In nats. */
  readonly logEvidence: number | undefined;
  /** The paths of the files, by what they hold. */
  readonly files: SavedDraws["files"] & { readonly weights: string };
}

/**
 * Writes the trained parameters (safetensors), the summary (Parquet), the draws (Parquet and Zarr, for
 * `xarray.open_datatree` and ArviZ, unless other formats are chosen) and a report (HTML) into a folder, which is made if
 * it is not there.
 *
 * @throws SurmiseError if a file cannot be written.
 *
 * @example
 * const trained = fit({ model, data });
 * await saveFit("results", trained, samplePosterior(trained, { draws: 1000 }));
 */
export async function saveFit<Data>(
  folder: string,
  fitted: Fitted<Data>,
  posterior: FittedDraws,
  options: SaveOptions = {},
): Promise<Saved> {
  checkArguments("saveFit", { folder }, TEXT);
  checkArguments("saveFit", { fitted, posterior }, OBJECT);
  checkArguments("saveFit", { options }, OBJECT);
  await makeFolder(folder);
  const { weights } = modelFiles(folder);
  await writeWeights(weights, fitted.store, fitted.state);
  const isPoint = fitted.posterior === "point";
  const { files, ...saved } = await writePosterior(folder, posterior, { ...options, isPoint });
  return { ...saved, logEvidence: posterior.logEvidence, files: { ...files, weights } };
}

/**
 * Writes the draws of chains, or annealed ones, as `saveFit` writes those of a fit, with what is known of each draw for ArviZ.
 *
 * @throws SurmiseError if a file cannot be written.
 *
 * @example await saveDraws("results", await sample(model, data));
 */
export async function saveDraws(
  folder: string,
  draws: FittedDraws | ChainDraws,
  options: SaveOptions = {},
): Promise<SavedDraws> {
  checkArguments("saveDraws", { folder }, TEXT);
  checkArguments("saveDraws", { draws }, OBJECT);
  checkArguments("saveDraws", { options }, OBJECT);
  await makeFolder(folder);
  return writePosterior(folder, draws, { ...options, isPoint: false });
}

async function writePosterior(
  folder: string,
  posterior: FittedDraws | ChainDraws,
  options: SaveOptions & { readonly isPoint: boolean },
): Promise<SavedDraws> {
  const { title = "posterior", method, steps, sections = [], isPoint } = options;
  const { formats = USUAL_FORMATS, observed, constant, predicted } = options;
  const { warningsOf, onProgress } = options;
  const { run, metrics, checkpoint, weights, result, ...files } = modelFiles(folder, formats);
  const { summary, report } = files;
  const rows = await summarising(posterior, (share) => onProgress?.(share, "summary"));
  await writeParquet(summary, summaryColumns(rows));
  const attributes = {
    inference_library: "surmise",
    inference_library_version: surmiseVersion(),
    ...(method && { method }),
  };
  const toSave: DrawsToSave = {
    ...posterior,
    attributes,
    ...(observed && { observed }),
    ...(constant && { constant }),
    ...predicted,
  };
  for (const [i, name] of formats.entries()) {
    const file = join(folder, FORMATS[name].file);
    const told = (share: number) => onProgress?.((i + share) / formats.length, "files");
    await FORMATS[name].write(file, toSave, told);
  }
  const shown = isPoint ? [] : await drawsSection(posterior, rows);
  const warnings = warningsOf?.(rows) ?? [];
  const told = { title, samples: posterior, summary: rows, warnings, isPoint };
  const by = { ...(method && { method }), ...(steps && { steps }) };
  await writeReport(
    report,
    await modelReport({ ...told, ...by, sections: [...shown, ...sections] }),
  );
  return { summary: rows, warnings, files };
}
