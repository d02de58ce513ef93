/** Radon in the houses of 25 counties: each county has a level of its own (varying intercepts). */
import { type Columns, gather, halfNormal, model, normal } from "surmise";

export default model(({ sample, observe, plate }, { row, axisOf, column, indexOf }: Columns) => {
  const county = axisOf("county");
  const mean = sample("mean", normal(0, 2));
  const spread = sample("spread", halfNormal(1));
  const slope = sample("floor", normal(0, 2));
  const noise = sample("noise", halfNormal(1));
  const level = plate(county, () => sample("level", normal(mean, spread)));
  plate(row, () => {
    const here = gather(level, county, indexOf("county"));
    const expected = here.add(slope.mul(column("floor")));
    observe("logRadon", normal(expected, noise), column("logRadon"));
  });
});
