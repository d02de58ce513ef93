/** The flow of the Nile at Aswan: a level that drifts from year to year, seen with noise (a local level model). */
import { type Columns, halfNormal, model, normal } from "surmise";

export default model(({ chain, sample, observe }, { axisOf, column }: Columns) => {
  const year = axisOf("year");
  const flow = column("flow", [year]); // 10^8 cubic metres
  const drift = sample("drift", halfNormal(100));
  const noise = sample("noise", halfNormal(200));
  const start = sample("start", normal(1000, 300));
  chain(year, start, (previous, { at }) => {
    const level = sample("level", normal(previous, drift));
    observe("flow", normal(level, noise), at(flow));
    return level;
  });
});
