/** Matrices, names, data and chains as people write them who come from other libraries. */
import * as s from "../../src/index.ts";
import { type Any, made, type Newcomer, observing, ofLatent, prior } from "./newcomers.ts";

const {
  axis,
  censored,
  constant,
  dirichlet,
  gather,
  lkjCholesky,
  masked,
  mixture,
  multivariateNormal,
  normal,
  ordered,
  orderedLogistic,
  poisson,
  sum,
  tensor,
  zeroInflated,
} = s as Any;

const NO_ARRAY =
  /is not (a function|iterable)\. A tensor is no array.*gather\(x, axis, positions\)/;
const CHANGING =
  /(is another one when the model is run again|the same sites each time).*Math\.random/;

let runs = 0;

/** Each is refused in one message, naming what `says` says. */
export const DATA: readonly Newcomer[] = [
  prior("dirichlet([1, 1])", /dirichlet: undefined is no axis; make one by axis/, () =>
    dirichlet([1, 1]),
  ),
  prior("lkjCholesky(2, 3)", /lkjCholesky: 3 is no axis/, () => lkjCholesky(2, 3)),
  prior("a covariance that is not symmetric", /symmetric and positive definite/, () => {
    const [k, j] = [axis("k", 2), axis("j", 2)];
    const covariance = tensor(
      [
        [1, 0.5],
        [0.2, 1],
      ],
      [k, j],
    );
    return multivariateNormal(0, { covariance }, k, j);
  }),
  prior("a covariance over one axis", /axis 'k' stands twice/, () => {
    const k = axis("k", 2);
    return multivariateNormal(
      0,
      {
        covariance: tensor(
          [
            [1, 0],
            [0, 1],
          ],
          [k, k],
        ),
      },
      k,
      k,
    );
  }),
  made(
    "weights not summed",
    /'k' is an event axis of 'w': sum over it first\?/,
    ({ sample, observe, plate }, { row, column }) => {
      const w = sample("w", normal(0, 1).event(axis("k", 3)));
      plate(row, () => observe("y", normal(w, 1), column("y")));
    },
  ),
  prior(".event(3)", /normal: event: axes\[0\] must be an axis/, () => normal(0, 1).event(3)),
  made("sum over a name", /sum: "row" is no axis/, (_, { column }) => sum(column("x"), "row")),
  made(
    "a plate that returns nothing",
    /source must be a tensor, not undefined/,
    ({ sample, plate }, { axisOf, indexOf }) => {
      const a = plate(axisOf("g"), () => {
        sample("a", normal(0, 1));
      });
      gather(a, axisOf("g"), indexOf("g"));
    },
  ),
  prior("a distribution for a draw", /not a distribution: a draw of it is sample\("name"/, () =>
    normal(normal(0, 1), 1),
  ),
  ofLatent("a distribution in a sum", /and a distribution: tensors and numbers/, (a) =>
    normal(a.add(normal(0, 1)), 1),
  ),
  made(
    "a draw for a distribution",
    /must be given, such as normal\(0, 1\), not a tensor/,
    ({ sample }) => sample("b", sample("a", normal(0, 1))),
  ),
  prior("normal(0, 1).sample()", /normal: sample: key must be a key/, () => normal(0, 1).sample()),
  prior("normal(0, 1).add(3)", NO_ARRAY, () => normal(0, 1).add(3)),
  made("the result of observe", /of undefined.*observe returns nothing/s, ({ observe }) =>
    observe("y", normal(0, 1), constant(1)).mul(2),
  ),
  made("one name in a loop", /two sites are named 'a'/, ({ sample }) => {
    for (let i = 0; i < 3; i++) sample("a", normal(0, 1));
  }),
  prior("Math.random()", CHANGING, () => normal(Math.random(), 1)),
  made("Math.random() in a name", CHANGING, ({ sample }) =>
    sample(`a${Math.random()}`, normal(0, 1)),
  ),
  prior("a counter", CHANGING, () => {
    runs++;
    return normal(runs, 1);
  }),
  made("a site now and then", CHANGING, ({ sample }) => {
    runs++;
    sample("a", normal(0, 1));
    if (runs % 2 === 0) sample("b", normal(0, 1));
  }),
  made("an async model", /the model returns a promise/, async ({ sample }) => {
    sample("a", normal(0, 1));
  }),
  observing("a promise", /not a promise \(await it before/, ({ column }) =>
    Promise.resolve(column("y")),
  ),
  observing("a list", /must be a tensor, not an array: write/, () => [1, 2, 3]),
  observing("a tensor by shape", /tensor: 3 is no axis; make one by axis/, () =>
    tensor([1, 2, 3], [3]),
  ),
  observing("too few rows", /needs 8 values, got 3/, ({ row }) => tensor([1, 2, 3], [row])),
  ...[null, undefined, "1", true, new Date(0), { y: 1 }].map((value) =>
    observing(
      `${String(value)} in a list`,
      /the value at row 1 is .*; numbers are needed/,
      ({ row }) => tensor(new Array(8).fill(value), [row]),
    ),
  ),
  observing("a data frame", /an object \(Object\) holds no values; give/, ({ row }) =>
    tensor({ y: [1, 2] }, [row]),
  ),
  observing(
    "NaN",
    /value of row 1 is NaN, but a draw of its normal is a finite number/,
    ({ row }) => tensor(new Array(8).fill(Number.NaN), [row]),
  ),
  observing("gaps", /'gap' has no value for row 2.*masked.*inferGaps/, ({ column }) =>
    column("gap"),
  ),
  observing("a column of text", /'g' in row 1 is 'a', not a number.*axisOf\('g'\)/, ({ column }) =>
    column("g"),
  ),
  observing("a column of dates", /take dates by days\('date'\)/, ({ column }) => column("date")),
  ...[0, -1, 2.5, "3", undefined].map((size) =>
    made(`an axis of size ${size}`, /axis 'k': the size must be a whole number/, () =>
      axis("k", size),
    ),
  ),
  ofLatent(
    "a mask of numbers",
    /masked: mask must be conditions \(uint8\), such as x\.eq\(1\)/,
    (a, { column }) => masked(normal(a, 1), column("x")),
  ),
  ofLatent("a mask of a list", /masked: mask must be a tensor, not a list/, (a) =>
    masked(normal(a, 1), [true, false]),
  ),
  ofLatent("censored(d, 0, 3)", /censoring must be an object, not 0/, (a) =>
    censored(normal(a, 1), 0, 3),
  ),
  ofLatent("limits for marks", /no entry 'lower'; there are left, right, to/, (a) =>
    censored(normal(a, 1), { lower: 0 }),
  ),
  ofLatent("values for marks", /right must be conditions \(uint8\)/, (a, { column }) =>
    censored(normal(a, 1), { right: column("y") }),
  ),
  made(
    "cutpoints in any order",
    /write sample\("c", ordered\(normal\(0, 5\), cut\)\)/,
    ({ sample, observe, plate }, { row, axisOf, indexOf }) => {
      const [cut, category] = [axis("cut", 2), axisOf("grade")];
      const c = sample("c", normal(0, 5).event(cut));
      plate(row, () =>
        observe("grade", orderedLogistic(0, c, { cut, category }), indexOf("grade")),
      );
    },
  ),
  made(
    "a cutpoint too many",
    /3 cutpoints make 4 categories, but category has/,
    ({ sample }, { axisOf }) => {
      const cut = axis("cut", 3);
      const c = sample("c", ordered(normal(0, 5), cut));
      orderedLogistic(0, c, { cut, category: axisOf("grade") });
    },
  ),
  ofLatent("a list of components", /components must be a distribution/, () => {
    const k = axis("k", 2);
    return mixture(tensor([0.5, 0.5], [k]), [normal(0, 1), normal(1, 1)], k);
  }),
  prior("zeroInflated(counts, 0.3)", /\{ probs \} or \{ logits \} must be given, not 0\.3/, () =>
    zeroInflated(poisson(2), 0.3),
  ),
  made("factor of rows", /or sum over it, sum\(x, row\)/, ({ sample, factor }, { column }) =>
    factor("f", normal(sample("a", normal(0, 1)), 1).logProb(column("y"))),
  ),
  made(
    "factor of a number",
    /factor 'f': the value must be a tensor, not the number 3/,
    ({ factor }) => factor("f", 3),
  ),
  made(
    "a chain that begins at 0",
    /chain 'row': the state at first must be a tensor, such as constant\(0\)/,
    ({ chain }, { row }) => chain(row, 0, (x: Any) => x),
  ),
  made(
    "a chain that returns nothing",
    /return what the next step is to be given/,
    ({ chain, sample }, { row }) =>
      chain(row, constant(0), (before: Any) => {
        sample("z", normal(before, 1));
      }),
  ),
];
