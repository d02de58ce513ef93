/** A curve through points, and where it goes on: a Gaussian process, by a sum of kernels. */
import {
  axis,
  constantKernel,
  gaussianProcess,
  halfNormal,
  linearKernel,
  lognormal,
  matern,
  model,
  tensor,
  whiteKernel,
} from "surmise";

const [place, fresh] = [axis("place", 5), axis("fresh", 3)];
const x = tensor([0, 0.5, 1.1, 2, 3.2], [place]);
const y = tensor([0.1, 0.7, 1.2, 0.4, -0.8], [place]);
const newX = tensor([2.5, 3.5, 4], [fresh]);

export default model(({ sample, observe, deterministic }) => {
  const scale = sample("scale", halfNormal(1));
  const lengthscale = sample("lengthscale", lognormal(0, 1));
  const kernel = matern(5 / 2, { scale, lengthscale })
    .add(linearKernel({ scale: 0.5 }))
    .add(constantKernel(1))
    .add(whiteKernel(0.1));
  const curve = gaussianProcess(kernel, { noise: sample("noise", halfNormal(0.5)) });
  observe("y", curve.at(x, place), y);
  const { mean, sd } = curve.given(y, x, place).each(newX, fresh).parameters;
  deterministic("curve", mean);
  deterministic("uncertainty", sd);
});
