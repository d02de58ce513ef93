/** A curve through points: a Gaussian process with a squared exponential kernel. */
import {
  axis,
  constant,
  exp,
  halfNormal,
  index,
  lognormal,
  model,
  multivariateNormal,
  rename,
  select,
  square,
  tensor,
} from "surmise";

const [place, also] = [axis("place", 5), axis("also", 5)];
const x = tensor([0, 0.5, 1.1, 2, 3.2], [place]);
const y = tensor([0.1, 0.7, 1.2, 0.4, -0.8], [place]);
const apart = x.sub(rename(x, place, also));

export default model(({ sample, observe }) => {
  const [length, height] = [sample("length", lognormal(0, 1)), sample("height", halfNormal(1))];
  const noise = sample("noise", halfNormal(0.5));
  const kernel = square(height).mul(exp(square(apart.div(length)).mul(-0.5)));
  const covariance = kernel.add(select(index(place).eq(index(also)), square(noise).add(1e-6), 0));
  observe("y", multivariateNormal(constant(0), { covariance }, place, also), y);
});
