import { describe, expect, test } from "vitest";
import type { Buses, MovieLens } from "../../../src/data/index.ts";
import { bound, massivelyParallel } from "../../../src/inference/internal.ts";
import { draw, paramStore, trace } from "../../../src/model/index.ts";
import { mprws } from "../../../src/papers/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  fold,
  index,
  input,
  key,
  SurmiseError,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, values } from "../../distributions/values.ts";

/** Six users and eight films; film f is of genre f alone, and its ratings are high for users above f. */
const films: MovieLens = {
  users: 6,
  films: 8,
  genres: ["a", "b", "c", "d", "e", "f", "g", "h"],
  ratings: Uint8Array.from({ length: 48 }, (_, i) => (Math.floor(i / 8) > i % 8 ? 4 : 3)),
  genreOf: Uint8Array.from({ length: 64 }, (_, i) => (Math.floor(i / 8) === i % 8 ? 1 : 0)),
};

describe("MovieLens", () => {
  const ratingsOf = (users: number, perHalf: number) => {
    const { model } = mprws.movielensProblem(films, users, perHalf);
    const [{ value }] = trace(model, undefined, draw(key(0)), paramStore()).observed;
    return values(value);
  };

  test("larger subsets hold the users of smaller ones", () => {
    expect(ratingsOf(3, 4)).toEqual(ratingsOf(6, 4).subarray(0, 12));
  });

  test("all users and films: each rating of the table once, in one of the halves", () => {
    const { predictive, model } = mprws.movielensProblem(films, 6, 4);
    const fitted = trace(model, undefined, draw(key(0)), paramStore()).observed;
    const logits = 3;
    // With z = 3 for every genre each logit is 3: a high rating has log(1 / (1 + e^-3)), others 3 less.
    const along = axis("posterior draw", 2);
    const [user, genre] = [axis("user", 6), axis("genre", 8, films.genres)];
    const zero = cast(index(along), "float32").mul(0);
    const draws = {
      mu: tensor(new Float32Array(8), [genre]).add(zero),
      psi: cast(zero, "int32"),
      z: tensor(new Float32Array(48).fill(logits), [user, genre]).add(zero),
    };
    const found = predictive({ draws, along, key: key(1), parameters: paramStore() });
    const highInAll = films.ratings.filter((stars) => stars === 4).length;
    const highInTrain = values(fitted[0].value).reduce((a, b) => a + b);
    const expected = -24 * Math.log1p(Math.exp(-logits)) - logits * (24 - highInAll + highInTrain);
    expect(values(found)[0]).toBeCloseTo(expected, 4);
  });

  test("more users or films than there are, are refused", () => {
    for (const [users, perHalf] of [
      [7, 1],
      [1, 5],
    ]) {
      const make = () => mprws.movielensProblem(films, users, perHalf);
      expect(make).toThrow(SurmiseError);
      expect(make).toThrow("MovieLens has 6 users and 8 films");
    }
  });
});

/** One row to fit and one to judge by. */
const buses: Buses = {
  ...{ years: 1, boroughs: 1, ids: 1, companies: 2, runTypes: 2 },
  train: { delay: Uint8Array.of(20), company: Int32Array.of(0), runType: Int32Array.of(1) },
  test: { delay: Uint8Array.of(30), company: Int32Array.of(1), runType: Int32Array.of(0) },
};

describe("buses", () => {
  const { model, guide, groups, predictive } = mprws.busProblem({ ...buses, years: 1 });
  const estimate = (of: typeof groups) => {
    const particles = massivelyParallel(3, { groups: of });
    const pair = { model, guide, data: undefined, parameters: paramStore() };
    return bound({ ...pair, key: key(0), particles, gradient: "wake" });
  };

  test("latents of crossed plates share an axis: without any one of them it is refused", () => {
    const [all] = groups;
    for (const name of all) {
      const others = all.filter((other) => other !== name);
      expect(() => estimate([others]), name).toThrow("their plates cross");
    }
    const steps = estimate(groups).elimination.steps.map(({ axis }) => axis.name);
    expect(steps).toHaveLength(6);
  });

  test("a new id's likelihood is the mean over its prior", () => {
    const [year, borough] = [axis("year", 1), axis("borough", 1)];
    // The plates of the model are the problem's own, so alpha has to come from its trace.
    const { latents } = trace(model, undefined, draw(key(0)), paramStore());
    const own = latents.find(({ name }) => name === "alpha")!.value.axes;
    expect(own.map(({ name }) => name)).toEqual([year.name, borough.name]);
    const along = axis("posterior draw", 1);
    const alpha = tensor(Float32Array.of(-1.5), [along]).add(tensor(Float32Array.of(0), own));
    const round = input("round", [], "int32");
    const logLikelihood = predictive({
      draws: { alpha },
      along,
      key: fold(key(3), round),
      parameters: paramStore(),
    });
    const program = compile({ outputs: { logLikelihood } });
    const found = Array.from({ length: 40 }, (_, r) => {
      program.write("round", r);
      return Math.exp(program.run().logLikelihood.data[0]);
    });
    const { mean, error } = meanAndError(found);
    expect(Math.abs(mean - newIdLikelihood(30, -1.5))).toBeLessThan(FIVE_SIGMA * error);
    expect(error / mean).toBeLessThan(0.05);
  });
});

/** E of the negative binomial probability of `delay` over sigma, phi and psi, by the trapezoidal rule. */
function newIdLikelihood(delay: number, alpha: number): number {
  const weights = [0.1, 0.4, 0.5, 0.05, 0.05];
  const total = weights.reduce((a, b) => a + b);
  let logChoose = 0;
  for (let i = 1; i <= delay; i++) logChoose += Math.log((129 + i) / i);
  const given = (logit: number) =>
    Math.exp(logChoose - delay * Math.log1p(Math.exp(-logit)) - 130 * Math.log1p(Math.exp(logit)));
  const [from, step] = [-10, 1e-3];
  return weights.reduce((sum, weight, level) => {
    // phi + psi has twice the variance of each.
    const sd = Math.SQRT2 * Math.exp(level);
    let mean = 0;
    for (let logit = from; logit < -from; logit += step) {
      const z = (logit - alpha) / sd;
      mean += (given(logit) * Math.exp(-0.5 * z * z) * step) / (sd * Math.sqrt(2 * Math.PI));
    }
    return sum + (weight / total) * mean;
  }, 0);
}
