/** Hares and lynxes: the equations of Lotka and Volterra between counts of pelts, from unknown beginnings. */
import { axis, log, lognormal, model, normal, solveOde, tensor } from "surmise";

const year = axis("year", 6);
const times = tensor([1, 2, 3, 4, 5, 6], [year]);
const hares = tensor([47.2, 70.2, 77.4, 36.3, 20.6, 18.1], [year]);
const lynxes = tensor([6.1, 9.8, 35.2, 59.4, 41.7, 19], [year]);

export default model(({ sample, observe, plate }) => {
  const [birth, death] = [sample("birth", normal(1, 0.5)), sample("death", normal(1, 0.5))];
  const [eaten, fed] = [sample("eaten", lognormal(-3, 1)), sample("fed", lognormal(-3, 1))];
  const first = {
    prey: sample("prey", lognormal(3.4, 1)),
    predator: sample("predator", lognormal(1.4, 1)),
  };
  const noise = sample("noise", lognormal(-1, 1));
  const { prey, predator } = solveOde(
    ({ prey, predator }, _, { birth, eaten, death, fed }) => ({
      prey: prey.mul(birth.sub(eaten.mul(predator))),
      predator: predator.mul(fed.mul(prey).sub(death)),
    }),
    { initial: first, parameters: { birth, eaten, death, fed }, times, along: year },
  );
  plate(year, () => {
    observe("hares", lognormal(log(prey), noise), hares);
    observe("lynxes", lognormal(log(predator), noise), lynxes);
  });
});
