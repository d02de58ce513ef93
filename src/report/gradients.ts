/** How the gradients of estimators spread over draws, as a section of a page. */
import type { GradientDiagnostics } from "../inference/index.ts";
import { checkArguments, NUMBER, NUMBERS, objectWith, recordOf } from "../tensor/internal.ts";
import { renderChart } from "./figures/drawing/chart.ts";
import { lineChart } from "./figures/lines.ts";
import type { ReportSection, ReportTable } from "./page.ts";

/** What `gradientDiagnostics` gives of each estimator, by its name: by parameter. */
export type DiagnosedGradients = Readonly<
  Record<string, Readonly<Record<string, GradientDiagnostics>>>
>;

const DIAGNOSED = recordOf(
  recordOf(objectWith({ mean: NUMBERS, variance: NUMBERS, norm: NUMBER, cosine: NUMBER })),
);

const sum = (xs: Float64Array) => xs.reduce((a, b) => a + b, 0);
const digits = (x: number) => String(Number(x.toPrecision(3)));

/**
 * A row for each parameter and estimator: the norm of the mean gradient, in nats per unit of the parameter, the variance over
 * draws, added up over the elements, the mean norm of a draw, and the mean cosine of the angle between two draws.
 */
export function gradientTable(diagnosed: DiagnosedGradients): ReportTable {
  checkArguments("gradientTable", { diagnosed }, DIAGNOSED);
  const [first] = Object.values(diagnosed);
  const rows = Object.keys(first ?? {}).flatMap((param) =>
    Object.entries(diagnosed).map(([estimator, found]) => {
      const { mean, variance, norm, cosine } = found[param];
      return [
        ...[param, estimator, digits(Math.hypot(...mean)), digits(sum(variance))],
        ...[digits(norm), cosine.toFixed(2)],
      ];
    }),
  );
  const columns = ["parameter", "gradient", "norm of mean", "variance", "mean norm", "cosine"];
  return { columns, rows };
}

/**
 * The table, and a figure of the variance of each element by each estimator, elements in the order of the parameters; those of
 * no variance are left out.
 */
export async function gradientSection(diagnosed: DiagnosedGradients): Promise<ReportSection> {
  checkArguments("gradientSection", { diagnosed }, DIAGNOSED);
  const series = Object.entries(diagnosed).map(([name, found]) => {
    const y = Object.values(found).flatMap(({ variance }) => [...variance]);
    return { name, x: y.map((_, i) => i + 1), y };
  });
  const chart = lineChart({
    title: "Variance of the gradient of each element",
    x: { name: "element of the parameters", format: "d" },
    y: { name: "variance", scale: "log" },
    series,
  });
  const text =
    "Gradients of the bound at the parameters of the fit, each of new draws of the guide. The cosine is that of the angle " +
    "between the gradients of two draws: 1 where there is no noise, 0 where all is noise. Estimators of one expectation differ " +
    "by their variance; where the guide is the posterior that of the path derivative is zero.";
  return {
    title: "Gradients",
    text,
    figures: [{ svg: await renderChart(chart), caption: "Elements in the order of the table." }],
    table: gradientTable(diagnosed),
  };
}
