/** Values that vary together, with outliers: correlations by LKJ, scales of their own. */
import {
  axis,
  halfStudentT,
  lkjCholesky,
  model,
  multivariateStudentT,
  normal,
  tensor,
} from "surmise";

const [week, stock, other] = [axis("week", 4), axis("stock", 2), axis("other", 2)];
const returns = tensor([0.1, 0.3, -0.2, -0.1, 1.4, 1.1, 0, 0.2], [week, stock]);

export default model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(0, 1).event(stock));
  const scale = sample("scale", halfStudentT(3, 1).event(stock));
  const factor = sample("correlation", lkjCholesky(2, stock, other)).mul(scale);
  plate(week, () => {
    observe("returns", multivariateStudentT(4, mean, { factor }, stock, other), returns);
  });
});
