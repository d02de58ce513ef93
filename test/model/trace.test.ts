import { describe, expect, test } from "vitest";
import { bernoulli, categorical, normal } from "../../src/distributions/index.ts";
import {
  condition,
  draw,
  type Latent,
  model,
  type Observed,
  overPlates,
  replay,
  type Trace,
  trace,
} from "../../src/model/internal.ts";
import {
  abs,
  axis,
  fold,
  gather,
  key,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { value, values, valuesOf } from "../distributions/values.ts";

const user = axis("user", 3);
const film = axis("film", 2);
const genre = axis("genre", 4);
const level = axis("level", 2);

const features = tensor([1, 0, 0, 1, 0, 1, 1, 0], [film, genre]);
const rated = tensor([1, 0, 1, 1, 0, 0], [user, film]);
const weights = tensor([0.25, 0.75], [level]);
const spreads = tensor([0.5, 2], [level]);

/** Users' tastes around a common one, and what they rate: the model of the README. */
const movielens = model(({ sample, observe, plate, deterministic }) => {
  const taste = sample("taste", normal(0, 1).event(genre));
  const spread = gather(spreads, level, sample("spread", categorical(weights)));
  plate(user, () => {
    const z = sample("z", normal(taste, spread).event(genre));
    plate(film, () => {
      const logits = deterministic("logits", sum(z.mul(features), genre));
      observe("rating", bernoulli({ logits }), rated);
    });
  });
  return taste;
});

const latent = (from: Trace, name: string) => from.sites.get(name) as Latent;
const observed = (from: Trace, name: string) => from.sites.get(name) as Observed;

describe("a trace", () => {
  const seen = trace(movielens, undefined, draw(key(1)));

  test("has the sites in the order of the statements, and what the model returned", () => {
    expect([...seen.sites.values()].map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      "latent taste",
      "latent spread",
      "latent z",
      "deterministic logits",
      "observed rating",
    ]);
    expect(seen.result).toBe(latent(seen, "taste").value);
    expect(seen.latents.map(({ name }) => name)).toEqual(["taste", "spread", "z"]);
  });

  test("knows each site's plates, outermost first, and its axes", () => {
    const z = latent(seen, "z");
    expect(z.plates).toEqual([{ axis: user, total: 3 }]);
    expect(new Set(z.value.axes)).toEqual(new Set([user, genre]));
    expect(z.logProb().axes).toEqual([user]);
    expect(observed(seen, "rating").plates.map((plate) => plate.axis)).toEqual([user, film]);
  });

  test("has the log density of each site at its value", () => {
    const z = latent(seen, "z");
    const [x, taste, level, density] = valuesOf([
      z.value,
      latent(seen, "taste").value,
      latent(seen, "spread").value,
      z.logProb(),
    ]);
    const sd = [0.5, 2][level[0]];
    const at = (u: number, g: number) => x[z.value.axes[0] === user ? u * 4 + g : g * 3 + u];
    for (let u = 0; u < 3; u++) {
      let expected = 0;
      for (let g = 0; g < 4; g++) {
        expected +=
          -0.5 * ((at(u, g) - taste[g]) / sd) ** 2 - Math.log(sd * Math.sqrt(2 * Math.PI));
      }
      expect(density[u]).toBeCloseTo(expected, 5);
    }
  });

  test("is the same for the same key, another for another", () => {
    const z = (seed: number) => [
      ...values(latent(trace(movielens, undefined, draw(key(seed))), "z").value),
    ];
    expect(z(1)).toEqual(z(1));
    expect(z(2)).not.toEqual(z(1));
  });
});

test("a model may call another as a part of itself", () => {
  const whole = model((sites) => {
    const taste = movielens(sites, undefined);
    sites.sample("more", normal(taste, 1).event(genre));
  });
  const { sites } = trace(whole, undefined, draw(key(1)));
  expect([...sites.keys()]).toEqual(["taste", "spread", "z", "logits", "rating", "more"]);
});

describe("plates", () => {
  test("make latents independent along them, even of a distribution that lacks them", () => {
    const twice = model(({ sample, plate }) => plate(user, () => sample("z", normal(0, 1))));
    const { result } = trace(twice, undefined, draw(key(1)));
    expect(result.axes).toEqual([user]);
    expect(new Set(values(result)).size).toBe(3);
  });

  test("count a site that does not vary along them as often as they have elements", () => {
    const repeated = model(({ observe, plate }) => {
      plate(user, () => observe("y", normal(0, 1), 2));
    });
    const y = observed(trace(repeated, undefined, draw(key(1))), "y");
    expect(y.logProb().axes).toEqual([]);
    const density = -2 - 0.5 * Math.log(2 * Math.PI);
    expect(value(overPlates(y.logProb(), y.plates))).toBeCloseTo(3 * density, 5);
  });

  test("scale everything inside by total / size, nested plates by the product", () => {
    const part = model(({ observe, plate }) => {
      plate(user, () => plate(film, () => observe("y", normal(0, 1), rated), { total: 10 }), {
        total: 30,
      });
    });
    const y = observed(trace(part, undefined, draw(key(1))), "y");
    const [scaled, plain] = valuesOf([overPlates(y.logProb(), y.plates), sum(y.logProb())]);
    expect(scaled[0]).toBeCloseTo(plain[0] * 10 * 5, 3);
  });

  test("can be entered again, and return what their body returns", () => {
    const again = model(({ sample, observe, plate }) => {
      const z = plate(user, () => sample("z", normal(0, 1)));
      plate(user, () => observe("y", normal(z, 1), tensor([1, 2, 3], [user])));
    });
    expect(observed(trace(again, undefined, draw(key(1))), "y").logProb().axes).toEqual([user]);
  });
});

describe("interpretations", () => {
  const particle = axis("particle", 5);

  test("draw: the key is (key, site, 'draw'), the canonical order particles, plates, events", () => {
    const local = model(({ sample, plate }) =>
      plate(user, () => sample("z", normal(0, 1).event(genre))),
    );
    const { result } = trace(local, undefined, draw(key(1), [particle]));
    const noise = standardNormal(fold(fold(key(1), "z"), "draw"), [particle, user, genre]);
    expect(value(sum(abs(result.sub(noise))))).toBe(0);
  });

  test("draw: each site has noise of its own", () => {
    const two = model(({ sample }) => [sample("a", normal(0, 1)), sample("b", normal(0, 1))]);
    const [a, b] = valuesOf(trace(two, undefined, draw(key(1))).result);
    expect(a[0]).not.toBe(b[0]);
  });

  test("draw: observed densities vary along particles through their parents", () => {
    const seen = trace(movielens, undefined, draw(key(1), [particle]));
    expect(new Set(observed(seen, "rating").logProb().axes)).toEqual(
      new Set([particle, user, film]),
    );
  });

  test("replay: takes the values of another trace, and the rest from its fallback", () => {
    const partial = model(({ sample, plate }) => {
      plate(user, () => sample("z", normal(1, 1).event(genre)));
    });
    const guide = trace(partial, undefined, draw(key(7), [particle]));
    const seen = trace(movielens, undefined, replay(guide, draw(key(1))));
    expect(latent(seen, "z").value).toBe(latent(guide, "z").value);
    expect(latent(seen, "taste").value.axes).toEqual([genre]);
  });

  test("condition: latents become observed; it composes with replay and draw", () => {
    const taste = tensor([1, 2, 3, 4], [genre]);
    const guide = trace(movielens, undefined, draw(key(7)));
    const seen = trace(movielens, undefined, condition({ taste }, replay(guide, draw(key(1)))));
    expect(seen.latents.map(({ name }) => name)).toEqual(["spread", "z"]);
    expect(observed(seen, "taste").value).toBe(taste);
    expect(latent(seen, "z").value).toBe(latent(guide, "z").value);
    const density = taste
      .mul(taste)
      .mul(-0.5)
      .sub(0.5 * Math.log(2 * Math.PI));
    const [found, expected] = valuesOf([observed(seen, "taste").logProb(), sum(density)]);
    expect(found[0]).toBeCloseTo(expected[0], 5);
  });

  test("condition: on draws, the model gets their axis", () => {
    const draws: Tensor = tensor(Array(20).fill(0.5), [particle, genre]);
    const seen = trace(movielens, undefined, condition({ taste: draws }, draw(key(1))));
    expect(latent(seen, "z").value.has(particle)).toBe(true);
  });
});
