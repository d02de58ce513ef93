/** A yes-or-no covariate that is missing in some rows: summed out there. */
import { axis, bernoulli, beta, masked, model, normal, select, tensor } from "surmise";

const row = axis("row", 5);
const smoker = tensor([1, 0, 0, 1, 0], [row]);
const present = tensor(Uint8Array.of(1, 1, 0, 1, 0), [row]);
const y = tensor([2.1, 0.3, 1.8, 1.9, 0.1], [row]);

export default model(({ sample, observe, plate }) => {
  const share = sample("share", beta(1, 1));
  const effect = sample("effect", normal(0, 2));
  plate(row, () => {
    observe("smoker", masked(bernoulli({ probs: share }), present), smoker);
    const x = select(present, smoker, sample("missing", bernoulli({ probs: share })));
    observe("y", normal(effect.mul(x), 1), y);
  });
});
