/** Observed values and parameters outside their sets end a fit, wherever they are computed. */
import { describe, expect, test } from "vitest";
import * as d from "../../../src/distributions/internal.ts";
import { global, minibatch, fit as train } from "../../../src/inference/internal.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  constant,
  gather,
  grad,
  input,
  key,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";

const [row, pixel, batch, k] = [axis("row", 3), axis("pixel", 2), axis("batch", 2), axis("k", 2)];
const grey = tensor(Uint8Array.of(0, 255, 1, 0, 0, 1), [row, pixel]);
const fitted = (p: Model<undefined>) => () =>
  train({
    model: p,
    guide: () => {},
    data: undefined,
    optimiser: sgd(0.1),
    steps: 30,
    particles: global(3),
  });
/** A model of one parameter, 0, and what is observed given it. */
const observing = (body: (w: Tensor) => [d.Distribution, Tensor], plates = [row]) =>
  fitted(
    model(({ param, observe, plate }) => {
      const w = param("w", [], { init: constantInit(0) });
      const [distribution, value] = body(w);
      const inside = (rest: typeof plates): void =>
        rest.length === 0
          ? observe("y", distribution, value)
          : plate(rest[0], () => inside(rest.slice(1)));
      inside(plates);
    }),
  );

describe("values that are computed", () => {
  const step = input("#step", [], "int32");
  const pixels = (of: Tensor) => cast(minibatch(of, row, batch, step, key(1)), "float32");
  const coin = (w: Tensor) => d.bernoulli({ logits: w }).event(pixel);

  test("grey pixels of a minibatch are refused before the first step", () => {
    expect(observing((w) => [coin(w), pixels(grey)], [batch])).toThrow(
      "observe 'y': the value of row 1, pixel 2 is 255, but a draw of its bernoulli is 0 or 1: mend the data, or " +
        "choose another distribution (grey pixels: divide by 255, or binarise(...))",
    );
  });

  const outside: [string, (w: Tensor) => [d.Distribution, Tensor], string][] = [
    ["grey", (w) => [coin(w), cast(grey, "float32").mul(1.5)], "is 382.5 at row 1, pixel 2"],
    [
      "a masked value",
      (w) => [
        d.masked(d.bernoulli({ logits: w }), tensor(Uint8Array.of(0, 1, 1), [row])),
        tensor([9, 2, 1], [row]).mul(1),
      ],
      "is 2 at row 2",
    ],
    [
      "a half count",
      (w) => [
        d.zeroInflated(d.poisson(w.add(1)), { logits: w }),
        tensor([1, 2, 3], [row]).mul(0.5),
      ],
      "is 0.5 at row 1",
    ],
    [
      "more than all",
      (w) => [d.binomial(3, { logits: w }), tensor([1, 2, 3], [row]).mul(2)],
      "is 4 at row 2",
    ],
    [
      "a negative size",
      (w) => [
        d.mixture(tensor([0.5, 0.5], [k]), d.gamma(w.add(tensor([1, 2], [k])), 1)),
        tensor([1, 2, 3], [row]).sub(2),
      ],
      "is -1 at row 1",
    ],
    [
      "a position too far",
      (w) => [
        d.categorical({ logits: w.mul(tensor([1, 2], [k])) }),
        tensor(Int32Array.of(1, 0, 1), [row]).mul(2),
      ],
      "is 2 at row 1",
    ],
    [
      "no number",
      (w) => [d.normal(w, 1), tensor([1, 2, 3], [row]).mul(Number.NaN)],
      "is NaN at row 1",
    ],
    [
      "an infinite number",
      (w) => [d.normal(w, 1), tensor([1, 0, 3], [row]).div(0)],
      "is Infinity at row 1",
    ],
  ];
  test.each(outside)("%s ends the fit", (_, body, message) => {
    expect(observing(body)).toThrow(
      new RegExp(`site 'y': the observed value ${message} .*it must be .*Mend the data`),
    );
  });

  test("what no mask counts, and probabilities of coins, are let pass", () => {
    const y = tensor([9, 1, 0], [row]).mul(1);
    const shown = tensor(Uint8Array.of(0, 1, 1), [row]);
    expect(observing((w) => [d.masked(d.bernoulli({ logits: w }), shown), y])).not.toThrow();
    expect(observing((w) => [d.bernoulli({ logits: w }), y.mul(1 / 9)])).not.toThrow();
  });
});

describe("parameters that are computed", () => {
  const at = (x: number) => (w: Tensor) => w.add(x);
  const cut = axis("cut", 2);
  const grade = axis("grade", 3);
  const one = constant(1);
  const cases: [string, (w: Tensor) => [d.Distribution, Tensor]][] = [
    ["the sd of its normal is -1", (w) => [d.normal(0, at(-1)(w)), one]],
    ["the alpha of its beta is -0.5", (w) => [d.beta(at(-0.5)(w), 2), one.mul(0.5)]],
    ["the shape of its gamma is -0.5", (w) => [d.gamma(at(-0.5)(w), 1), one]],
    ["the rate of its gamma is -2", (w) => [d.gamma(2, at(-2)(w)), one]],
    ["the degrees of its studentT is -3", (w) => [d.studentT(at(-3)(w), 0, 1), one]],
    ["the rate of its poisson is -3", (w) => [d.poisson(at(-3)(w)), one]],
    ["the total of its binomial is 2.5", (w) => [d.binomial(at(2.5)(w), { logits: 0 }), one]],
    [
      "the cutpoints of its orderedLogistic is 1; it must be increasing along 'cut'",
      (w) => [
        d.orderedLogistic(w, w.add(tensor([2, 1], [cut])), { cut, category: grade }),
        constant(0, "int32"),
      ],
    ],
  ];
  test.each(cases)("%s", (message, body) => {
    expect(observing(body, [])).toThrow(message);
  });

  test("spare the derivatives of what is fine", () => {
    const sd = input("sd", [row]);
    const density = sum(d.gamma(sd, 1).logProb(constant(1)));
    const program = compile({ outputs: { density, slope: grad(density, [sd])[0] } });
    const found = program.run({ inputs: { sd: [1, 2, 3] } });
    expect(found.density.data[0]).toBeCloseTo(-3 - Math.log(2), 5);
    expect(found.slope.data.every(Number.isFinite)).toBe(true);
    expect(program.run({ inputs: { sd: [1, -0.5, 3] } }).density.data[0]).toBeNaN();
  });
});

test("a position that is known is no reason to refuse rows that it leaves out", () => {
  const few = gather(grey, row, tensor(Int32Array.of(2), [axis("chosen", 1)]));
  const p = fitted(
    model(({ observe, param, plate }) => {
      const logits = param("w", [], { init: constantInit(0) });
      plate(few.axes[0], () => observe("y", d.bernoulli({ logits }).event(pixel), few));
    }),
  );
  expect(p).not.toThrow();
});
