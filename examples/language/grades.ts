/** Grades by a score and cutpoints, which increase. */
import { axis, model, normal, ordered, orderedProbit, tensor } from "surmise";

const [pupil, grade, cut] = [axis("pupil", 5), axis("grade", 4), axis("cut", 3)];
const hours = tensor([1, 4, 2, 6, 3], [pupil]);
const grades = tensor([0, 2, 1, 3, 1], [pupil]);

export default model(({ sample, observe, plate }) => {
  const slope = sample("slope", normal(0, 1), { init: 0.5 });
  const cutpoints = sample("cutpoints", ordered(normal(0, 5), cut));
  plate(pupil, () => {
    observe("grade", orderedProbit(slope.mul(hours), cutpoints, { cut, category: grade }), grades);
  });
});
