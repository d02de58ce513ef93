/** A regression by a small network with a hidden layer: an embedding of the kind of house, layer norm, gelu. */
import {
  axis,
  dense,
  embedding,
  gelu,
  halfNormal,
  layerNorm,
  model,
  normal,
  sum,
  tensor,
} from "surmise";

const [house, kind] = [axis("house", 5), axis("kind", 3)];
const [input, hidden, out] = [axis("input", 2), axis("hidden", 4), axis("out", 1)];
const size = tensor([0.2, 1.1, -0.4, 0.7, -1.2], [house]);
const kinds = tensor([0, 2, 1, 2, 0], [house]);
const price = tensor([1.2, 2.6, 0.7, 2.2, 0.1], [house]);

export default model(({ param, sample, observe, plate }) => {
  const inputs = embedding(param, "kind", kind, input)(kinds).add(size);
  const layer = dense(param, "hidden", input, hidden)(inputs);
  const activated = gelu(layerNorm(param, "norm", hidden)(layer));
  const mean = sum(dense(param, "out", hidden, out)(activated), out);
  const noise = sample("noise", halfNormal(1));
  plate(house, () => observe("price", normal(mean, noise), price));
});
