import { describe, expect, test } from "vitest";
import { dirichlet, normal } from "../../../src/distributions/index.ts";
import {
  type BindOptions,
  bindDraws,
  massivelyParallel,
  posterior,
  predictiveLogLikelihood,
} from "../../../src/inference/internal.ts";
import { type Model, trace } from "../../../src/model/index.ts";
import {
  type Axis,
  axis,
  key,
  SurmiseError,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";
import { elements, range } from "../elements.ts";
import { f64, store } from "../gaussians.ts";
import { logNormal, run } from "../hierarchy.ts";

const along = axis("draw", 4000);

describe("of Gaussians", () => {
  const [SA, SX] = [0.7, 0.9];
  interface Data {
    readonly x: Tensor;
    readonly group: Axis;
  }
  /** mu ~ normal(0, 1), a_g ~ normal(mu, SA), x_g ~ normal(a_g, SX). */
  const groups: Model<Data> = ({ sample, observe, plate }, { x, group }) => {
    const mu = sample("mu", normal(f64(0), 1));
    plate(group, () => observe("x", normal(sample("a", normal(mu, SA)), SX), x));
  };
  const guide: Model<Data> = ({ sample, plate }, { x, group }) => {
    sample("mu", normal(f64(0.5), 0.7));
    plate(group, () => sample("a", normal(x.mul(0.5).add(0.2), 0.7)));
  };
  const seen = [0.8, -0.5, 1.9];
  const group = axis("group", 3, ["ann", "bob", "cyd"]);
  const data = (of: number[], over: Axis): Data => ({
    x: tensor(of, [over], "float64"),
    group: over,
  });
  const draws = posterior({
    model: groups,
    guide,
    data: data(seen, group),
    key: key(1),
    parameters: store(),
    particles: massivelyParallel(300),
  }).draws(along, key(2));
  const predict = (of: Data, choices: Partial<BindOptions> = {}) =>
    run({
      p: predictiveLogLikelihood({
        model: groups,
        data: of,
        parameters: store(),
        draws,
        along,
        key: key(3),
        ...choices,
      }),
    }).p[0];

  /** log p(new | seen), where `of` says which groups the new data belong to: 3 and up are new. */
  const exact = (fresh: number[], of: number[]) => {
    const all = [0, 1, 2, ...of];
    const covariance = all.map((g, i) =>
      all.map((h, j) => 1 + (g === h ? SA * SA : 0) + (i === j ? SX * SX : 0)),
    );
    const known = covariance.slice(0, 3).map((row) => row.slice(0, 3));
    return logNormal([...seen, ...fresh], covariance) - logNormal(seen, known);
  };
  // 300 particles of each latent, 4000 draws: errors of a few percent.
  const close = (found: number, expected: number) =>
    expect(Math.abs(found - expected)).toBeLessThan(0.15);

  test("other data of the same groups, whatever their order", () => {
    close(predict(data([0.4, 0.1, 1.2], group)), exact([0.4, 0.1, 1.2], [0, 1, 2]));
    const turned = axis("group", 2, ["cyd", "ann"]);
    close(predict(data([1.2, 0.4], turned)), exact([1.2, 0.4], [2, 0]));
  });

  test("data of new groups, drawn given the rest", () => {
    const more = axis("group", 3, ["dan", "bob", "eve"]);
    const found = predict(data([1.4, 0.1, -0.3], more), { missing: "prior" });
    close(found, exact([1.4, 0.1, -0.3], [3, 1, 4]));
  });
});

describe("draws find their places in other data", () => {
  const draw = axis("draw", 2);
  const [user, genre] = [axis("user", 2, ["ann", "bob"]), axis("genre", 2)];
  const z = tensor([1, 2, 3, 4, 5, 6, 7, 8], [draw, user, genre], "float64");

  /** The draws of z in a model over other axes. */
  const place = (over: Axis, event: Axis, choices: Partial<BindOptions> = {}) => {
    const other: Model = ({ sample, plate }) => {
      plate(over, () => sample("z", normal(f64(0), 1).event(event)));
    };
    const by = bindDraws({ draws: { z }, along: draw, key: key(1), ...choices });
    return elements(trace(other, undefined, by).latents[0].value);
  };

  test("by label, or by position where there are none", () => {
    const [users, genres] = [axis("user", 2, ["bob", "ann"]), axis("genre", 1)];
    const found = place(users, genres);
    const at = (s: number, u: number) => found([draw, s], [users, u], [genres, 0]);
    expect([at(0, 0), at(0, 1), at(1, 0), at(1, 1)]).toEqual([3, 1, 7, 5]);
  });

  test("new elements are drawn from the model, the others kept", () => {
    const users = axis("user", 3, ["eve", "bob", "dan"]);
    const found = place(users, genre, { missing: "prior" });
    const at = (u: number) => range(2).map((g) => found([draw, 1], [users, u], [genre, g]));
    expect(at(1)).toEqual([7, 8]);
    expect(new Set([...at(0), ...at(2)]).size).toBe(4);
    expect(Math.max(...at(0), ...at(2))).toBeLessThan(FIVE_SIGMA);
  });

  test("new elements of event axes that do not depend on the others are drawn from the model, too", () => {
    const genres = axis("genre", 3);
    const found = place(user, genres, { missing: "prior" });
    const at = (u: number) => range(3).map((g) => found([draw, 1], [user, u], [genres, g]));
    expect([at(0).slice(0, 2), at(1).slice(0, 2)]).toEqual([
      [5, 6],
      [7, 8],
    ]);
    expect(Math.max(at(0)[2], at(1)[2])).toBeLessThan(FIVE_SIGMA);
  });

  const refused: [string, () => unknown][] = [
    [
      "there are no draws of 'eve' on 'user' of latent 'z': draw them from the model given the rest " +
        'by missing: "prior", or leave them out of the data',
      () => place(axis("user", 2, ["ann", "eve"]), genre),
    ],
    [
      "there are no draws of '2' on 'genre' of latent 'z': draw them from the model given the rest " +
        'by missing: "prior", or leave them out of the data',
      () => place(user, axis("genre", 3)),
    ],
    [
      "there are no draws of '2' on 'genre' of latent 'z', whose elements depend on one another: leave it out of the " +
        "data, or fit the model to all labels, where those that no row has may stand in the order of " +
        "axisOf(column, { order })",
      () => {
        const genres = axis("genre", 3);
        const shares: Model = ({ sample, plate }) => {
          plate(user, () => sample("z", dirichlet(f64(1), genres)));
        };
        const by = { draws: { z }, along: draw, key: key(1), missing: "prior" } as const;
        trace(shares, undefined, bindDraws(by));
      },
    ],
    [
      "there are no draws of latent 'z': draw them from the model given the rest by missing: " +
        '"prior", or leave them out of the data',
      () => place(user, genre, { draws: {} }),
    ],
    [
      "draws of latent 'z' have axes {draw: 2, user: 2, genre: 2} and lack 'film: 2', which the model " +
        "gives it",
      () => place(axis("film", 2), genre),
    ],
    [
      "draws of latent 'z': axis 'user' has labels there and none here, so that its elements cannot " +
        "be matched: give it labels in both",
      () => place(axis("user", 2), genre),
    ],
  ];
  test.each(refused)("or are refused: %s", (message, make) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
