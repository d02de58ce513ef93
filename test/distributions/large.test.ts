/** Log densities, entropies and divergences where large terms cancel, beside the same in 60 digits (mpmath). */
import { describe, expect, test } from "vitest";
import * as d from "../../src/distributions/internal.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, type DType, grad, input, type Tensor, tensor } from "../../src/tensor/internal.ts";

type Make = (...numbers: Tensor[]) => Tensor | undefined;
/** An expression of numbers, these, its value, and its derivatives by the first of them. */
type Case = readonly [
  of: string,
  make: Make,
  at: readonly number[],
  value: number,
  slopes?: readonly number[],
];

const hurdle = (counts: d.Distribution, zero: Tensor, x: number) =>
  d.hurdle(counts, { logits: zero }).logProb(tensor(x, [], counts.dtype));
const gamma: Make = (a, b, x) => d.gamma(a, b).logProb(x);
const inverseGamma: Make = (a, b, x) => d.inverseGamma(a, b).logProb(x);
const beta: Make = (a, b, x) => d.beta(a, b).logProb(x);
const binomial: Make = (n, l, x) => d.binomial(n, { logits: l }).logProb(x);

const part = axis("part", 3);
const pair = axis("pair", 2);
const column = axis("column", 2);
const along = (list: readonly number[], dtype: DType) => tensor(list, [part], dtype);

const DOUBLES: readonly Case[] = [
  ["gamma", gamma, [1e8, 1, 100012345.5], -10.891396490631934, [1.2345238005863595e-4]],
  ["gamma", gamma, [1e12, 1, 999998e6], -16.734449757837698, [-2.0000015000026667e-6, 2e6]],
  ["gamma", gamma, [9, 2, 4], -1.2759233887466175, [-0.06119993627577407, 0.5, 0]],
  ["gamma", gamma, [1e8, 1, 2e7], -80943799.76325104, [-1.6094379074341003, 8e7, 3.99999995]],
  ["inverseGamma", inverseGamma, [1e8, 1, 1.00012e-8], 25.992077773539265, [-1.19987800576e-4]],
  ["beta", beta, [1e8, 3e8, 0.25001], 9.714845798999763, [4.000295002138e-5, -1.33330055563586e-5]],
  ["beta", beta, [1e12, 1e12, 0.500001], 9.936292795365349, [1.99999825e-6, -2.00000175e-6]],
  ["beta", beta, [9, 1e5, 1e-4], 9.328963267642276, [0.1620286114303064, -1.00086001293713e-5]],
  ["gamma's entropy", (a, b) => d.gamma(a, b).entropy(), [1e12, 3], 14.135836802500505],
  ["inverse gamma's", (a, b) => d.inverseGamma(a, b).entropy(), [1e12, 3], -38.92898085201937],
  ["beta's entropy", (a, b) => d.beta(a, b).entropy(), [1e8, 3e8], -9.321537238478403],
  ["beta's entropy", (a, b) => d.beta(a, b).entropy(), [1e12, 0.5], -27.54041118601481],
  [
    "Student's",
    (n, s) => d.studentT(n, 0, s).entropy(),
    [1, 1],
    2.5310242469692907,
    [-1.1449340668],
  ],
  ["Student's", (n, s) => d.studentT(n, 0, s).entropy(), [1e30, 1], 1.4189385332046727],
  [
    "gammas of one mean",
    (a, b, c, e) => d.kl(d.gamma(a, b), d.gamma(c, e)),
    [1e12, 1.5, 2e12, 3],
    0.15342640972006902,
    [-5e-13],
  ],
  [
    "a narrow gamma from a wide one",
    (a, b, c, e) => d.kl(d.gamma(a, b), d.gamma(c, e)),
    [1e12, 1e12, 1, 1],
    13.396572024759935,
  ],
  [
    "betas",
    (a, b, c, e) => d.kl(d.beta(a, b), d.beta(c, e)),
    [1e8, 1e8, 2e8, 2.002e8],
    50.12869117166504,
  ],
  [
    "betas",
    (a, b, c, e) => d.kl(d.beta(a, b), d.beta(c, e)),
    [1e12, 3, 2e12, 3],
    0.9205584583186641,
  ],
  [
    "a Dirichlet of which one part is small",
    (a) =>
      d
        .dirichlet(a.mul(along([1, 1, 5e-13], "float64")), part)
        .logProb(along([0.5, 0.5 - 2 ** -41, 2 ** -41], "float64")),
    [1e12],
    40.826034500625326,
  ],
  [
    "a Dirichlet",
    (a) =>
      d
        .dirichlet(a.mul(along([1, 2, 1], "float64")), part)
        .logProb(along([0.25, 0.5 - 2 ** -14, 0.25 + 2 ** -14], "float64")),
    [1e8],
    15.231859294946533,
  ],
  [
    "many in three classes",
    (n) =>
      d
        .multinomial(n, { probs: along([0.25, 0.5, 0.25], "float64") }, part)
        .logProb(along([250000300000, 499999500000, 250000200000], "float64")),
    [1e12],
    -28.246030720938105,
  ],
  [
    "a hurdle of rare binomial counts",
    (l, z) => hurdle(d.binomial(20, { logits: l }), z, 2),
    [-60, -1],
    -58.061969888911726,
    [1, -0.2689414213699951],
  ],
  [
    "a hurdle of rare negative binomial counts",
    (r, l, z) => hurdle(d.negativeBinomial({ total: r, logits: l }), z, 2),
    [1e-12, -30, -1],
    -31.00640886807731,
    [1, 1, -0.2689414213699951],
  ],
  [
    "the first of them",
    (r, l, z) => hurdle(d.negativeBinomial({ total: r, logits: l }), z, 1),
    [2, -30, -1],
    -0.3132616875183632,
    [-4.678811484420014e-14, -1.4036434453259167e-13],
  ],
  [
    "a hurdle of rare failures",
    (l, z) => hurdle(d.geometric({ logits: l }), z, 2),
    [60, -1],
    -60.31326168751822,
    [-1],
  ],
  [
    "a hurdle of rare beta-binomial counts",
    (a, b, z) => hurdle(d.betaBinomial(20, a, b), z, 2),
    [1e-20, 0.5, -1],
    -2.5556967750518216,
    [-0.9871876897224213, 0.879634935948122],
  ],
];

const M = 2 ** 20;
const SINGLES: readonly Case[] = [
  ["binomial", binomial, [M, 0.5, 653000], -7.313823071442882],
  ["binomial", binomial, [M, -3, 49500], -6.8570145567166865],
  [
    "many in three classes",
    (n) =>
      d
        .multinomial(n, { probs: along([0.25, 0.5, 0.25], "float32") }, part)
        .logProb(along([M / 4 + 300, M / 2 - 500, M / 4 + 200], "float32")),
    [M],
    -14.454794465459655,
  ],
  [
    "a t so wide that its scale times the root of its degrees is no number",
    (n, s, x) => d.studentT(n, 0, s).logProb(x),
    [2 ** 100, 2 ** 100, 3 * 2 ** 100],
    -74.7336565891992,
  ],
  [
    "a t as far out as it is wide, which is nearly too wide for a number",
    (n, s, x) => d.studentT(n, 0, s).logProb(x),
    [4, 2 ** 127, 1.5 * 2 ** 127],
    -90.12623894069581,
  ],
  [
    "a t of vectors whose distance is too many scales for a number",
    (n, s, x) => {
      const factor = s.mul(tensor([1, 0, 0, 1], [pair, column], s.dtype));
      const at = x.mul(tensor([1, 1], [pair], x.dtype));
      return d.multivariateStudentT(n, 0, { factor }, pair, column).logProb(at);
    },
    [1, 2 ** -100, 2 ** 70],
    -217.7532238108323,
    [-116.6815948, 2 ** 100, -(2 ** -70) * 3],
  ],
  // Both shapes are 2, of which one is a plain number: the derivative is log x - digamma(2) + digamma(4).
  ["beta", (a, x) => d.beta(a, 2).logProb(x), [2, 0.3], 0.2311117209633866, [-0.3706394709926027]],
];

const SUITES = [
  ["float64", DOUBLES, 1e-9],
  ["float32", SINGLES, 3e-6],
] as const;

describe.each(SUITES)("in %s", (dtype, cases, tolerance) => {
  const inputs: Record<string, number> = {};
  const outputs = Object.fromEntries(
    cases.flatMap(([, make, at, , slopes = []], k) => {
      const numbers = at.map((value, i) => {
        inputs[`${k} ${i}`] = value;
        return input(`${k} ${i}`, [], dtype);
      });
      const y = make(...numbers) as Tensor;
      const found = grad(y, numbers.slice(0, slopes.length));
      return [[`${k}`, y], ...found.map((g, i) => [`${k}/${i}`, g] as const)];
    }),
  ) as Record<string, Tensor>;
  const program = compile({ outputs }, { backend: "wasm", threads: 1 });
  const known = Object.entries(inputs).filter(([name]) => program.inputs.has(name));
  const found = program.run({
    inputs: Object.fromEntries(known.map(([name, x]) => [name, [x]])),
  });

  test.each(cases.map((each, k) => [each[0], k, each] as const))(
    "%s, case %i",
    (_, k, [, , at, value, slopes = []]) => {
      const got = found[k].data[0];
      expect(Math.abs(got - value), `${got}, not ${value}`).toBeLessThan(
        tolerance * Math.max(1, Math.abs(value)),
      );
      slopes.forEach((slope, i) => {
        const got = found[`${k}/${i}`].data[0];
        const size = Math.max(Math.abs(slope), 1 / Math.abs(at[i]));
        expect(Math.abs(got - slope), `slope ${i}: ${got}, not ${slope}`).toBeLessThan(
          100 * tolerance * size,
        );
      });
    },
  );
});
