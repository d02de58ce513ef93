/** Late school buses: years differ, boroughs differ within a year, and so do companies and run types. */
import { bernoulli, type Columns, exp, gather, model, normal } from "surmise";

export default model(({ sample, observe, plate }, { axisOf, column, indexOf }: Columns) => {
  const [year, borough, id] = [axisOf("year"), axisOf("borough"), axisOf("id")];
  const [company, runType] = [axisOf("company"), axisOf("runType")];
  const mean = sample("mean", normal(0, 1));
  const logSpread = sample("logSpread", normal(0, 1));
  const byCompany = sample("byCompany", normal(0, 1).event(company));
  const byType = sample("byType", normal(0, 1).event(runType));
  plate(year, () => {
    const inYear = sample("inYear", normal(mean, exp(logSpread)));
    const logSpreadInYear = sample("logSpreadInYear", normal(0, 1));
    plate(borough, () => {
      const inBorough = sample("inBorough", normal(inYear, exp(logSpreadInYear)));
      plate(id, () => {
        const cell = [year, borough, id];
        const logits = inBorough
          .add(gather(byCompany, company, indexOf("company", cell)))
          .add(gather(byType, runType, indexOf("runType", cell)));
        observe("late", bernoulli({ logits }), column("late", cell));
      });
    });
  });
});
