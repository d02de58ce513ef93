/** Gradient estimators on guides that draw all latents together: elements of plates and latents depend on one another. */
import { expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  fit,
  flow,
  type Gradient,
  gradientDiagnostics,
  jointMixture,
  type Particles,
  particles,
} from "../../../src/inference/index.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";

const datum = axis("datum", 3);
const model: Model = ({ sample, observe, plate }) => {
  const a = sample("a", normal(0, 1));
  plate(datum, () => {
    const b = sample("b", normal(a, 0.7));
    observe("x", normal(b, 0.5), tensor([1.5, -0.4, 0.9], [datum]));
  });
};
const DRAWS = 4000;

const guides = {
  flow: automaticGuide(model, flow({ kind: "coupling", layers: 2, hidden: 3 })),
  mixture: automaticGuide(model, jointMixture({ components: 2 })),
};

function gradients(guide: Model, of: Particles, gradient: Gradient) {
  const fitted = fit({ model, guide, data: undefined, steps: 30, gradient: "wake" });
  const found = gradientDiagnostics({
    ...{ model, guide, data: undefined, parameters: paramStore(), values: fitted.parameters },
    ...{ particles: of, gradient, draws: DRAWS },
  });
  const all = Object.values(found);
  return {
    mean: all.flatMap(({ mean }) => [...mean]),
    variance: all.flatMap(({ variance }) => [...variance]),
  };
}

test.each<[keyof typeof guides, string, Particles, Gradient, Gradient]>([
  ["flow", "one draw", particles.single(), "total", "score"],
  ["flow", "one draw", particles.single(), "total", "pathBlocked"],
  ["flow", "weighted particles", particles.global(3), "total", "score"],
  ["flow", "weighted particles", particles.global(3), "total", "doublyReparameterised"],
  ["mixture", "weighted particles", particles.global(3), "scoreLeaveOneOut", "score"],
])("%s, %s, %#: both estimators have one expectation", (name, _, of, one, other) => {
  const [a, b] = [one, other].map((gradient) => gradients(guides[name], of, gradient));
  for (const [i, mean] of a.mean.entries()) {
    const error = Math.sqrt((a.variance[i] + b.variance[i]) / DRAWS);
    expect(Math.abs(mean - b.mean[i])).toBeLessThan(FIVE_SIGMA * error + 1e-9);
  }
});
