/** Statements, operators and axes as people write them who come from other libraries. */
import * as s from "../../src/index.ts";
import { type Any, byGroup, made, type Newcomer, observing, ofLatent, prior } from "./newcomers.ts";

const {
  axis,
  beta,
  bernoulli,
  binomial,
  categorical,
  constant,
  exponential,
  gamma,
  gather,
  negativeBinomial,
  normal,
  poisson,
  restricted,
  tensor,
  truncated,
  uniform,
} = s as Any;

const OPERATOR = /stands in an operator such as \+ or <.*x\.add\(1\)/;
const NO_ARRAY =
  /is not (a function|iterable)\. A tensor is no array.*gather\(x, axis, positions\)/;
const IN_ORDER =
  /mean must be a tensor or a number, not an object \(Object\): normal\(mean, sd\) takes/;
const OBSERVE = /sample 'y': what is known is observed: write observe\("y", distribution, value\)/;

/** Each is refused in one message, naming what `says` says. */
export const STATEMENTS: readonly Newcomer[] = [
  ofLatent("a + b", OPERATOR, (a) => normal(a + 1, 1)),
  ofLatent("a * x", OPERATOR, (a, { column }) => normal(a * column("x"), 1)),
  ofLatent("a > 0", OPERATOR, (a) => normal(a > 0 ? 1 : 2, 1)),
  ofLatent("-a", OPERATOR, (a) => normal(-a, 1)),
  ofLatent("a ** 2", OPERATOR, (a) => normal(a ** 2, 1)),
  ofLatent("Math.exp(a)", OPERATOR, (a) => normal(0, Math.exp(a))),
  ofLatent("Math.max(a, 0)", OPERATOR, (a) => normal(Math.max(a, 0), 1)),
  ofLatent("Number(a)", OPERATOR, (a) => normal(Number(a), 1)),
  ofLatent("!a", /mean must be a tensor or a number, not false/, (a) => normal(!a, 1)),
  ofLatent("a.exp()", NO_ARRAY, (a) => normal(0, a.exp())),
  ofLatent("a.plus(1)", NO_ARRAY, (a) => normal(a.plus(1), 1)),
  ofLatent("a.map", NO_ARRAY, (a) => normal(a.map(Math.exp), 1)),
  ofLatent("a spread", NO_ARRAY, (a) => normal([...a], 1)),
  ofLatent("column.reduce", NO_ARRAY, (_, { column }) => column("x").reduce((a: Any) => a)),
  ofLatent("a[0]", /mean must be a tensor or a number, not undefined/, (a) => normal(a[0], 1)),
  ...[undefined, "1", 1n, true, [1, 2], new Date(0), null].map((other) =>
    ofLatent(`add of ${String(other)}`, /add of float\d\d \{\} and .*tensors and num/, (a) =>
      normal(a.add(other), 1),
    ),
  ),
  made("a tensor in a name", /does not hold the text of a tensor/, ({ sample, observe }) => {
    const a = sample("a", normal(0, 1));
    observe(`y${a}`, normal(a, 1), constant(1));
  }),
  observing("obs: of an object", /'y': the value must be a tensor, not an object/, (data) => ({
    obs: data.column("y"),
  })),
  ...["obs", "observed"].map((word) =>
    made(`sample with ${word}`, OBSERVE, ({ sample, plate }, { row, column }) => {
      plate(row, () => sample("y", normal(0, 1), { [word]: column("y") }));
    }),
  ),
  made("sample with data", OBSERVE, ({ sample, plate }, { row, column }) => {
    plate(row, () => sample("y", normal(0, 1), column("y")));
  }),
  made("sample with a shape", /options has no entry 'shape'/, ({ sample }) => {
    sample("y", normal(0, 1), { shape: 3 });
  }),
  made("the value first", /a distribution must be given.*not a tensor/, ({ observe }, { column }) =>
    observe("y", column("y"), normal(0, 1)),
  ),
  made("no name", /write observe\("name", \.\.\.\)/, ({ observe }, { column }) =>
    observe(normal(0, 1), column("y")),
  ),
  made('plate("rows", 8)', /plate: an axis must be given.*not "rows"/, ({ plate }) =>
    plate("rows", 8, () => 1),
  ),
  prior("normal({ loc, scale })", IN_ORDER, () => normal({ loc: 0, scale: 1 })),
  prior("normal({ mean, sd })", IN_ORDER, () => normal({ mean: 0, sd: 1 })),
  prior('normal("a", 0, 1)', /mean must be a tensor or a number, not "a"/, () => normal("a", 0, 1)),
  prior("normal([0, 0], 1)", /not a list of 2: several numbers are tensor/, () =>
    normal([0, 0], 1),
  ),
  prior("exponential({ scale })", /exponential\(rate\) takes its/, () => exponential({ scale: 2 })),
  prior("uniform(5, 0)", /low must be less than high, not 5 and 0/, () => uniform(5, 0)),
  prior("bounds reversed", /lower must be less than upper, not 5 and 0/, () =>
    truncated(normal(0, 1), { lower: 5, upper: 0 }),
  ),
  prior("bounds by place", /bounds must be an object, not 0/, () => truncated(normal(0, 1), 0, 5)),
  prior("bounds called low and high", /no entry 'low'; there are lower, upper/, () =>
    truncated(normal(0, 1), { low: 0 }),
  ),
  prior("a restriction reversed", /lower must be less than upper/, () =>
    restricted(normal(0, 1), { lower: 5, upper: 0 }),
  ),
  prior("bernoulli(p)", /\{ probs \} or \{ logits \} must be given/, () => bernoulli(0.5)),
  prior("negativeBinomial(mu, phi)", /must be an object, not a tensor/, () =>
    negativeBinomial(constant(3), 2),
  ),
  prior("binomial(p, n)", /binomial: \{ probs \} or \{ logits \} must be given, not 10/, () =>
    binomial({ probs: 0.5 }, 10),
  ),
  made(
    "more successes than trials",
    /row 8 is 7, but a draw of its binomial is a whole number from 0 to 5/,
    ({ sample, observe, plate }, { row, column }) => {
      const p = sample("p", beta(1, 1));
      plate(row, () => observe("n", binomial(5, { probs: p }), column("n")));
    },
  ),
  made(
    "numbers for counts",
    /row 1 is 1\.2, but a draw of its poisson is a whole/,
    ({ sample, observe, plate }, { row, column }) => {
      const rate = sample("rate", gamma(1, 1));
      plate(row, () => observe("y", poisson(rate), column("y")));
    },
  ),
  observing("data beyond a uniform", /column 'Y'; the columns are/, ({ column }) => column("Y")),
  ofLatent("data outside of known bounds", /row 6 is 4\.1, but a draw .* is from 0 to 4/, () =>
    uniform(0, 4),
  ),
  made(
    "no plate",
    /'row' is neither a plate around it nor an event axis: put it inside plate\(row/,
    ({ sample, observe }, { column }) =>
      observe("y", normal(sample("a", normal(0, 1)), 1), column("y")),
  ),
  made(
    "no plate for levels",
    /the source has axes \{\}.*make it inside plate\(g, /,
    ({ sample }, { axisOf, indexOf }) =>
      gather(sample("a", normal(0, 1)), axisOf("g"), indexOf("g")),
  ),
  byGroup("levels not looked up", /gather\(x, g, indexOf\("g"\)\)/, (levels) => levels),
  byGroup("gather(x, positions)", /gather: axis must be an axis.*not a tensor/, (levels, data) =>
    gather(levels, data.indexOf("g")),
  ),
  byGroup(
    "gather(x, positions, axis)",
    /gather: axis must be an axis.*not a tensor/,
    (levels, data) => gather(levels, data.indexOf("g"), data.axisOf("g")),
  ),
  byGroup("gather by a name", /positions must be a tensor or a number, not "a"/, (levels, data) =>
    gather(levels, data.axisOf("g"), "a"),
  ),
  byGroup(
    "an axis made by hand",
    /another axis of that name.*outside of the model/,
    (levels, data) => gather(levels, axis("g", 3), data.indexOf("g")),
  ),
  made(
    "rows on an axis made by hand",
    /here 'row' is another axis, of size 8/,
    ({ sample, observe, plate }, { column }) => {
      const a = sample("a", normal(0, 1));
      plate(axis("row", 8), () => observe("y", normal(a, 1), column("y")));
    },
  ),
  ...[[1, 2, 3], Int32Array.of(1, 2, 3)].map((ids) =>
    made(
      "positions from 1",
      /position of k 3 is 3, but positions are counted from 0 to 2: subtract 1/,
      () => {
        const k = axis("k", 3);
        gather(tensor([1, 2, 3], [k]), k, tensor(ids, [k]));
      },
    ),
  ),
  made("positions at halves", /is 0\.5.*a position is a whole number/, () => {
    const k = axis("k", 3);
    gather(tensor([1, 2, 3], [k]), k, tensor([0.5, 1, 2], [k]));
  }),
  made(
    "texts as categories",
    /'grade' in row 1 is 'low', not a number.*indexOf\('grade'\)/,
    ({ observe, plate }, { row, axisOf, column }) => {
      const grade = axisOf("grade");
      plate(row, () =>
        observe("grade", categorical(tensor([1, 1, 1], [grade]), grade), column("grade")),
      );
    },
  ),
  made(
    "categories from 1",
    /row 3 is 3, but a draw of its categorical is a position along 'k'/,
    ({ observe, plate }, { row, column }) => {
      const k = axis("k", 3);
      plate(row, () => observe("k", categorical(tensor([1, 1, 1], [k]), k), column("k")));
    },
  ),
];
