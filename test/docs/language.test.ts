/** docs/models.md is made from the code and from examples/language, which all run; `npx vitest run -u` writes it anew. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import * as distributions from "../../src/distributions/index.ts";
import { logDensity } from "../../src/inference/index.ts";
import type { Model } from "../../src/model/index.ts";
import * as networks from "../../src/nn/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, key, sizeOf, solveOde } from "../../src/tensor/index.ts";
import * as cumulative from "../../src/tensor/series/cumulative.ts";
import * as lags from "../../src/tensor/series/lags.ts";
import * as splines from "../../src/tensor/series/splines.ts";
import { ELSEWHERE, FAMILIES_ELSEWHERE, FUNCTIONS_ELSEWHERE } from "./elsewhere/index.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(resolve(root, file), "utf8");

/** In the order of the page. */
const EXAMPLES = [
  "censoring",
  "truncation",
  "visits",
  "grades",
  "steps",
  "correlated",
  "curve",
  "manyPlaces",
  "bend",
  "seasons",
  "hares",
  "doses",
  "kinds",
  "missingCovariate",
  "changePoint",
  "hiddenMarkov",
  "lags",
  "sales",
  "gaps",
  "volatility",
  "smoothing",
  "machines",
  "amounts",
  "tallies",
  "scatter",
  "network",
  "pictures",
  "deepNetwork",
  "ownDensity",
  "ownFamily",
];

/** What changes or joins distributions, by file. */
const WORDS: readonly (readonly [word: string, file: string])[] = [
  ["truncated(d, { lower, upper })", "families/truncated"],
  ["restricted(d, { lower, upper })", "derived/restricted"],
  ["censored(d, { left, right, to })", "derived/censored"],
  ["masked(d, present)", "derived/masked"],
  ["ordered(d, axis)", "derived/ordered"],
  ["transformed(d, support or bijection)", "derived/transformed"],
  ["mixture(weights, d, axis)", "families/mixture"],
  ["zeroInflated(counts, { probs })", "families/zeroInflated"],
  ["hurdle(counts, { probs })", "families/hurdle"],
  ["improperUniform(support)", "improperUniform"],
];

/** What makes columns of others, by file. */
const SERIES: readonly (readonly [word: string, file: string])[] = [
  ["lag(x, axis, { steps, before })", "series/lags"],
  ["difference(x, axis, { steps, before })", "series/lags"],
  ["rollingSum(x, axis, window)", "series/lags"],
  ["rollingMean(x, axis, window)", "series/lags"],
  ["cumulativeSum(x, axis)", "series/cumulative"],
  ["bSplines(x, { knots, basis, degree })", "series/splines"],
  ["naturalSplines(x, { knots, basis })", "series/splines"],
  ["quantileKnots(x, count)", "series/splines"],
];

/** Layers and activations, by file. */
const NETWORKS: readonly (readonly [word: string, file: string])[] = [
  ["dense(param, name, from, to)", "dense"],
  ["convolution(param, name, { from, to, along })", "convolution"],
  ["transposedConvolution(param, name, { from, to, along })", "convolution"],
  ["maxPool(x, along)", "pooling"],
  ["averagePool(x, along)", "pooling"],
  ["embedding(param, name, kind, unit)", "layers"],
  ["layerNorm(param, name, unit)", "layers"],
  ["dropout(x, rate, key)", "layers"],
  ["relu(x)", "activations"],
  ["leakyRelu(x, slope)", "activations"],
  ["elu(x)", "activations"],
  ["gelu(x)", "activations"],
  ["silu(x)", "activations"],
  ["softmax(x, axis)", "activations"],
];

/** Equations, by file. */
const EQUATIONS: readonly (readonly [word: string, file: string])[] = [
  ["solveOde(rates, { initial, parameters, times, along })", "ode/solve"],
];

/** What stands for unknown functions, by file. */
const FUNCTIONS: readonly (readonly [word: string, file: string])[] = [
  ["gaussianProcess(kernel, { mean, noise })", "gaussianProcess/gaussianProcess"],
  ["hilbertSpaceProcess(kernel, basis, { range })", "gaussianProcess/basis"],
  ["fourierProcess(kernel, basis)", "gaussianProcess/basis"],
  ["squaredExponential({ scale, lengthscale, over })", "gaussianProcess/kernels"],
  ["matern(order, { scale, lengthscale, over })", "gaussianProcess/kernels"],
  ["periodicKernel({ scale, lengthscale, period })", "gaussianProcess/kernels"],
  ["linearKernel({ scale, centre, over })", "gaussianProcess/kernels"],
  ["constantKernel(scale)", "gaussianProcess/kernels"],
  ["whiteKernel(scale)", "gaussianProcess/kernels"],
];

const row = (cells: readonly string[]) =>
  `| ${cells.map((x) => x.replaceAll("|", "\\|")).join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");

/** The lines of a comment as text, up to its formula or its tags. */
function sentencesOf(comment: string): string {
  const text = comment
    .replace(/^\s*\/\*\*|\*\/\s*$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n");
  const [paragraph] = text.trim().split(/\n\s*\n|\n\s*@/);
  return paragraph.replace(/\s+/g, " ").replace(/[:,]$/, ".").trim();
}

/** The first paragraph above the exported function of a word. */
function aboutWord(word: string, file: string, room = "distributions"): string {
  const source = read(`src/${room}/${file}.ts`);
  const at = source.search(new RegExp(`export function ${word.split("(")[0]}\\b`));
  expect(at, word).toBeGreaterThan(0);
  return sentencesOf(source.slice(source.lastIndexOf("/**", at), source.lastIndexOf("*/", at) + 2));
}

/** The members of an interface with what is said of them. */
function members(file: string, name: string): string[][] {
  const source = read(`src/${file}.ts`);
  const body = source.slice(source.indexOf(`export interface ${name} {`));
  const found = [
    ...body
      .slice(0, body.indexOf("\n}"))
      .matchAll(/^ {2}(\/\*\*[\s\S]*?\*\/)\s*(?:readonly )?(\w+)/gm),
  ];
  return found.map(([, comment, member]) => [`\`${member}\``, sentencesOf(comment)]);
}

function page(): string {
  const examples = EXAMPLES.map((name) => {
    const source = read(`examples/language/${name}.ts`);
    const end = source.indexOf("*/") + 2;
    const [comment, code] = [source.slice(0, end), source.slice(end).trim()];
    return `### ${sentencesOf(comment)}\n\n\`\`\`ts\n${code}\n\`\`\``;
  });
  return `# The language of models

A model is a function of its statements and its data. Tensors have named axes; a distribution has one member for each
element of its parameters. The families stand in [distributions.md](distributions.md).

## Statements

${table(["statement", "what it says"], members("model/model", "Sites"))}

## What changes and joins distributions

${table(
  ["word", "what it makes"],
  WORDS.map(([word, file]) => [`\`${word}\``, aboutWord(word, file)]),
)}

A family of one's own is \`distribution({ name, parameters, constraints, support, reparameterised, logProb, sample })\`; what
else it may tell (\`cdf\`, \`logCdf\`, \`logSurvival\`, \`mean\`, \`variance\`, \`entropy\`) is used where it is there.

Discrete latents with finitely many values are summed out exactly by all methods but \`rws\`, \`mprws\` and \`qem\`: for each element
of their plates, in all combinations along event axes, forwards along chains. Draws hold them as well, and
\`summarise\` tells the probability of each value by its label; \`logDensity(model, data).probabilities(position)\` gives
these exactly.

## Unknown functions

A kernel is a value: \`k.add(other)\` and \`k.mul(other)\` are kernels too. Inputs are a tensor over an axis of places, and
over an axis of input columns if a kernel is told of one (\`over\`), with a lengthscale for each if that varies over it.

${table(
  ["word", "what it is"],
  FUNCTIONS.map(([word, file]) => [`\`${word}\``, aboutWord(word, file)]),
)}

## The columns of a table

A model file is given the columns of its table, a program has them by \`columnsOf(await parseTable(text, "people.csv"))\`.
Over the rows, the numbers of a column are \`column("age")\`, and what is drawn for each label of another is
\`gather(level, axisOf("county"), indexOf("county"))\`.

${table(["word", "what it is"], members("tables/columns", "Columns"))}

## Columns made of others

${table(
  ["word", "what it makes"],
  SERIES.map(([word, file]) => [`\`${word}\``, aboutWord(word, file, "tensor")]),
)}

Known values are taken as they are: the knots of \`days("day").div(365)\` are \`quantileKnots(days("day"), 4)\`, each over 365.

## Differential equations

${table(
  ["word", "what it makes"],
  EQUATIONS.map(([word, file]) => [`\`${word}\``, aboutWord(word, file, "tensor")]),
)}

## Networks

A residual is \`x.add(layer(x))\`; \`tanh\`, \`sigmoid\` and \`softplus\` are activations too.

${table(
  ["word", "what it makes"],
  NETWORKS.map(([word, file]) => [`\`${word}\``, aboutWord(word, file, "nn")]),
)}

## Models to copy

They stand in \`examples/language\`.

${examples.join("\n\n")}

## How to write it

${table(["", "Stan", "PyMC", "NumPyro", "here"], ELSEWHERE)}

## Their distributions

A dash: it has none of that name. What stands in words in the last column can be said, with other words; what is "not there" cannot,
but as a family of one's own or by \`factor\`.

${table(["Stan", "PyMC", "NumPyro", "here"], FAMILIES_ELSEWHERE)}

## Their functions

${table(["Stan", "PyMC (PyTensor)", "NumPyro (JAX)", "here"], FUNCTIONS_ELSEWHERE)}
`;
}

test("all examples are told of", () => {
  const files = readdirSync(resolve(root, "examples/language")).map((name) =>
    name.replace(/\.ts$/, ""),
  );
  expect([...EXAMPLES].sort()).toEqual(files.sort());
});

test("the page of the language is up to date", async () => {
  await expect(page()).toMatchFileSnapshot("../../docs/models.md");
});

/** Words of models, by room: those of distributions, of networks, of columns and of equations. */
const ROOMS = { ...distributions, ...networks, ...lags, ...splines, ...cumulative, solveOde };

/** What is no word of a model: it makes guides, or is asked for values outside of models. */
const NOT_OF_MODELS = ["bijectionTo", "kl", "lowRankNormal", "xavierNormal", "xavierUniform"];

test("each word stands in an example", () => {
  const imported = EXAMPLES.flatMap((name) => {
    const source = read(`examples/language/${name}.ts`);
    return source.slice(0, source.indexOf('from "surmise"')).match(/\w+(?=,|\s*\})/g) ?? [];
  });
  const initialisers = ["normalInit", "constantInit", "zeros"];
  const words = Object.entries(ROOMS)
    .filter(([, word]) => typeof word === "function")
    .map(([word]) => word)
    .filter((word) => ![...NOT_OF_MODELS, ...initialisers].includes(word));
  expect(words.filter((word) => !imported.includes(word))).toEqual([]);
  expect(words.length).toBeGreaterThan(80);
});

describe("the examples", () => {
  test.each(EXAMPLES)(
    "%s has a finite density and gradient, and draws of all that is discrete",
    async (name) => {
      const { default: model } = (await import(`../../examples/language/${name}.ts`)) as {
        default: Model<undefined>;
      };
      const density = logDensity(model, undefined);
      // Of params, which are no latents.
      for (const [param, { axes }] of density.program.inputs) {
        const numbers = Array.from({ length: sizeOf(axes) }, (_, i) => 0.5 + 0.1 * Math.cos(i));
        if (!param.startsWith("#")) density.program.write(param, numbers);
      }
      const position = Float64Array.from(
        { length: density.dimension },
        (_, i) => 0.3 * Math.cos(i),
      );
      const gradient = new Float64Array(density.dimension);
      expect(Number.isFinite(density.evaluate(position, gradient))).toBe(true);
      expect(gradient.every(Number.isFinite)).toBe(true);
      const run = density.traceDrawnAt(density.bySite(position), axis("draw", 3), key(1));
      for (const latent of run.latents.filter(({ name }) => density.summedOut.includes(name))) {
        const { x } = compile({ outputs: { x: latent.value } }, { steps: 1 }).run();
        expect(Number.isFinite(Number(x.data[0]))).toBe(true);
      }
    },
  );
});
