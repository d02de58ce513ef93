/** A folder that knows nothing of surmise, with the eight schools' first four in it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const SCHOOLS = `
import { type Columns, halfCauchy, model, normal } from "surmise";
import { exp } from "surmise/tensor";

export default model(({ sample, observe, plate, deterministic }, { axisOf, column }: Columns) => {
  const school = axisOf("school");
  const mean = sample("mean", normal(0, 5));
  const spread = sample("spread", halfCauchy(5));
  deterministic("grown", exp(mean.mul(0.1)));
  plate(school, () => {
    const theta = sample("theta", normal(mean, spread));
    observe("effect", normal(theta, column("error", [school])), column("effect", [school]));
  });
});
`;
const TABLE = "school,effect,error\nA,28,15\nB,8,10\nC,-3,16\nD,7,11\n";

/** A model and a table in `folder`, and the words that fit the one to the other. */
export function project(folder: string, source = SCHOOLS, table = TABLE) {
  const [model, data] = [join(folder, "schools.ts"), join(folder, "table.csv")];
  writeFileSync(model, source);
  writeFileSync(data, table);
  const out = join(folder, "run");
  return { model, data, out, fit: ["fit", model, "--data", data, "--out", out] };
}
