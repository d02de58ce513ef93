/** A likelihood of one's own, and effects that are held close to a sum of 0. */
import { abs, axis, halfNormal, log, model, normal, square, sum, tensor } from "surmise";

const row = axis("row", 4);
const y = tensor([0.2, -1.4, 0.7, 3], [row]);

export default model(({ sample, plate, factor }) => {
  const effect = sample("effect", normal(0, 1).event(row));
  const scale = sample("scale", halfNormal(1));
  factor("balance", square(sum(effect, row)).mul(-0.5 / 0.01));
  plate(row, () => factor("y", abs(y.sub(effect)).div(scale).neg().sub(log(scale))));
});
