/** What a finished fit of a model file predicts for rows that it has not seen. */
import { join } from "node:path";
import {
  nameOf,
  type PosteriorDraws,
  posteriorPredictive,
  type SiteDraws,
  type Summary,
} from "../../inference/index.ts";
import { describeNotFinite, summarising, traceAtPriors } from "../../inference/internal.ts";
import { type Latent, type Observed, ownAxes } from "../../model/internal.ts";
import { FORMATS, outputRows } from "../../runs/index.ts";
import {
  type Columns,
  columnsOf,
  hasColumn,
  newLabels,
  placesOf,
  type Table,
} from "../../tables/internal.ts";
import {
  Axis,
  boundAxes,
  checkArguments,
  key,
  labelsAt,
  nodesOf,
  OBJECT,
  SurmiseError,
  sizeOf,
  TEXT,
} from "../../tensor/internal.ts";
import type { TableConfig } from "./settings.ts";
import type { ModelFile } from "./task.ts";

/** Rows to be predicted. */
export interface NewRows {
  /** The file that was fitted, with the table of the fit. */
  readonly fitted: ModelFile;
  /** The new rows. */
  readonly rows: Table;
  /** The folder of the fit. */
  readonly folder: string;
  /** What the fit was computed in, and the seed of what is drawn. */
  readonly config: Pick<TableConfig, "dtype" | "seed">;
}

/** What new rows are predicted to be. */
export interface RowPredictions {
  /** How many draws from the posterior they were made at. */
  readonly draws: number;
  /** Of each element of each observed site that new rows have: mean, sd and quantiles of its draws. */
  readonly rows: readonly Summary[];
  /** What is to be known of draws that are not finite, and of steps of a series that are longer than those of the fit. */
  readonly warnings: readonly string[];
}

/**
 * Draws of the observed sites for new rows, one at each draw of a finished fit. Latents of labels that the fit knows
 * are its draws; those of new labels, and of single rows, are drawn from the model given the others.
 *
 * @throws SurmiseError if the fit has no file of draws, if what is predicted depends on a column that the new rows lack, or
 * if the model puts rows together, as a mean over them does: it would say another thing of other rows.
 */
export async function predictRows(options: NewRows): Promise<RowPredictions> {
  checkArguments("predictRows", { options }, OBJECT);
  const { fitted, rows, folder, config } = options;
  checkArguments("predictRows", { folder }, TEXT);
  const { model, table, data } = fitted;
  if (table === undefined) {
    throw new SurmiseError(`the fit in '${folder}' has no table: there are no rows to predict`);
  }
  const columns = columnsOf(rows, { fitted: table });
  const { latents, observed: stated } = traceAtPriors(model, columns);
  const observed = stated.filter(({ distribution }) => !distribution.valueless);
  if (observed.length === 0) {
    throw new SurmiseError("the model observes nothing: there is nothing to predict");
  }
  const { row } = columns;
  const isGrown = (a: Axis) => a !== row && hasNewLabels(a, table, columns, data as Columns);
  const drawn = latents.filter(({ plates, distribution }) =>
    ownAxes(plates, distribution).some((a) => a === row || isGrown(a)),
  );
  for (const site of [...drawn, ...observed]) checkApart(site, rows.name, row, isGrown);
  const draws = await readDraws(folder, fitted);
  const { seed, dtype } = config;
  const predicted = posteriorPredictive(model, columns, draws, {
    missing: "prior",
    ...{ seed, ...(dtype && { dtype }) },
  });
  const isNew = amongNew(table, rows);
  const found = (await summarising(predicted)).filter(({ site, element }) =>
    predicted.sites[site].axes.every(({ name }, i) => isNew(name, element[i])),
  );
  const series = new Set(
    [...drawn, ...observed].flatMap(({ plates }) =>
      plates.flatMap(({ axis: a, chain }) => (chain && isGrown(a) ? a : [])),
    ),
  );
  const warnings = [
    ...describeNotFinite(found, predicted.draws),
    ...[...series].flatMap((a) => longStep(rows.name, a, (data as Columns).axisOf(a.name)) ?? []),
  ];
  const summaries = found.map(({ site, element, mean, sd, q5, median, q95, probabilities }) => ({
    ...{ site, element, mean, sd, q5, median, q95 },
    ...(probabilities && { probabilities }),
  }));
  return { draws: predicted.draws, rows: summaries, warnings };
}

/** Whether an axis is that of a column, with labels that the fit has not seen. */
function hasNewLabels(a: Axis, table: Table, columns: Columns, fitted: Columns): boolean {
  const isOfColumn = hasColumn(table, a.name) && columns.axisOf(a.name) === a;
  return isOfColumn && fitted.axisOf(a.name).size < a.size;
}

/** By how much a step may be longer than the longest of the fit: months and their like differ. */
const ALIKE = 1.5;

/** What is to be known where a series goes on after a longer time than from any step to the next in the fit. */
function longStep(file: string, { name, labels = [] }: Axis, fitted: Axis): string | undefined {
  const places = placesOf(labels);
  if (places === undefined) return undefined;
  const known = new Set(fitted.labels);
  const isOfFit = labels.map((label) => known.has(label));
  const steps = places.map((place, i) => place - places[i - 1]);
  const longest = steps.reduce((most, step, i) => (isOfFit[i] && step > most ? step : most), 0);
  const at = steps.findIndex((step, i) => !isOfFit[i] && step > ALIKE * longest);
  if (at < 0 || longest === 0) return undefined;
  return (
    `${file}: '${labels[at]}' is taken for the step after '${labels[at - 1]}' on '${name}', which is farther than any step of ` +
    "the fit: a chain takes its labels one by one, so give rows for those between them, too"
  );
}

/**
 * Whether each element of what is predicted follows from its own row and label.
 *
 * @throws SurmiseError if it does not.
 */
function checkApart(
  { name, plates, distribution }: Latent | Observed,
  file: string,
  row: Axis,
  isGrown: (a: Axis) => boolean,
): void {
  const value = distribution.sample(
    key(0),
    plates.map(({ axis }) => axis),
  );
  const nodes = nodesOf([value]);
  for (const { operation, inputs } of nodes) {
    const isLookup = operation.op === "gather";
    const along = boundAxes({ operation, inputs }).find(
      (a) => a === row || (!isLookup && isGrown(a)),
    );
    if (along === undefined) continue;
    const what = along === row ? "rows" : `labels of '${along.name}', of which some are new,`;
    const [how, remedy] = nodes.some((node) => node.operation.op === "cholesky")
      ? [`a covariance along '${along.name}'`, OF_A_PROCESS]
      : [`a sum or mean over '${along.name}', a lag`, OF_A_MEAN];
    throw new SurmiseError(
      `${file}: the model puts ${what} together to predict '${name}' (${how}), which says another thing here than in the ` +
        `fit: ${remedy}`,
    );
  }
}

/** What to do instead. */
const OF_A_MEAN = "use standardised(column) for columns less their mean, or make it a column";
const OF_A_PROCESS =
  "a Gaussian process predicts new places in the model itself, by process.given(y, x, place).each(newX, newPlace), or as a " +
  "hilbertSpaceProcess";

/** Whether new rows have a label of an axis; so they do of axes that are none of their columns. */
function amongNew(table: Table, rows: Table): (axis: string, label: string) => boolean {
  const known = new Map<string, ReadonlySet<string>>();
  return (axis, label) => {
    if (!hasColumn(rows, axis) || !hasColumn(table, axis)) return true;
    const labels = known.get(axis) ?? newLabels(table, rows, axis);
    known.set(axis, labels);
    return labels.has(label);
  };
}

/**
 * The draws that a fit has written into its folder, of its latents and parameters.
 *
 * @throws SurmiseError if it has written none as Parquet.
 */
async function readDraws(folder: string, { model, data }: ModelFile): Promise<PosteriorDraws> {
  const { file } = FORMATS.parquet;
  const rows = await outputRows(folder, file);
  if (rows === undefined) {
    throw new SurmiseError(
      `the fit in '${folder}' has no ${file}: it is not finished, or was made with other --formats`,
    );
  }
  const { latents, params } = traceAtPriors(model, data);
  const row = (data as Columns).row;
  // Rows of the fit are none of the new ones.
  const labelled = new Axis(
    "row",
    row.size,
    Array.from({ length: row.size }, (_, i) => `${i}`),
  );
  const site = (kind: SiteDraws["kind"], name: string, axes: readonly Axis[]) => {
    const size = sizeOf(axes);
    const names = Array.from({ length: size }, (_, at) =>
      nameOf({ site: name, element: labelsAt(axes, at) }),
    );
    const values = Float64Array.from({ length: rows.length * size }, (_, at) =>
      Number(rows[Math.floor(at / size)][names[at % size]]),
    );
    if (values.some(Number.isNaN)) {
      throw new SurmiseError(
        `'${join(folder, file)}' has no draws of '${name}': it is of another model`,
      );
    }
    return [
      name,
      { kind, axes: axes.map((a) => (a === row ? labelled : a)), data: values },
    ] as const;
  };
  const chains = rows.reduce((most, each) => Math.max(most, Number(each[".chain"] ?? 0)), 0);
  return {
    draws: rows.length,
    ...(chains > 0 && { chains }),
    sites: Object.fromEntries([
      ...latents.map(({ name, plates, distribution }) =>
        site("latent", name, ownAxes(plates, distribution)),
      ),
      ...params.map(({ name, axes }) => site("param", name, axes)),
    ]),
  };
}
