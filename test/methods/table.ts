/** The rows of the measurement as tables in Markdown. */
import { MEASURED, type Row } from "./measure.ts";
import { VERDICTS, type Verdict, verdictOf } from "./verdicts.ts";

type Cells = readonly (string | number)[];

export function markdown(head: Cells, rows: readonly Cells[]): string {
  const line = (cells: Cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

const rowsOf = (rows: readonly Row[], method: string) =>
  rows.filter((row) => row.method === method);

const median = (values: readonly number[]) =>
  values.length === 0 ? Number.NaN : [...values].sort((a, b) => a - b)[values.length >> 1];

const seconds = (x: number) => (x < 10 ? x.toFixed(1) : x.toFixed(0));

/** For each method, how many models have which verdict, and the time it takes. */
export function countTable(rows: readonly Row[]): string {
  const verdicts = Object.keys(VERDICTS) as Verdict[];
  const methods = MEASURED.filter((method) => rowsOf(rows, method).some(verdictOf));
  return markdown(
    ["method", ...Object.values(VERDICTS), "median seconds", "longest"],
    methods.map((method) => {
      const own = rowsOf(rows, method);
      const times = own.flatMap((row) => (row.refusal === undefined ? [row.seconds] : []));
      return [
        `\`${method}\``,
        ...verdicts.map((verdict) => own.filter((row) => verdictOf(row) === verdict).length),
        seconds(median(times)),
        seconds(Math.max(0, ...times)),
      ];
    }),
  );
}

const MARKS: Readonly<Record<Verdict, string>> = {
  right: "",
  rough: " ~",
  falseAlarm: " (!)",
  warned: " !",
  refused: "refused",
  silent: " **silent**",
};

/** For each model, the error of each method, what it says, and the time. */
export function errorTable(rows: readonly Row[]): string {
  const methods = MEASURED.filter((method) => rowsOf(rows, method).length > 0);
  const models = [...new Set(rows.map(({ model }) => model))];
  const cell = (row: Row | undefined) => {
    if (row === undefined) return "";
    const verdict = verdictOf(row);
    if (verdict === "refused") return MARKS.refused;
    const { error = Number.NaN, ratios } = row;
    const spread = ratios === undefined ? "" : `, ${ratioText(ratios)}`;
    return `${errorText(error)}${spread}${verdict === undefined ? "" : MARKS[verdict]}`;
  };
  return markdown(
    ["model", ...methods.map((method) => `\`${method}\``)],
    models.map((model) => [
      model,
      ...methods.map((method) => cell(rowsOf(rows, method).find((row) => row.model === model))),
    ]),
  );
}

const errorText = (x: number) => (x < 9.95 ? x.toFixed(2) : x.toPrecision(2));

/** The ratio that is farther from 1. */
function ratioText([least, most]: readonly [number, number]): string {
  const ratio = 1 / least > most ? least : most;
  return ratio < 100 ? ratio.toFixed(2) : ratio.toPrecision(2);
}

/** What should be looked at: answers that are wrong or rough without a warning, and false alarms. */
export function notes(rows: readonly Row[]): string[] {
  return rows.flatMap((row) => {
    const verdict = verdictOf(row);
    const isFault = row.refusal?.startsWith("FAULT") === true;
    if (!isFault && verdict !== "silent" && verdict !== "falseAlarm") return [];
    const { model, method, kHat, refusal, error = Number.NaN, ratios, warnings = [] } = row;
    const k = kHat === undefined ? "" : `, k-hat ${kHat.toFixed(2)}`;
    const what = isFault
      ? refusal
      : `${VERDICTS[verdict as Verdict]}: ${errorText(error)} sd, sds ${ratios?.map((x) => x.toFixed(2)).join(" to ")}${k} ${warnings.join("; ")}`;
    return [`${method} on ${model}: ${what}`];
  });
}
