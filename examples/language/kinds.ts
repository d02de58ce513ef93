/** A mixture by its kinds, which are summed out and told afterwards by label and probability. */
import { axis, categorical, dirichlet, gather, model, normal, ordered, tensor } from "surmise";

const row = axis("row", 6);
const kind = axis("kind", 2, ["low", "high"]);
const y = tensor([-2.1, 1.8, 2.3, -1.9, 0.3, 2.2], [row]);

export default model(({ sample, observe, plate }) => {
  const share = sample("share", dirichlet(2, kind));
  const centre = sample("centre", ordered(normal(0, 3), kind));
  plate(row, () => {
    const z = sample("z", categorical(share, kind));
    observe("y", normal(gather(centre, kind, z), 0.8), y);
  });
});
