/** Model files as they should not be. */

/** What is wrong, the file, and what the refusal must name. */
export interface MalformedModel {
  readonly what: string;
  readonly source: string;
  readonly says: RegExp;
  /** Files beside it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Of the file; `model.ts` unless given. */
  readonly name?: string;
  readonly words?: readonly string[];
}

const HEAD = `import * as s from "surmise";
import { axis, constant, exp, input, log, tensor, type Axis } from "surmise/tensor";
const { beta, bernoulli, categorical, dirichlet, gamma, halfNormal, model, normal, poisson } = s;
`;

/** A model with this body. */
const body = (what: string, text: string, says: RegExp, more = ""): MalformedModel => ({
  what,
  source: `${HEAD}${more}
export default model(({ sample, observe, plate, param, deterministic, chain }: any, data: any) => {
${text}
});`,
  says,
});
const file = (what: string, source: string, says: RegExp, more: Partial<MalformedModel> = {}) => ({
  ...{ what, source, says },
  ...more,
});

const latent = 'const z = sample("z", normal(0, 1));';

/** Each is refused, naming what `says` says. */
export const MODELS: readonly MalformedModel[] = [
  file("an empty file", "", /default export is missing/),
  file("no default export", "export const x = 1;", /default export is missing/),
  ...["3", '"text"', "null", "[]", "{}", "true", "Symbol()", "1n"].map((value) =>
    file(`the default export ${value}`, `export default ${value};`, /default export is /),
  ),
  file("a guide that is none", "export default () => {}; export const guide = {};", /'guide' is/),
  file("a guide that is null", "export default () => {}; export const guide = null;", /'guide' is/),
  file("a class as the model", `${HEAD} export default class {}`, /class|'new'/),
  file(
    "a generator as the model",
    "export default function* () {}",
    /nothing|promise|generator|returns/,
  ),
  file("an async model", "export default async () => {};", /promise/),
  file("a syntax error", "export default (;", /cannot load/),
  file("an open brace", "export default () => {", /cannot load/),
  file("a Python file", "import numpy as np\ndef model(): pass\n", /cannot load/),
  file("bytes that are no text", "\u0000\u0001\u0002\ufffd", /cannot load|default export/),
  file("a type error at the top", "null.x; export default () => {};", /cannot load/),
  file("an error thrown at the top", 'throw new Error("at the top");', /at the top/),
  file("null thrown at the top", "throw null;", /throws null/),
  file("undefined thrown at the top", "throw undefined;", /throws undefined/),
  file("a promise rejected at the top", 'await Promise.reject(new Error("no"));', /no/),
  file("a module that is not there", 'import "./none.ts"; export default () => {};', /none/),
  file(
    "a package that is not there",
    'import "no-such-package"; export default () => {};',
    /no-such-package/,
  ),
  file("a room that is not there", 'import "surmise/none"; export default () => {};', /none/),
  file(
    "an export that is not there",
    'import { none } from "surmise"; export default () => none;',
    /none/,
  ),
  file(
    "a circle of imports",
    'import { x } from "./b.ts"; export const y = x; export default () => x;',
    /cannot load|before initialization/,
    {
      files: { "b.ts": 'import { y } from "./model.ts"; export const x = y;' },
    },
  ),
  file("a module with a syntax error", 'import "./b.ts"; export default () => {};', /cannot load/, {
    files: { "b.ts": "const = 3;" },
  }),
  file("JSON in the place of a model", '{"model": 1}', /cannot load|default export/),
  body("nothing in it", "", /nothing to fit/),
  body("observations alone", 'observe("y", normal(0, 1), constant(1));', /nothing to fit/),
  body("null thrown", "throw null;", /throws null/),
  body("undefined thrown", "throw undefined;", /throws undefined/),
  body("a text thrown", 'throw "a text";', /throws "a text"/),
  body("an object thrown", "throw { toString: () => 'thing' };", /throws/),
  body("a symbol thrown", "throw Symbol('s');", /throws Symbol/),
  body("an object without a prototype thrown", "throw Object.create(null);", /throws/),
  body(
    "an error whose message throws",
    'throw Object.defineProperty(new Error(), "message", { get() { throw new Error("no"); } });',
    /no message that can be read/,
  ),
  body(
    "an object that throws where it is looked at",
    'throw new Proxy({}, { get() { throw new Error("no"); } });',
    /no message that can be read/,
  ),
  body("a function thrown", "throw () => 1;", /throws a function/),
  body("a plate of an async function", 'plate(axis("k", 2), async () => { await 0; });', /promise/),
  body(
    "other sites at each call",
    'globalThis.n = (globalThis.n ?? 0) + 1; sample("a" + globalThis.n, normal(0, 1));',
    /the same sites each time/,
  ),
  body("an axis of 2^40", 'axis("k", 2 ** 40);', /from 1 to 2\^31 - 1/),
  body("endless recursion", "const f = () => f(); f();", /stack/i),
  body("a mistake", "sample.no.such();", /undefined/),
  body("a site without a name", "sample(normal(0, 1));", /name/),
  body("an empty name", 'sample("", normal(0, 1));', /name/),
  body("a number as a name", "sample(3, normal(0, 1));", /name/),
  body("the name __proto__", 'sample("__proto__", normal(0, 1));', /__proto__/),
  body("two sites of one name", `${latent} ${latent}`, /z/),
  body(
    "a latent and an observation of one name",
    `${latent} observe("z", normal(z, 1), constant(1));`,
    /z/,
  ),
  body("a site without a distribution", 'sample("z");', /'z'/),
  body("a number as a distribution", 'sample("z", 3);', /'z'/),
  body("a tensor as a distribution", 'sample("z", constant(3));', /'z'/),
  body("a function as a distribution", 'sample("z", normal);', /'z'/),
  body("an observation without data", `${latent} observe("y", normal(z, 1));`, /'y' has no value/),
  body("an observation of undefined", `${latent} observe("y", normal(z, 1), undefined);`, /'y'/),
  body("an observation of null", `${latent} observe("y", normal(z, 1), null);`, /'y'/),
  body("an observation of a text", `${latent} observe("y", normal(z, 1), "3");`, /'y'/),
  body("an observation of NaN", `${latent} observe("y", normal(z, 1), constant(NaN));`, /'y'.*NaN/),
  body(
    "an observation of infinity",
    `${latent} observe("y", normal(z, 1), constant(Infinity));`,
    /'y'.*Infinity/,
  ),
  body(
    "5 in a Bernoulli",
    'const p = sample("p", beta(1, 1)); observe("y", bernoulli({ probs: p }), constant(5));',
    /'y'.*5/,
  ),
  body(
    "a fraction in a Poisson",
    'const r = sample("r", gamma(1, 1)); observe("y", poisson(r), constant(1.5));',
    /'y'.*1\.5/,
  ),
  body(
    "-1 in a half normal",
    'const r = sample("r", gamma(1, 1)); observe("y", halfNormal(r), constant(-1));',
    /'y'.*-1/,
  ),
  body("a negative sd", 'sample("z", normal(0, -1));', /sd must be/),
  body("an sd of 0", 'sample("z", normal(0, 0));', /sd must be/),
  body("an sd of NaN", 'sample("z", normal(0, NaN));', /sd must be/),
  body("an infinite sd", 'sample("z", normal(0, Infinity));', /sd must be/),
  body("no sd", 'sample("z", normal(0));', /sd/),
  body("a text as an sd", 'sample("z", normal(0, "1"));', /sd/),
  body("null as a mean", 'sample("z", normal(null, 1));', /mean/),
  body("dirichlet without an axis", 'sample("z", dirichlet(constant(1)));', /dirichlet.*axis/),
  body("dirichlet over a number", 'sample("z", dirichlet(1, 3));', /dirichlet.*axis/),
  body("dirichlet of one share", 'sample("z", dirichlet(1, axis("k", 1)));', /at least two/),
  body("categorical without logits", 'sample("z", categorical({}));', /categorical/),
  body("categorical of a tensor", 'sample("z", categorical(constant(1)));', /categorical/),
  body("bernoulli of a number", 'sample("z", bernoulli(0.5));', /bernoulli/),
  body("bernoulli without an argument", 'sample("z", bernoulli());', /bernoulli/),
  ...["undefined", "null", "{}", "{ p: 0.5 }", "constant(0.5)", "[0.5]"].map((chance) =>
    body(
      `bernoulli(${chance})`,
      `sample("z", bernoulli(${chance}));`,
      /bernoulli: \{ probs \} or \{ logits \}/,
    ),
  ),
  ...["undefined", "null", "3", "{ probs: 3 }", '"x"'].map((weights) =>
    body(
      `categorical(${weights})`,
      `sample("z", categorical(${weights}));`,
      /categorical: the weights must be/,
    ),
  ),
  body(
    "lkjCholesky over numbers",
    'sample("z", s.lkjCholesky(1, 2, 2));',
    /lkjCholesky: 2 is no axis/,
  ),
  body("probabilities above 1", 'sample("z", bernoulli({ probs: 1.5 }));', /probs must be/),
  body(
    "two axes of one name",
    'const z = sample("z", normal(tensor([1, 2], [axis("k", 2)]), tensor([1, 2], [axis("k", 2)])));',
    /'k'/,
  ),
  body("a plate without an axis", 'plate(() => sample("z", normal(0, 1)));', /plate/),
  body("a plate over a number", 'plate(3, () => sample("z", normal(0, 1)));', /plate/),
  body("a plate without a body", 'plate(axis("k", 3));', /plate/),
  body("a plate of no elements", 'plate(axis("k", 0), () => sample("z", normal(0, 1)));', /size/),
  body(
    "an axis of half an element",
    'plate(axis("k", 2.5), () => sample("z", normal(0, 1)));',
    /size/,
  ),
  body("an axis without a name", 'plate(axis("", 2), () => sample("z", normal(0, 1)));', /name/),
  body(
    "values outside their plate",
    'let z; plate(axis("k", 3), () => { z = sample("z", normal(0, 1)); }); observe("y", normal(z, 1), constant(1));',
    /k/,
  ),
  body(
    "an async plate",
    'plate(axis("k", 3), async () => { sample("z", normal(0, 1)); });',
    /promise/,
  ),
  body("a deterministic value that is a text", `${latent} deterministic("d", "x");`, /'d'/),
  body("a deterministic value without a value", `${latent} deterministic("d");`, /'d'/),
  body("a chain without a body", 'chain(axis("t", 3), constant(0));', /chain/),
  body("a chain over no axis", "chain(3, constant(0), (x) => x);", /chain/),
  body("a chain that returns nothing", 'chain(axis("t", 3), constant(0), () => {});', /chain/),
  body("a param without a start", 'param("w", "x");', /'w'/),
  body(
    "ragged numbers",
    'sample("z", normal(tensor([[1], [2, 3]], [axis("a", 2), axis("b", 2)]), 1));',
    /\{a: 2, b: 2\}|b/,
  ),
  body("numbers too few", 'sample("z", normal(tensor([1], [axis("a", 2)]), 1));', /a/),
  body("columns without a table", 'data.column("y");', /--data FILE/),
  body(
    "an input that nobody gives",
    `${latent} observe("y", normal(z, 1), input("x", []));`,
    /'x'/,
  ),
  body("a guide that lacks a latent", latent, /'z'/, "export const guide = () => {};"),
  body(
    "a guide with another latent",
    latent,
    /'w'|'z'/,
    'export const guide = model(({ sample }: any) => { sample("w", normal(0, 1)); });',
  ),
  body(
    "a guide of another support",
    'sample("z", halfNormal(1));',
    /'z'/,
    'export const guide = model(({ sample }: any) => { sample("z", normal(0, 1)); });',
  ),
  body(
    "a guide that throws",
    latent,
    /guide broke/,
    'export const guide = () => { throw new Error("guide broke"); };',
  ),
  body(
    "a guide that observes",
    latent,
    /observe|'y'/,
    'export const guide = model(({ sample, observe }: any) => { sample("z", normal(0, 1)); observe("y", normal(0, 1), constant(1)); });',
  ),
];
