/** The results of a fit as files: summary and draws as Parquet, the posterior for ArviZ, a report. */
import { join } from "node:path";
import {
  type Fitted,
  type FittedDraws,
  type MethodName,
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
  readonly method?: MethodName;
  /** For the record of the fit. */
  readonly steps?: number;
  /** Of the report, behind the posterior. */
  readonly sections?: readonly ReportSection[];
}

/** What was written, and what it says. */
export interface Saved {
  /** Mean, sd and quantiles of each element of each site. */
  readonly summary: readonly Summary[];
  /** In nats. */
  readonly logEvidence: number | undefined;
  /** The paths of the files, by what they hold. */
  readonly files: Readonly<
    Record<"weights" | "summary" | "draws" | "posterior" | "report", string>
  >;
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
  const { title = "posterior", method, steps, sections = [] } = options;
  await makeFolder(folder);
  const { weights, summary, draws, posterior: forArviz, report } = modelFiles(folder);
  const rows = summarise(posterior);
  const axes = fitted.store.list().map((p) => [p.name, p.axes.map(({ name }) => name)]);
  const metadata = { format: "surmise weights 1", axes: JSON.stringify(Object.fromEntries(axes)) };
  await writeTensors(weights, { tensors: weightsOf(fitted), metadata });
  await writeParquet(summary, summaryColumns(rows));
  await writeParquet(draws, drawColumns(posterior, rows));
  const attributes = {
    inference_library: "surmise",
    inference_library_version: surmiseVersion(),
    ...(method && { method }),
  };
  await writeWhole(forArviz, JSON.stringify(arviz(posterior, attributes)));
  const told = { title, samples: posterior, summary: rows, isPoint: fitted.posterior === "point" };
  const by = { ...(method && { method }), ...(steps && { steps }) };
  await writeReport(report, await modelReport({ ...told, ...by, sections }));
  return {
    summary: rows,
    logEvidence: posterior.logEvidence,
    files: { weights, summary, draws, posterior: forArviz, report },
  };
}

function weightsOf<Data>({ state, store }: Fitted<Data>) {
  return Object.fromEntries(store.list().map(({ name }) => [name, state[name]]));
}
