/** docs/gradients.md is made from the estimators; `npx vitest run -u` writes it anew. */
import { expect, test } from "vitest";
import { bernoulli, mixture, normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  GRADIENTS,
  type GradientEstimator,
  type KlForm,
  METHODS,
  momentGuide,
  type Particles,
  particles,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { axis, cast, index, key } from "../../../src/tensor/index.ts";

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const one: Model = ({ sample }) => {
  sample("z", normal(0, 1));
};
const two: Model = ({ sample }) => {
  sample("b", normal(sample("a", normal(0, 1)), 1));
};
const half = axis("half", 2);
const blend: Model = ({ sample }) => {
  const centres = cast(index(half), "float32");
  sample("z", mixture({ logits: centres.mul(0).add(0.5) }, normal(centres, 1)));
};
const coin: Model = ({ sample }) => {
  sample("up", bernoulli({ probs: 0.5 }));
};

const COMBINATIONS: Readonly<Record<string, [Model, Particles, KlForm]>> = {
  "one draw, or an average": [one, particles.average(2), "sampled"],
  "weighted particles": [one, particles.global(2), "sampled"],
  "massively parallel": [one, particles.massivelyParallel(2), "sampled"],
  "guide with dependent latents": [two, particles.global(2), "sampled"],
  'kl: "closed"': [one, particles.average(2), "closed"],
  "draws from each component": [blend, particles.stratified(), "sampled"],
  "discrete latents": [coin, particles.global(2), "sampled"],
};

function allows(estimator: GradientEstimator, [model, of, kl]: [Model, Particles, KlForm]) {
  // The guide is the model itself, or, of one latent, as qem wants it.
  const guide =
    estimator.name === "qem" && model !== two && model !== blend
      ? automaticGuide(model, momentGuide())
      : model;
  const pair = { model, guide, data: undefined, key: key(0), parameters: paramStore() };
  const traces = traceModelAndGuide(pair, of, estimator.draw);
  return estimator.requires({ ...traces, kl, alpha: 0 }) === undefined;
}

function page(): string {
  const estimators = Object.entries(GRADIENTS as Record<string, GradientEstimator>);
  const about = estimators.map(([name, { about: what, source, unbiased }]) => [
    `\`${name}\``,
    what,
    unbiased ? "yes" : "see the notes",
    source,
  ]);
  const combined = estimators.map(([name, estimator]) => [
    `\`${name}\``,
    ...Object.values(COMBINATIONS).map((c) => (allows(estimator, c) ? "yes" : "no")),
  ]);
  const methods = Object.entries(METHODS).map(([name, { about: what }]) => [`\`${name}\``, what]);
  return `# Gradient estimators

\`bound\` and \`fit\` take a \`gradient\`: a name of this table, or a \`GradientEstimator\` of your own. It says what the
parameters of the model p and of the guide q move by; the value of the bound is the same for all of them.

${table(["gradient", "what it is", "derivative of the expected bound", "source"], about)}

\`path\` leaves out the score term of log q. Its expectation is zero for one draw and for averages, so that \`path\` is
unbiased there; for weighted particles it is not, and \`doublyReparameterised\` is what is unbiased. The wake phases are no
derivatives of the bound by q: they make q close to the posterior in the other direction, and are biased for few particles.

A guide that is a mixture is trained with a draw from each of its components (\`particles.stratified\`), the component
being summed out: so \`total\` and \`path\` hold for it as for other continuous latents. The score function needs no derivative
of draws; \`score(controls.perDatum({ batch, row, rows }))\` keeps a control variate for each datum over minibatches.

\`qem\` is the natural gradient of the wake phase of q, of a guide that is given by the expectations of its statistics
(\`momentGuide\`): with \`sgd\` its moments are exponential averages of those of the posterior.

What can be combined; the rest is refused, with what to do, by the \`requires\` of the estimator:

${table(["gradient", ...Object.keys(COMBINATIONS)], combined)}

# Methods

Rows of \`METHODS\`: guide, particles and gradient that go together, for \`fit({ method })\` and \`surmise fit --method\`.

${table(["method", "what it is"], methods)}
`;
}

test("the page of gradient estimators is up to date", async () => {
  await expect(page()).toMatchFileSnapshot("../../../docs/gradients.md");
});
