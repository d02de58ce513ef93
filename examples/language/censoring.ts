/** Life times, some of which had not ended when the study did: censored row by row. */
import { axis, censored, halfNormal, lognormal, model, tensor, weibull } from "surmise";

const patient = axis("patient", 6);
const months = tensor([3.1, 12, 7.4, 12, 1.9, 9.8], [patient]);
const alive = tensor(Uint8Array.of(0, 1, 0, 1, 0, 0), [patient]);

export default model(({ sample, observe, plate }) => {
  const shape = sample("shape", halfNormal(2));
  const scale = sample("scale", lognormal(2, 1));
  plate(patient, () => {
    observe("months", censored(weibull(shape, scale), { right: alive }), months);
  });
});
