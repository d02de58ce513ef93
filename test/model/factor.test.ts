/** Log densities of one's own, as statements of a model. */
import { describe, expect, test } from "vitest";
import { normal, poisson } from "../../src/distributions/index.ts";
import { LogDensity, logDensity } from "../../src/inference/density/logDensity.ts";
import { block, draw, model, trace, unobserved } from "../../src/model/index.ts";
import {
  axis,
  constant,
  key,
  log,
  SurmiseError,
  square,
  sum,
  tensor,
} from "../../src/tensor/index.ts";

const row = axis("row", 3);
const y = tensor([0.5, -1, 2], [row]);

test("a factor is what it says, in the plates around it", () => {
  const own = model(({ sample, factor, plate }) => {
    const mean = sample("mean", normal(0, 10));
    plate(row, () => {
      factor(
        "y",
        square(y.sub(mean))
          .mul(-0.5)
          .sub(0.5 * Math.log(2 * Math.PI)),
      );
      factor("twice", mean.mul(0.25));
    });
  });
  const known = model(({ sample, observe, plate, factor }) => {
    const mean = sample("mean", normal(0, 10));
    plate(row, () => observe("y", normal(mean, 1), y));
    factor("once", mean.mul(0.75));
  });
  const [a, b] = [logDensity(own, undefined), logDensity(known, undefined)];
  for (const at of [-1.5, 0.3]) {
    const position = Float64Array.of(at);
    expect(a.value(position)).toBeCloseTo(b.value(position), 12);
    expect(a.gradient(position)[0]).toBeCloseTo(b.gradient(position)[0], 12);
  }
});

test("in a chain, a factor may know the state before", () => {
  const time = axis("time", 4);
  const rate = 0.3;
  const walk = (own: boolean) =>
    model(({ sample, chain, factor, observe }) => {
      const start = sample("start", normal(0, 1));
      chain(time, start, (previous, { at }) => {
        const x = sample("x", normal(previous, 1));
        const step = x.sub(previous);
        if (own) factor("smooth", square(step).mul(-0.5 / rate));
        else observe("smooth", normal(step, Math.sqrt(rate)), at(tensor([0, 0, 0, 0], [time])));
        return x;
      });
    });
  const [a, b] = [true, false].map((own) => logDensity(walk(own), undefined));
  const position = Float64Array.of(0.3, -1, 0.2, 2, 1.4);
  const constant = 4 * 0.5 * Math.log(2 * Math.PI * rate);
  expect(a.value(position) - constant).toBeCloseTo(b.value(position), 10);
});

test("predictions leave factors out, and blocked ones count nothing", () => {
  const p = model(({ sample, factor, observe }) => {
    const rate = sample("rate", normal(3, 0.1));
    factor("prior", log(rate));
    observe("n", poisson(rate), constant(3));
  });
  expect([...trace(unobserved(p), undefined, draw(key(1))).sites.keys()]).toEqual(["rate", "n"]);
  const part = trace(block(p, ["prior"], key(1)), undefined, draw(key(1)));
  expect([...part.sites.keys()]).toEqual(["rate", "n"]);
});

describe("refusals", () => {
  const refused: [string, Parameters<typeof model>[0]][] = [
    [
      "factor 'f': the log density has axes {row: 3}; 'row' is neither a plate around it nor an event axis: put it " +
        "inside plate(row, ...) or sum over it, sum(x, row)",
      ({ factor }) => factor("f", y),
    ],
    [
      "factor: the log density is int32; use cast(x, 'float32')",
      ({ factor }) => factor("f", constant(1, "int32")),
    ],
    [
      "factor 'f': the value must be a tensor, not the number 1: write constant(...) for a number and " +
        "tensor(values, axes) for several",
      ({ factor }) => factor("f", 1 as never),
    ],
  ];
  test.each(refused)("%s", (message, body) => {
    expect(() => trace(model(body), undefined, draw(key(1)))).toThrow(new SurmiseError(message));
  });

  test("there is nothing to draw", () => {
    const p = model(({ sample, factor }) => factor("f", sum(sample("x", normal(0, 1).event(row)))));
    expect(new LogDensity(p as never, undefined, {}).dimension).toBe(3);
  });
});
