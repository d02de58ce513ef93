/** A monotonic effect of an ordered covariate, by shares of the whole (Bürkner and Charpentier 2020). */
import {
  axis,
  concat,
  cumulativeSum,
  dirichlet,
  gather,
  halfNormal,
  model,
  normal,
  tensor,
} from "surmise";

const person = axis("person", 8);
const [level, first, step] = [axis("level", 4), axis("first", 1), axis("step", 3)];
const schooling = tensor(Int32Array.of(0, 2, 1, 3, 3, 1, 0, 2), [person]);
const income = tensor([1.2, 2.3, 1.4, 3.2, 2.9, 1.7, 0.9, 2.6], [person]);

export default model(({ sample, observe, plate, deterministic }) => {
  const [base, whole] = [sample("base", normal(0, 2)), sample("whole", normal(0, 2))];
  const share = sample("share", dirichlet(tensor([1, 1, 1], [step]), step));
  const steps = concat(tensor([0], [first]), share, [first, step], level);
  const effect = deterministic("effect", whole.mul(cumulativeSum(steps, level)));
  const noise = sample("noise", halfNormal(1));
  plate(person, () => {
    observe("income", normal(base.add(gather(effect, level, schooling)), noise), income);
  });
});
