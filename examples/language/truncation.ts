/** Sizes of groups, of which none is empty: counts without 0, and an effect that is at least 0. */
import { axis, exp, model, normal, poisson, restricted, tensor, truncated } from "surmise";

const group = axis("group", 5);
const size = tensor([1, 3, 2, 1, 5], [group]);

export default model(({ sample, observe, plate }) => {
  const effect = sample("effect", restricted(normal(0, 1), { lower: 0 }));
  plate(group, () => observe("size", truncated(poisson(exp(effect)), { lower: 1 }), size));
});
