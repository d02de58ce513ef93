/** Two kinds of measurements, mixed: how many of each, where, and how wide? The kind is summed out. */
import { axis, type Columns, dirichlet, halfNormal, mixture, model, normal, tensor } from "surmise";

const kind = axis("kind", 2, ["low", "high"]);

export default model(({ sample, observe, plate }, { row, column }: Columns) => {
  const share = sample("share", dirichlet(2, kind));
  const centre = sample("centre", normal(tensor([-2, 2], [kind]), 1).event(kind));
  const width = sample("width", halfNormal(1).event(kind));
  plate(row, () => observe("x", mixture(share, normal(centre, width), kind), column("x")));
});
