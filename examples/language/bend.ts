/** An effect that bends: B-splines with knots at quantiles, whose weights walk at random (a P-spline). */
import {
  axis,
  bSplines,
  constant,
  halfNormal,
  model,
  normal,
  quantileKnots,
  sum,
  tensor,
} from "surmise";

const [person, bend] = [axis("person", 8), axis("bend", 6)];
const age = tensor([21, 25, 33, 38, 47, 52, 60, 71], [person]);
const income = tensor([1.2, 1.6, 2.4, 2.9, 3.2, 3.1, 2.7, 1.9], [person]);
const shape = bSplines(age, { knots: quantileKnots(age, 4), basis: bend });

export default model(({ sample, observe, plate, chain }) => {
  const [smoothness, noise] = [sample("smoothness", halfNormal(1)), sample("noise", halfNormal(1))];
  const weights = chain(bend, constant(0), (before) =>
    sample("weight", normal(before, smoothness.add(0.1))),
  );
  plate(person, () => observe("income", normal(sum(shape.mul(weights), bend), noise), income));
});
