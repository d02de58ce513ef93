import { describe, expect, test } from "vitest";
import { bernoulli, categorical, normal } from "../../src/distributions/index.ts";
import {
  axis,
  constant,
  exp,
  index,
  type Operand,
  SurmiseError,
  sum,
  tensor,
} from "../../src/tensor/index.ts";
import { value, values } from "./values.ts";

const f64 = (x: number) => constant(x, "float64");
const level = axis("level", 5);
const weights = tensor([0.1, 0.5, 0.4, 0.05, 0.05], [level], "float64");

describe("log densities are SciPy 1.17's", () => {
  test.each([
    [0.3, 0, 1, -0.9639385332046727],
    [-2.5, 1.5, 0.25, -127.53264417208479],
    [40, 3, 7.5, -15.102730442635828],
  ])("norm.logpdf(%f, %f, %f)", (x, mean, sd, expected) => {
    expect(value(normal(f64(mean), sd).logProb(f64(x)))).toBeCloseTo(expected, 12);
  });

  test.each([
    [1, 0.7, -0.4031860488854579],
    [0, 0.7, -1.103186048885458],
    [1, -30, -30.000000000000092],
    [0, 50, -50],
  ])("bernoulli.logpmf(%i) at logit %f", (x, logits, expected) => {
    expect(value(bernoulli({ logits: f64(logits) }).logProb(f64(x)))).toBeCloseTo(expected, 12);
  });

  test.each([
    [1, -1.6094379124341003],
    [0, -0.22314355131420976],
  ])("bernoulli.logpmf(%i, 0.2)", (x, expected) => {
    expect(value(bernoulli({ probs: f64(0.2) }).logProb(f64(x)))).toBeCloseTo(expected, 12);
  });

  test("the log of normalised weights, from weights and from logits", () => {
    const expected = [
      -2.3978952727983707, -0.7884573603642702, -1.0116009116784799, -3.0910424533583156,
      -3.0910424533583156,
    ];
    const at = tensor([0, 1, 2, 3, 4], [axis("asked", 5)], "int32");
    const logits = tensor(expected, [level], "float64").add(7);
    for (const family of [
      categorical(weights),
      categorical({ probs: weights }, level),
      categorical({ logits }),
    ]) {
      const found = values(family.logProb(at));
      expected.forEach((x, i) => {
        expect(found[i]).toBeCloseTo(x, 12);
      });
    }
  });
});

describe("densities", () => {
  test("integrate to one: the trapezoidal rule is exact for a normal within 1e-12", () => {
    const grid = axis("grid", 2001);
    const x = tensor(
      Array.from({ length: 2001 }, (_, i) => 0.7 + (i - 1000) * 0.02),
      [grid],
      "float64",
    );
    expect(value(sum(exp(normal(f64(0.7), 1.3).logProb(x))).mul(0.02))).toBeCloseTo(1, 12);
  });

  test("are zero outside the positions of a categorical", () => {
    const at = tensor([-1, 5], [axis("asked", 2)], "int32");
    expect([...values(categorical(weights).logProb(at))]).toEqual([-Infinity, -Infinity]);
  });

  test("sum over event axes, also those that the parameters lack", () => {
    const [film, user] = [axis("film", 3), axis("user", 2)];
    const x = tensor([0.1, -0.4, 2, 1, 0, -1], [user, film], "float64");
    const mean = tensor([0, 1, 2], [film], "float64");
    const elements = values(normal(mean, 1).logProb(x));
    const draw = normal(mean, 1).event(film);
    expect(draw.axes).toEqual([]);
    expect(draw.eventAxes).toEqual([film]);
    const joint = values(draw.logProb(x));
    expect(joint[0]).toBeCloseTo(elements[0] + elements[1] + elements[2], 12);
    expect(joint[1]).toBeCloseTo(elements[3] + elements[4] + elements[5], 12);
    const everything = normal(f64(0), 1).event(film).event(user);
    expect(everything.eventAxes).toEqual([film, user]);
    expect(everything.logProb(x).axes).toEqual([]);
  });

  test("take integer values of discrete families, and booleans as uint8", () => {
    const shown = tensor(Uint8Array.of(0, 1), [axis("toss", 2)]);
    const found = values(bernoulli({ probs: 0.25 }).logProb(shown));
    expect(found[0]).toBeCloseTo(Math.log(0.75), 6);
    expect(found[1]).toBeCloseTo(Math.log(0.25), 6);
    const counted = values(categorical(weights).logProb(tensor(Uint8Array.of(2))));
    expect(counted[0]).toBeCloseTo(-1.0116009116784799, 12);
  });
});

describe("numbers as parameters", () => {
  test("take the type of the other parameter, float32 without one", () => {
    expect(normal(0, 1).dtype).toBe("float32");
    expect(normal(0, f64(2)).parameters.mean.dtype).toBe("float64");
  });

  const refused: [string, () => unknown][] = [
    ["normal: sd must be greater than 0 and finite, not 0", () => normal(0, 0)],
    ["normal: sd must be greater than 0 and finite, not -1", () => normal(0, -1)],
    ["normal: mean must be a finite number, not NaN", () => normal(Number.NaN, 1)],
    [
      "bernoulli: probs must be between 0 and 1, both excluded, not 1",
      () => bernoulli({ probs: 1 as Operand }),
    ],
    [
      "bernoulli: logits must be a finite number, not Infinity",
      () => bernoulli({ logits: Number.POSITIVE_INFINITY }),
    ],
  ];
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});

describe("refusals", () => {
  const [film, user] = [axis("film", 3), axis("user", 2)];
  const both = tensor([1, 1, 1, 1, 1, 1], [user, film]);
  const refused: [string, () => unknown][] = [
    [
      "normal: the value has axes {user: 2} and lacks the event axes {film: 3}",
      () =>
        normal(0, 1)
          .event(film)
          .logProb(tensor([0, 0], [user])),
    ],
    [
      "normal: the value of int32 {film: 3}: values up to 20000000 beside float32, which holds whole numbers up to 16777216: " +
        "subtract an offset first, or use cast(x, 'float32') to round them",
      () => normal(0, 1).logProb(index(film).mul(1e7)),
    ],
    [
      "bernoulli: the value is float64; draws of this bernoulli are float32: use cast(value, 'float32')",
      () => bernoulli({ probs: 0.5 }).logProb(f64(1)),
    ],
    [
      "categorical: the weights have axes {user: 2, film: 3}; say which one the draw is a position " +
        "of: categorical(weights, axis)",
      () => categorical(both),
    ],
    [
      "categorical: the weights have axes {user: 2, film: 3}, not 'level'",
      () => categorical(both, level),
    ],
  ];
  test.each(refused)("%s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
