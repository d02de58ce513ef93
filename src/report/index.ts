/** Figures and pages, as text: nothing here touches files. */
export {
  type ChainVariable,
  type ChainVariables,
  densityChart,
  energyChart,
  pairChart,
  rankChart,
  traceChart,
} from "./figures/chains.ts";
export { type ContourChart, contourChart, type Density } from "./figures/contours.ts";
export { renderChart, type VegaLiteSpec } from "./figures/drawing/chart.ts";
export { type GreyImage, type ImageGrid, imageGrid } from "./figures/images.ts";
export { intervalChart } from "./figures/intervals.ts";
export { kHatChart } from "./figures/kHat.ts";
export { type ChartAxis, type LineChart, lineChart, type Series } from "./figures/lines.ts";
export { posteriorFigures } from "./figures/posterior.ts";
export { pitChart, predictiveChart } from "./figures/predictive.ts";
export { type DiagnosedGradients, gradientSection, gradientTable } from "./gradients.ts";
export {
  type Figure,
  type Report,
  type ReportSection,
  type ReportTable,
  reportHtml,
  settingsSection,
} from "./page.ts";
