/** A rate that changes once, in a year that is summed out. */
import { axis, categorical, exponential, index, model, poisson, select, tensor } from "surmise";

const year = axis("year", 8);
const accidents = tensor([4, 5, 4, 6, 1, 0, 2, 1], [year]);
const anywhere = tensor([1, 1, 1, 1, 1, 1, 1, 1], [year]);

export default model(({ sample, observe, plate }) => {
  const early = sample("early", exponential(1 / 3));
  const late = sample("late", exponential(1 / 3));
  const change = sample("change", categorical(anywhere, year));
  plate(year, () => {
    observe("accidents", poisson(select(index(year).lt(change), early, late)), accidents);
  });
});
