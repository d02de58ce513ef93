import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import { eliminationOrder } from "../../../src/inference/elimination/order.ts";
import {
  bound,
  eliminate,
  explainElimination,
  type Factor,
  factorsOf,
  massivelyParallel,
  type ParticleAxis,
  sumOverPlates,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import { type Model, model, type Sites } from "../../../src/model/index.ts";
import {
  type Axis,
  axis,
  constant,
  fold,
  index,
  key,
  SurmiseError,
  sizeOf,
  standardNormal,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError, value, values } from "../../distributions/values.ts";
import { elements, range } from "../elements.ts";
import { store } from "../gaussians.ts";
import { run } from "../hierarchy.ts";
import {
  combinations,
  normalise,
  small,
  smallDraws,
  smallGuide,
  smallLogEvidence,
} from "../small.ts";

const options = { model: small, guide: smallGuide, data: undefined, parameters: store() };

test.each(["permuted", "independent"] as const)(
  "the estimate is the mean over all K^n combinations, parents %s",
  (parents) => {
    for (const seed of [1, 2, 3]) {
      const particles = massivelyParallel(3, { parents });
      const traces = traceModelAndGuide({ ...options, key: key(seed) }, particles);
      const { logEvidence } = normalise(combinations(smallDraws(traces)));
      const { weights } = eliminate(factorsOf(traces), traces.particles);
      expect(value(sumOverPlates(weights))).toBeCloseTo(logEvidence, 11);
    }
  },
);

test.each(["permuted", "independent"] as const)(
  "with discrete latents and two latent parents it is unbiased, parents %s",
  (parents) => {
    const { bound: b } = bound({
      ...options,
      key: fold(key(1), index(axis("rep", 20_000))),
      particles: massivelyParallel(3, { parents }),
      gradient: "none",
    });
    const { mean, error } = meanAndError(run({ b }).b.map((x) => Math.exp(x - smallLogEvidence)));
    expect(Math.abs(mean - 1)).toBeLessThan(FIVE_SIGMA * error);
    expect(error).toBeLessThan(0.01);
  },
);

/** Plain factors: what varies along what is all that an elimination needs. */
const factor = (site: string, value: Tensor, ...plates: Axis[]): Factor => ({
  site,
  value,
  plates: plates.map((axis) => ({ axis, total: axis.size })),
});
const drawn = (...axes: Axis[]): ParticleAxis[] =>
  axes.map((axis) => ({ axis, kind: "importance", latents: [`latent of ${axis.name}`] }));
const noise = (name: string, ...axes: Axis[]) =>
  standardNormal(fold(key(3), name), axes, "float64");
const logMean = (xs: readonly number[]) => {
  const largest = Math.max(...xs);
  return largest + Math.log(xs.reduce((sum, x) => sum + Math.exp(x - largest), 0) / xs.length);
};

describe("numbers that exp cannot hold", () => {
  const [i, j] = [axis("i", 2), axis("j", 2)];
  const estimate = (a: number[], b: number[]) => {
    const factors = [
      factor("a", tensor(a, [i], "float64")),
      factor("b", tensor(b, [i], "float64")),
      factor("c", tensor([0, 0], [j], "float64")),
    ];
    return value(sumOverPlates(eliminate(factors, drawn(i, j)).weights));
  };

  test("factors that are largest at different particles are combined before exp", () => {
    expect(estimate([0, -2000], [-2000, 0])).toBeCloseTo(-2000, 11);
    expect(estimate([0, -1e6], [-1e6, 3])).toBeCloseTo(-1e6 + logMean([0, 3]), 8);
  });

  test("large ones do not overflow, small ones do not underflow", () => {
    expect(estimate([5000, 4000], [0, 0])).toBeCloseTo(5000 - Math.log(2), 10);
    expect(estimate([-5000, -4000], [0, 0])).toBeCloseTo(-4000 - Math.log(2), 10);
  });

  test("particles of weight zero count as such, unless all are", () => {
    const none = Number.NEGATIVE_INFINITY;
    expect(estimate([none, 1], [0, 0])).toBeCloseTo(1 - Math.log(2), 12);
    expect(estimate([none, none], [0, 0])).toBe(none);
  });
});

describe("the order of elimination", () => {
  /** The terms of all steps in this order. */
  const cost = (order: readonly Axis[], scopes: readonly (readonly Axis[])[]) => {
    let left = scopes;
    let terms = 0;
    for (const a of order) {
      const joint = [...new Set(left.filter((scope) => scope.includes(a)).flat())];
      terms += sizeOf(joint);
      left = [...left.filter((scope) => !scope.includes(a)), joint.filter((b) => b !== a)];
    }
    return terms;
  };
  const permutations = (xs: readonly Axis[]): Axis[][] =>
    xs.length === 0
      ? [[]]
      : xs.flatMap((x) => permutations(xs.filter((y) => y !== x)).map((rest) => [x, ...rest]));

  test("of few axes is the best of all", () => {
    const [a, b, c, d, e] = [2, 7, 3, 5, 4].map((size, i) => axis("abcde"[i], size));
    for (const scopes of [
      [[a, b], [b, c], [c, d], [d, e], [e]],
      [[a, b, c], [c, d], [d, e, a], [b]],
      [
        [a, b],
        [a, c],
        [a, d],
        [a, e],
      ],
      [
        [a, b],
        [b, c],
        [c, d],
        [d, e],
        [e, a],
      ],
    ]) {
      const axes = [a, b, c, d, e];
      const found = eliminationOrder(axes, scopes);
      const best = Math.min(...permutations(axes).map((order) => cost(order, scopes)));
      expect(cost(found, scopes)).toBe(best);
    }
  });

  test("of a long chain goes along it: K^2 terms a step, not K^3", () => {
    const axes = range(40).map((i) => axis(`x${i}`, 10));
    const scopes = axes.map((a, i) => (i === 0 ? [a] : [axes[i - 1], a]));
    expect(cost(eliminationOrder(axes, scopes), scopes)).toBe(39 * 100 + 10);
  });
});

describe("plates", () => {
  const [user, film] = [axis("user", 3), axis("film", 2)];
  const [k, l, m] = [axis("k", 4), axis("l", 2), axis("m", 3)];

  test("nested: innermost first, each axis in the plates that hold all of its factors", () => {
    const factors = [
      factor("mu", noise("mu", k)),
      factor("z", noise("z", k, l, user), user),
      factor("w", noise("w", l, m, user, film), user, film),
      factor("x", noise("x", m, user, film), user, film),
    ];
    const { weights, steps } = eliminate(factors, drawn(k, l, m));
    expect(steps.map(({ axis, plates }) => [axis, plates.map((plate) => plate.axis)])).toEqual([
      [m, [user, film]],
      [l, [user]],
      [k, []],
    ]);
    const [mu, z, w, x] = factors.map(({ value }) => elements(value));
    const ofFilm = (u: number, f: number, j: number) =>
      logMean(
        range(3).map((n) => {
          const at = [
            [user, u],
            [film, f],
            [l, j],
            [m, n],
          ] as const;
          return w(...at) + x(...at);
        }),
      );
    const ofUser = (u: number, i: number) =>
      logMean(
        range(2).map((j) => {
          const films = range(2).map((f) => ofFilm(u, f, j));
          return z([user, u], [k, i], [l, j]) + films[0] + films[1];
        }),
      );
    const expected = logMean(
      range(4).map((i) => mu([k, i]) + range(3).reduce((sum, u) => sum + ofUser(u, i), 0)),
    );
    expect(value(sumOverPlates(weights))).toBeCloseTo(expected, 11);
  });

  test("a factor that lacks a plate it stands in counts for each of its elements", () => {
    const factors = [factor("z", noise("z", k)), factor("x", noise("x", k), user)];
    const { weights } = eliminate(factors, drawn(k));
    const [z, x] = factors.map(({ value }) => elements(value));
    const expected = logMean(range(4).map((i) => z([k, i]) + 3 * x([k, i])));
    expect(value(sumOverPlates(weights))).toBeCloseTo(expected, 12);
  });

  test("crossed, with latents that meet: refused, with the remedies; which work", () => {
    const crossed = (a: Axis, b: Axis) => [
      factor("z", noise("z", a, user), user),
      factor("w", noise("w", b, film), film),
      factor("rating", noise("rating", ...new Set([a, b]), user, film), user, film),
    ];
    expect(() => eliminate(crossed(k, l), drawn(k, l))).toThrow(
      new SurmiseError(
        "site 'rating': latents 'latent of k' (plates {user: 3}) and 'latent of l' (plates {film: 2}) " +
          "meet in it and their plates cross, so that the weights of their particles do not fall " +
          "apart along either plate: let them share an axis (particles.massivelyParallel(K, { groups: " +
          '[["latent of k", "latent of l"]] })), or take single draws of one (particles.local(K, ["latent of k"]))',
      ),
    );
    const shared = crossed(k, k);
    const { weights, steps } = eliminate(shared, drawn(k));
    expect(steps[0].plates).toEqual([]);
    const parts = shared.map(({ value }) =>
      values(sum(value, ...value.axes.filter((a) => a !== k))),
    );
    const expected = logMean(range(4).map((i) => parts[0][i] + parts[1][i] + parts[2][i]));
    expect(value(sumOverPlates(weights))).toBeCloseTo(expected, 11);
    const single = [crossed(k, l)[0], factor("rating", noise("rating", k, user, film), user, film)];
    expect(eliminate(single, drawn(k)).steps[0].plates).toHaveLength(1);
  });

  test("crossed plates whose latents do not meet are as good as nested ones", () => {
    const factors = [
      factor("z", noise("z", k, user), user),
      factor("w", noise("w", l, film), film),
      factor("x", noise("x", k, user, film), user, film),
    ];
    expect(() => eliminate(factors, drawn(k, l))).not.toThrow();
  });
});

test("an elimination tells its steps", () => {
  const [user, film] = [axis("user", 300), axis("film", 5)];
  const K = (name: string) => axis(name, 30);
  const [mu, psi, z] = [K("particle of mu"), K("particle of psi"), K("particle of z")];
  const factors = [
    factor("mu", noise("mu", mu)),
    factor("psi", noise("psi", psi)),
    factor("z", noise("z", z, mu, psi, user), user),
    factor("rating", noise("rating", z, user, film), user, film),
  ];
  expect(explainElimination(eliminate(factors, drawn(mu, psi, z)))).toBe(
    [
      "eliminates           inside          cost  of sites",
      "particle of z: 30    {user: 300}  8100000  z, rating",
      "particle of mu: 30   {}               900  mu, z, rating",
      "particle of psi: 30  {}                30  psi, mu, z, rating",
      "all                               8100930",
    ].join("\n"),
  );
  expect(() => eliminate(factors, drawn(mu, psi, z), { maxCost: 1e6 })).toThrow(
    new SurmiseError(
      "eliminating 'particle of z' in plates {user: 300} combines the sites z, rating over {particle " +
        "of z: 30, particle of mu: 30, particle of psi: 30, user: 300}, more than maxCost = 1000000 " +
        "elements: take fewer particles, let latents share an axis (groups), or raise maxCost",
    ),
  );
});

test("the guide's mixtures over particles of its parents are counted, told and refused", () => {
  const user = axis("user", 20);
  const latents = (sample: Sites["sample"], plate: Sites["plate"], inside: (z: Tensor) => void) => {
    const [a, b, c] = ["a", "b", "c"].map((name) => sample(name, normal(0, 1)));
    plate(user, () => inside(sample("z", normal(a.add(b).add(c), 1))));
  };
  const shared = model(({ sample, plate }) => latents(sample, plate, () => {}));
  const observed = model(({ sample, observe, plate }) =>
    latents(sample, plate, (z) => observe("x", normal(z, 1), constant(0))),
  );
  const free = model(({ sample, plate }) => {
    for (const name of ["a", "b", "c"]) sample(name, normal(0, 1));
    plate(user, () => sample("z", normal(0, 1)));
  });
  const found = (guide: Model, K: number, maxCost?: number) => {
    const pair = { model: observed, guide, data: undefined, key: key(1), parameters: store() };
    const traces = traceModelAndGuide(pair, massivelyParallel(K));
    return eliminate(factorsOf(traces), traces.particles, { ...(maxCost && { maxCost }) });
  };
  // z of each user given every combination of the particles of three parents.
  const terms = user.size * 60 ** 4;
  const { mixtures, ...rest } = found(shared, 60);
  expect(mixtures.map(({ site, cost }) => [site, cost])).toEqual([["z", terms]]);
  const table = explainElimination({ mixtures, ...rest });
  expect(table).toMatch(/^mixture of the guide +\{user: 20\} +259200000 +z$/m);
  expect(table).toMatch(
    new RegExp(`^all +${terms + rest.steps.reduce((n, s) => n + s.cost, 0)}$`, "m"),
  );
  expect(() => found(shared, 60, terms)).not.toThrow();
  expect(() => found(shared, 101)).toThrow(/site 'z'.*is a mixture.*maxCost = 1000000000/);
  expect(found(free, 60).mixtures).toEqual([]);
});
