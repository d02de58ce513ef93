/**
 * Eight schools measured the effect of coaching, each with its own standard error (Rubin 1981). How far
 * do the schools really differ?
 */
import { type Columns, halfCauchy, model, normal } from "surmise";

export default model(({ sample, observe, plate, deterministic }, { axisOf, column }: Columns) => {
  const school = axisOf("school");
  const mean = sample("mean", normal(0, 5));
  const spread = sample("spread", halfCauchy(5));
  plate(school, () => {
    const z = sample("z", normal(0, 1));
    const theta = deterministic("theta", mean.add(spread.mul(z)));
    observe("effect", normal(theta, column("error", [school])), column("effect", [school]));
  });
});
