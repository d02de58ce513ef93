/** A family of one's own: the Rayleigh distribution, by its log density and its draws. */
import {
  axis,
  constant,
  distribution,
  exponential,
  halfNormal,
  log,
  model,
  NOT_NEGATIVE,
  POSITIVE,
  sqrt,
  square,
  type Tensor,
  tensor,
} from "surmise";

const rayleigh = (scale: Tensor) =>
  distribution({
    name: "rayleigh",
    parameters: { scale },
    constraints: { scale: POSITIVE },
    support: NOT_NEGATIVE,
    reparameterised: true,
    logProb: (x) =>
      log(x)
        .sub(log(scale).mul(2))
        .sub(square(x.div(scale)).mul(0.5)),
    sample: (key, axes) => scale.mul(sqrt(exponential(0.5).sample(key, axes))),
  });
const row = axis("row", 3);

export default model(({ sample, observe, plate }) => {
  const scale = sample("scale", halfNormal(constant(3)));
  plate(row, () => observe("height", rayleigh(scale), tensor([1.2, 0.4, 2.2], [row])));
});
