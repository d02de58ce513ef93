/** The results of a fit as files: summary and draws as Parquet, the posterior for ArviZ, a report. */
import { join } from "node:path";
import {
  type ChainDraws,
  type Fitted,
  type FittedDraws,
  type MethodName,
  type SamplerName,
  type Summary,
  summarise,
} from "../../inference/index.ts";
import type { ReportSection } from "../../report/index.ts";
import {
  arviz,
  drawColumns,
  makeFolder,
  runFiles,
  summaryColumns,
  surmiseVersion,
  writeParquet,
  writeReport,
  writeTensors,
  writeWhole,
} from "../../runs/index.ts";
import { modelReport } from "./report.ts";

/** The files of a fit in `folder`, by what they hold. */
export function modelFiles(folder: string) {
  return {
    ...runFiles(folder),
    summary: join(folder, "summary.parquet"),
    draws: join(folder, "draws.parquet"),
    posterior: join(folder, "posterior.json"),
  };
}

/** What the report of a saved fit says beside its draws. */
export interface SaveOptions {
  /** Of the report; "posterior" unless given. */
  readonly title?: string;
  /** The method of the fit, for the record. */
  readonly method?: MethodName | SamplerName;
  /** For the record of the fit. */
  readonly steps?: number;
  /** Of the report, behind the posterior. */
  readonly sections?: readonly ReportSection[];
}

/** What was written of draws, and what they say. */
export interface SavedDraws {
  /** Mean, sd and quantiles of each element of each site. */
  readonly summary: readonly Summary[];
  /** The paths of the files, by what they hold. */
  readonly files: Readonly<Record<"summary" | "draws" | "posterior" | "report", string>>;
}

/** What was written of a fit, and what it says. */
export interface Saved extends SavedDraws {
  /** In nats. */
  readonly logEvidence: number | undefined;
  /** The paths of the files, by what they hold. */
  readonly files: SavedDraws["files"] & { readonly weights: string };
}

/**
 * Writes the trained parameters (safetensors), the summary and the draws (Parquet), the posterior for ArviZ
 * (JSON, `arviz.from_dict`) and a report (HTML) into a folder, which is made if it is not there.
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
  await makeFolder(folder);
  const { weights } = modelFiles(folder);
  const axes = fitted.store.list().map((p) => [p.name, p.axes.map(({ name }) => name)]);
  const metadata = { format: "surmise weights 1", axes: JSON.stringify(Object.fromEntries(axes)) };
  await writeTensors(weights, { tensors: weightsOf(fitted), metadata });
  const isPoint = fitted.posterior === "point";
  const { summary, files } = await writePosterior(folder, posterior, { ...options, isPoint });
  return { summary, logEvidence: posterior.logEvidence, files: { ...files, weights } };
}

/**
 * Writes the draws of chains as `saveFit` writes those of a fit, with what is known of each draw for ArviZ.
 *
 * @throws SurmiseError if a file cannot be written.
 *
 * @example await saveDraws("results", await sample(model, data));
 */
export async function saveDraws(
  folder: string,
  draws: ChainDraws,
  options: SaveOptions = {},
): Promise<SavedDraws> {
  await makeFolder(folder);
  return writePosterior(folder, draws, { ...options, isPoint: false });
}

async function writePosterior(
  folder: string,
  posterior: FittedDraws | ChainDraws,
  options: SaveOptions & { readonly isPoint: boolean },
): Promise<SavedDraws> {
  const { title = "posterior", method, steps, sections = [], isPoint } = options;
  const { summary, draws, posterior: forArviz, report } = modelFiles(folder);
  const rows = summarise(posterior);
  await writeParquet(summary, summaryColumns(rows));
  await writeParquet(draws, drawColumns(posterior, rows));
  const attributes = {
    inference_library: "surmise",
    inference_library_version: surmiseVersion(),
    ...(method && { method }),
  };
  await writeWhole(forArviz, JSON.stringify(arviz(posterior, attributes)));
  const told = { title, samples: posterior, summary: rows, isPoint };
  const by = { ...(method && { method }), ...(steps && { steps }) };
  await writeReport(report, await modelReport({ ...told, ...by, sections }));
  return { summary: rows, files: { summary, draws, posterior: forArviz, report } };
}

function weightsOf<Data>({ state, store }: Fitted<Data>) {
  return Object.fromEntries(store.list().map(({ name }) => [name, state[name]]));
}
