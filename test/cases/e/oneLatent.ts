/** A model file with one latent, of this prior, and one observation at `y` with this sd. */
export const oneLatent = (prior: string, y: string, sd: string, more = "") => ({
  "model.ts": `import { cauchy, halfNormal, model, normal } from "surmise";
import { constant, log } from "surmise/tensor";
export default model(({ sample, observe, deterministic }) => {
  const z = sample("z", ${prior});
  observe("y", normal(z, ${sd}), constant(${y}));
  ${more}
});`,
});
