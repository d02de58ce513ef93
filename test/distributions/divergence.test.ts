import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  type Distribution,
  kl,
  normal,
} from "../../src/distributions/index.ts";
import {
  axis,
  constant,
  grad,
  input,
  key,
  SurmiseError,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value, values } from "./values.ts";

const f64 = (x: number) => constant(x, "float64");
const level = axis("level", 3);
const among = (...weights: number[]) => categorical(tensor(weights, [level], "float64"));
const coin = (p: number) => bernoulli({ probs: f64(p) });

/** By SciPy 1.17: integrate.quad of the densities (error 1e-13), stats.entropy(q, p). */
const known: [string, Distribution, Distribution, number][] = [
  ["normals", normal(f64(0.5), 0.8), normal(f64(-1), 2), 0.7775407318741551],
  ["wide from narrow normals", normal(f64(1), 1.5), normal(f64(1.2), 0.7), 1.0745946418306547],
  ["coins", coin(0.7), coin(0.4), 0.18378689738681217],
  ["categoricals", among(2, 5, 3), among(4, 4, 2), 0.0945818719775651],
  ["a categorical with an impossible value", among(0, 5, 5), among(4, 4, 2), 0.5697171415941824],
];

describe.each(known)("the divergence of %s", (_, q, p, expected) => {
  test("is SciPy's", () => {
    expect(value(kl(q, p) as Tensor)).toBeCloseTo(expected, 12);
  });

  test("is zero from itself", () => {
    expect(value(kl(q, q) as Tensor)).toBeCloseTo(0, 12);
  });

  test("is the mean of log q - log p over draws of q", () => {
    const x = q.sample(key(8), [axis("many", 10_000)]);
    const { mean, error } = meanAndError(values(q.logProb(x).sub(p.logProb(x))));
    expect(Math.abs(mean - expected)).toBeLessThan(FIVE_SIGMA * error);
  });
});

test("event axes are summed, also those that both lack", () => {
  const [film, genre, user] = [axis("film", 2), axis("genre", 7), axis("user", 3)];
  const means = tensor([0, 1, 2, 3, 4, 5], [user, film], "float64");
  const q = normal(means, 1).event(film, genre);
  const p = normal(f64(0), 1).event(genre, film);
  const found = kl(q, p) as Tensor;
  expect(found.axes).toEqual([user]);
  // 7 * (a^2 + b^2) / 2
  expect([...values(found)]).toEqual([3.5, 45.5, 143.5]);
});

test("its derivative is the closed form's: d/dm KL = (m - a) / b^2", () => {
  const m = input("m", [], "float64");
  const [slope] = grad(kl(normal(m, 0.3), normal(f64(-1), 2)) as Tensor, [m]);
  expect(value(slope, { m: Float64Array.of(0.5) })).toBeCloseTo(1.5 / 4, 12);
});

test("families without a closed form have none", () => {
  expect(kl(normal(0, 1), bernoulli({ probs: 0.5 }))).toBeUndefined();
});

test("refuses other event axes and other categories", () => {
  const film = axis("film", 2);
  expect(() => kl(normal(0, 1).event(film), normal(0, 1))).toThrow(
    new SurmiseError("kl: q has event axes {film: 2}, p has {}"),
  );
  const other = categorical(tensor([1, 1], [film], "float64"));
  expect(() => kl(among(1, 2, 3), other)).toThrow(
    new SurmiseError(
      "kl: q is over positions along {level: 3}, p along {film: 2}: use the same axis object",
    ),
  );
});
