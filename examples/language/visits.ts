/** Visits to a doctor: most people never go, others as a negative binomial says, by the log of its mean. */
import { axis, halfNormal, hurdle, model, negativeBinomial, normal, tensor } from "surmise";

const person = axis("person", 6);
const age = tensor([-1, 0.5, 0, 1.5, -0.5, 1], [person]);
const visits = tensor([0, 2, 0, 5, 0, 1], [person]);

export default model(({ sample, observe, plate }) => {
  const [a, b] = [sample("a", normal(0, 1)), sample("b", normal(0, 1))];
  const never = sample("never", normal(0, 1));
  const dispersion = sample("dispersion", halfNormal(1));
  plate(person, () => {
    const some = negativeBinomial({ logMean: a.add(b.mul(age)), dispersion });
    observe("visits", hurdle(some, { logits: never }), visits);
  });
});
