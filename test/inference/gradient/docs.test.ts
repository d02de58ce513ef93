/** docs/gradients.md is made from the estimators; `npx vitest run -u` writes it anew. */
import { expect, test } from "vitest";
import {
  bernoulli,
  laplace,
  mixture,
  normal,
  truncated,
} from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  fit,
  GRADIENTS,
  type Gradient,
  type GradientEstimator,
  gradientDiagnostics,
  type KlForm,
  METHODS,
  meanField,
  momentGuide,
  type Particles,
  particles,
  TARGETS,
  traceModelAndGuide,
  unmet,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import {
  axis,
  cast,
  constant,
  index,
  key,
  sin,
  sum,
  type Tensor,
} from "../../../src/tensor/index.ts";

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

const one: Model = ({ sample }) => {
  sample("z", normal(0, 1));
};
const both: Model = ({ sample }) => {
  sample("a", normal(0, 1));
  sample("b", normal(0, 1));
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

type Combined = readonly [Model, Particles, KlForm, alpha?: number];
const COMBINATIONS: Readonly<Record<string, Combined>> = {
  "one draw, or an average": [one, particles.average(2), "sampled"],
  "weighted particles": [one, particles.global(2), "sampled"],
  "massively parallel": [both, particles.massivelyParallel(2), "sampled"],
  "weighted, `alpha` (Renyi)": [one, particles.global(2), "sampled", 0.5],
  "guide with dependent latents": [two, particles.global(2), "sampled"],
  "the same, massively parallel": [two, particles.massivelyParallel(2), "sampled"],
  'kl: "closed"': [one, particles.average(2), "closed"],
  "draws from each component": [blend, particles.stratified(), "sampled"],
  "discrete latents": [coin, particles.global(2), "sampled"],
};

function allows(estimator: GradientEstimator, [model, of, kl, alpha = 0]: Combined) {
  // The guide is the model itself, or, of one latent, as qem wants it.
  const guide =
    estimator.name === "qem" && model !== two && model !== blend
      ? automaticGuide(model, momentGuide())
      : model;
  const pair = { model, guide, data: undefined, key: key(0), parameters: paramStore() };
  const traces = traceModelAndGuide(pair, of, estimator.draw);
  return unmet({ ...traces, kl, alpha }, estimator) === undefined;
}

const cut: Model = ({ sample }) => {
  sample("z", truncated(laplace(0, 1), { lower: -1 }));
};

/** Models, with guides, that targets differ in; what is drawn is drawn once, or once from each component. */
const TARGETED: Readonly<Record<string, readonly [Model, Model]>> = {
  "latents in the same plates": [
    ({ sample, plate }) => plate(half, () => sample("z", normal(0, 1))),
    ({ sample, plate }) => plate(half, () => sample("z", normal(0, 1))),
  ],
  "latents in different plates": [
    ({ sample, plate }) => {
      const centre = sample("centre", normal(0, 1));
      plate(half, () => sample("z", normal(centre, 1)));
    },
    ({ sample, plate }) => {
      const centre = sample("centre", normal(0, 1));
      plate(half, () => sample("z", normal(centre, 1)));
    },
  ],
  "a guide that is a mixture": [one, blend],
  "draws without derivatives": [cut, cut],
  "discrete latents": [coin, coin],
  "latents that the guide has not": [coin, () => {}],
};

function takes(target: (typeof TARGETS)[number], [model, guide]: readonly [Model, Model]) {
  const pair = { model, guide, data: undefined, key: key(0), parameters: paramStore() };
  const traces = traceModelAndGuide(pair, particles.stratified());
  return unmet(traces, target) === undefined;
}

const part = axis("part", 3);
const datum = axis("datum", 20);
const wave = (x: Tensor) => sin(x.mul(7).add(1)).mul(1.5);
const covariates = wave(cast(index(datum).mul(3).add(index(part)), "float64"));
const f64 = (x: number) => constant(x, "float64");

/** Three means of twenty data each: the posterior is normal, as the guide is. */
const means: Model = ({ sample, observe, plate }) => {
  const z = sample("z", normal(f64(0), 1).event(part));
  plate(datum, () => observe("y", normal(z, 2).event(part), covariates));
};

/** Three coefficients of a logistic regression on twenty data: nearly normal. */
const logistic: Model = ({ sample, observe, plate }) => {
  const z = sample("z", normal(f64(0), 1).event(part));
  plate(datum, () => {
    const up = cast(wave(cast(index(datum).mul(7).add(2), "float64")).gt(0), "uint8");
    observe("y", bernoulli({ logits: sum(covariates.mul(z), part) }), up);
  });
};

/** Independent normals, a fifth of a unit away from where training would end, and as much wider. */
const near = ([at, sd]: readonly [readonly number[], readonly number[]]) => ({
  "z.mean": { data: Float64Array.from(at, (x) => x + 0.2) },
  "z.logSd": { data: Float64Array.from(sd, (x) => Math.log(x) + 0.2) },
});

const MEASURED_ON: Readonly<Record<string, Model>> = { means, logistic };
const MEASURED_WITH: Readonly<Record<string, Particles>> = {
  "one draw": particles.single(),
  "5 weighted": particles.global(5),
};
/** Their control variates are made of the steps before, which single gradients have not; and what moves no mean of q. */
const UNMEASURED = ["scoreScalar", "scorePerDatum", "wakeP", "qem", "none"];

/** The variance of the gradient of q at parameters near those of the posterior, and how far its mean is from total's. */
function measured(): Record<string, string[]> {
  const cells: Record<string, string[]> = {};
  for (const model of Object.values(MEASURED_ON)) {
    const guide = automaticGuide(model, meanField());
    const trained = fit({ model, guide, data: undefined, gradient: "path", steps: 2000 });
    const [at, logSd] = ["z.mean", "z.logSd"].map((name) => [...trained.parameters[name].data]);
    const values = near([at, logSd.map(Math.exp)]);
    for (const of of Object.values(MEASURED_WITH)) {
      const gradientsOf = (gradient: string) =>
        Object.values(
          gradientDiagnostics({
            ...{ model, guide, data: undefined, parameters: paramStore(), values, particles: of },
            ...{ gradient: gradient as Gradient, draws: 3000 },
          }),
        );
      const right = gradientsOf("total").flatMap(({ mean }) => [...mean]);
      for (const name of Object.keys(GRADIENTS)) {
        const isIdle = name === "scoreLeaveOneOut" && of === MEASURED_WITH["one draw"];
        cells[name] ??= [];
        if (UNMEASURED.includes(name) || isIdle) {
          cells[name].push("");
          continue;
        }
        const found = gradientsOf(name);
        const variances = found.flatMap(({ variance }) => [...variance]);
        const variance = variances.reduce((a, b) => a + b);
        const mean = found.flatMap((each) => [...each.mean]);
        const apart = Math.hypot(...mean.map((x, i) => x - right[i]));
        const noise = Math.sqrt((variance / 3000) * 2);
        const bias =
          apart > 4 * noise
            ? `, mean off by ${Math.round((100 * apart) / Math.hypot(...right))} %`
            : "";
        cells[name].push(`${Number(variance.toPrecision(2))}${bias}`);
      }
    }
  }
  return cells;
}

function page(): string {
  const variances = measured();
  const measurements = Object.entries(variances)
    .filter(([, cells]) => cells.some((cell) => cell !== ""))
    .map(([name, cells]) => [`\`${name}\``, ...cells]);
  const settings = Object.keys(MEASURED_ON).flatMap((name) =>
    Object.keys(MEASURED_WITH).map((of) => `${name}, ${of}`),
  );
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
  const targets = TARGETS.map(({ name, about: what, source }) => [`\`${name}\``, what, source]);
  const targeted = TARGETS.map((target) => [
    `\`${target.name}\``,
    ...Object.values(TARGETED).map((pair) => (takes(target, pair) ? "yes" : "no")),
  ]);
  const methods = Object.entries(METHODS).map(([name, { about: what }]) => [`\`${name}\``, what]);
  return `# Gradient estimators

\`bound\` and \`fit\` take a \`gradient\`: a name of this table, or a \`GradientEstimator\` of your own. It says what the
parameters of the model p and of the guide q move by; the value of the bound is the same for all of them.

${table(["gradient", "what it is", "derivative of the expected bound", "source"], about)}

\`path\` leaves out the score term of log q. Its expectation is zero for one draw and for averages, so that \`path\` is
unbiased there; for weighted particles it is not, and \`doublyReparameterised\` is what is unbiased. The wake phases are no
derivatives of the bound by q: they make q close to the posterior in the other direction, and are biased for few particles.

\`pathBlocked\` is what the authors of the path derivative ran: it also cuts the way from a latent into the guide of the
next. It is unbiased where \`path\` is, but with several layers of latents its variance does not go to zero at the posterior.

A guide that is a mixture is trained with a draw from each of its components (\`particles.stratified\`), the component
being summed out: so \`total\` and \`path\` hold for it as for other continuous latents. The score function needs no derivative
of draws; \`score(controls.perDatum({ batch, row, rows }))\` keeps a control variate for each datum over minibatches.

\`qem\` is the natural gradient of the wake phase of q, of a guide that is given by the expectations of its statistics
(\`momentGuide\`): with \`sgd\` its moments are exponential averages of those of the posterior.

What can be combined; the rest is refused, with what to do, by the \`requires\` of the estimator. Where the table says that the
derivative is that of the expected bound it is so in all of these combinations, Renyi bounds and guides that are flows or
mixtures among them (\`test/inference/gradient/combinations.long.test.ts\`):

${table(["gradient", ...Object.keys(COMBINATIONS)], combined)}

The variance of the gradient of q, the sum over its parameters, near the posterior (means 0.2 and log standard deviations 0.2
above where training ends), of 3000 draws on two models, three normal means and a logistic regression with three
coefficients; and how far the mean is from that of \`total\`, where that is more than noise:

${table(["gradient", ...settings], measurements)}

At the posterior itself the variance of \`path\` is zero. Any fit can be measured so: \`gradientDiagnostics\`, or
\`surmise diagnose RUN\`.

# Targets

What is made larger: \`bound\` unless \`fit\` is given another \`target\`, or \`training\` another \`objective\`.

${table(["target", "what it is", "source"], targets)}

What each can be combined with, by its \`requires\`; to \`bound\` those of the gradient are added:

${table(["target", ...Object.keys(TARGETED)], targeted)}

# Methods

Rows of \`METHODS\`: guide, particles and gradient that go together, for \`fit({ method })\` and \`surmise fit --method\`.

${table(["method", "what it is"], methods)}
`;
}

test("the page of gradient estimators is up to date", async () => {
  await expect(page()).toMatchFileSnapshot("../../../docs/gradients.md");
});
