/** The unconstrained log density: values, derivatives, layout, and what is refused. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  delta,
  exponential,
  halfNormal,
  lognormal,
  masked,
  normal,
  poisson,
  truncatedNormal,
} from "../../../src/distributions/index.ts";
import { type LogDensity, logDensity } from "../../../src/inference/index.ts";
import { inferGaps, type Model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, cast, constant, input, sum, tensor } from "../../../src/tensor/index.ts";
import { normal as logNormal } from "../../densities.ts";
import { EFFECTS, ERRORS, effects, errors, school } from "../../eightSchools.ts";
import { differences, expectClose, scattered } from "./differences.ts";

type Plain = Model<undefined, unknown>;

/** Rubin (1981), not centred. */
const schools: Plain = ({ sample, observe, plate, deterministic }) => {
  const mu = sample("mu", normal(0, 5));
  const tau = sample("tau", halfNormal(5));
  plate(school, () => {
    const z = sample("z", normal(0, 1));
    const theta = deterministic("theta", mu.add(tau.mul(z)));
    observe("y", normal(theta, errors), effects);
  });
};

/** The log density of `schools`, by hand, at mu, log tau, z. */
function byHand([mu, logTau, ...z]: readonly number[]): number {
  const tau = Math.exp(logTau);
  const [y, s] = [EFFECTS, ERRORS];
  return z.reduce(
    (total, zi, i) => total + logNormal(zi, 0, 1) + logNormal(y[i], mu + tau * zi, s[i]),
    logNormal(mu, 0, 5) + Math.log(2) + logNormal(tau, 0, 5) + logTau,
  );
}

const at = scattered(10);

describe("eight schools", () => {
  const density = logDensity(schools, undefined);

  test("lie one after the other, in the order of the model", () => {
    expect(density.dimension).toBe(10);
    expect(density.sites.map(({ name, offset, size }) => [name, offset, size])).toEqual([
      ["mu", 0, 1],
      ["tau", 1, 1],
      ["z", 2, 8],
    ]);
    expect(density.sites[2].axes).toEqual([school]);
  });

  test("have the density written out by hand, with its derivatives", () => {
    const gradient = new Float64Array(10);
    expect(density.evaluate(at, gradient)).toBeCloseTo(byHand([...at]), 11);
    expectClose(
      gradient,
      differences((x) => byHand([...x]), at),
      1e-8,
    );
    expect(density.value(at)).toBe(density.evaluate(at, gradient));
    const hessian = density.hessian(at);
    const direction = scattered(10, 2);
    const product = density.hessianVectorProduct(at, direction);
    for (let i = 0; i < 10; i++) {
      const row = hessian.subarray(10 * i, 10 * i + 10);
      expectClose(
        row,
        differences((x) => density.gradient(x)[i], at),
        1e-7,
      );
      expect(product[i]).toBeCloseTo(
        row.reduce((total, x, j) => total + x * direction[j], 0),
        10,
      );
    }
  });

  test("are the same flat and by site, in float32 and on every backend", () => {
    const expected = density.gradient(at);
    for (const backend of ["wasm", "c", "oracle"] as const) {
      const flat = logDensity(schools, undefined, { layout: "flat", backend });
      expect(flat.value(at)).toBeCloseTo(density.value(at), 11);
      expectClose(flat.gradient(at), expected, 1e-12);
      expectClose(
        flat.hessianVectorProduct(at, expected),
        density.hessianVectorProduct(at, expected),
        1e-12,
      );
    }
    const single = logDensity(schools, undefined, { dtype: "float32" });
    expectClose(single.gradient(at), expected, 1e-5);
  });

  test("tell all sites at a position, and find the position of values", () => {
    const { mu, tau, z, theta } = density.constrain(at);
    expect([mu, tau, z, theta].map(({ kind }) => kind)).toEqual([
      ...["latent", "latent", "latent", "deterministic"],
    ]);
    expect(tau.data[0]).toBeCloseTo(Math.exp(at[1]), 14);
    expect(theta.data[3]).toBeCloseTo(at[0] + Math.exp(at[1]) * at[5], 14);
    const back = density.unconstrain({ mu: mu.data, tau: tau.data, z: z.data });
    expectClose(back, at, 1e-14);
  });

  test("leave out the Jacobian where the constrained values count", () => {
    const plain = logDensity(schools, undefined, { jacobian: false });
    expect(plain.value(at)).toBeCloseTo(byHand([...at]) - at[1], 11);
  });

  test("are a part of a program, for any number of chains", () => {
    const chain = axis("chain", 3);
    const position = input("position", [chain, density.unconstrained], "float64");
    const { value, gradient } = density.at(position);
    const program = compile({ outputs: { value, gradient } }, { dtype: "float64" });
    const positions = [1, 2, 3].map((seed) => scattered(10, seed));
    program.write("position", Float64Array.from(positions.flatMap((x) => [...x])));
    const found = program.run();
    expect(found.value.axes).toEqual([chain]);
    positions.forEach((x, c) => {
      expect(found.value.data[c]).toBeCloseTo(density.value(x), 11);
      for (let i = 0; i < 10; i++) {
        const place = found.gradient.axes[0] === chain ? 10 * c + i : 3 * i + c;
        expect(found.gradient.data[place]).toBeCloseTo(density.gradient(x)[i], 11);
      }
    });
    const bySite = density.at({
      mu: input("mu", [chain], "float64"),
      tau: input("tau", [chain], "float64"),
      z: input("z", [chain, school], "float64"),
    });
    expect(bySite.gradient.mu.axes).toEqual([chain]);
    expect(() => density.at({ mu: constant(0), tau: constant(0) } as never)).toThrow(
      /position of latent 'z' must have the axes .*school: 8.*missing/,
    );
    expect(() => density.at(input("x", [chain]))).toThrow(/lacks .*unconstrained: 10/);
  });

  test("allocate nothing in a call", () => {
    const gradient = new Float64Array(10);
    const position = at.slice();
    const calls = (n: number) => {
      let total = 0;
      for (let i = 0; i < n; i++) {
        position[0] = 1e-6 * i;
        total += density.evaluate(position, gradient);
      }
      return total;
    };
    // V8 may put the number that is returned on the heap: 16 bytes. An object would be as much again. How soon
    // calls are compiled for good depends on the machine, so the least of several measurements counts.
    const grown = Array.from({ length: 8 }, () => {
      const before = process.memoryUsage().heapUsed;
      calls(1e5);
      return process.memoryUsage().heapUsed - before;
    });
    expect(Math.min(...grown.map(Math.abs))).toBeLessThan(24 * 1e5);
  });
});

test("the parameters of a model are values, or inputs of the program", () => {
  const p: Plain = ({ sample, observe, param }) => {
    const rate = param("rate", [], { init: () => constant(1), prior: exponential(1) });
    const z = sample("z", normal(rate, 1));
    observe("y", normal(z, 1), constant(2));
  };
  const density = logDensity(p, undefined, { values: { rate: { data: Float64Array.of(0.5) } } });
  const expected = (rate: number, z: number) => logNormal(z, rate, 1) + logNormal(2, z, 1) - rate;
  expect(density.value(Float64Array.of(0.3))).toBeCloseTo(expected(0.5, 0.3), 12);
  density.setParameters({ rate: { data: Float64Array.of(0.7) } });
  expect(density.value(Float64Array.of(0.3))).toBeCloseTo(expected(0.7, 0.3), 12);
  const open = logDensity(p, undefined);
  expect(() => open.value(Float64Array.of(0))).toThrow(/no values for 'rate'/);
  const { value } = open.at(input("u", [open.unconstrained], "float64"));
  const program = compile({ outputs: { value } }, { dtype: "float64" });
  const found = program.run({ inputs: { u: [0.3], rate: 0.7 } });
  expect(found.value.data[0]).toBeCloseTo(expected(0.7, 0.3), 12);
});

describe("what has no log density is refused by name", () => {
  const make = (p: Plain) => () => logDensity(p, undefined);

  test("a discrete latent whose values have no end", () => {
    expect(make(({ sample }) => void sample("c", poisson(3)))).toThrow(
      /latent 'c' has the support 'count': .*cannot be summed out: .*, or choose method rws/,
    );
  });

  test("a part of the data, of latents and of observations", () => {
    const some = axis("image", 5);
    const latent: Plain = ({ sample, plate }) => {
      plate(some, () => sample("code", normal(0, 1)), { total: 50 });
    };
    expect(make(latent)).toThrow(/latent 'code': plate 'image' holds 5 of 50 elements/);
    const observed: Plain = ({ sample, observe, plate }) => {
      const m = sample("m", normal(0, 1));
      plate(some, () => observe("y", normal(m, 1), constant(1)), { total: 50 });
    };
    expect(make(observed)).toThrow(/observe 'y': plate 'image' holds 5 of 50 elements/);
    const batch = axis("batch", 2);
    const minibatch = { axis: batch, rows: cast(tensor([0, 3], [batch]), "int32") };
    const estimated: Plain = ({ sample, observe, plate }) => {
      const m = sample("m", normal(0, 1));
      plate(some, () => observe("y", normal(m, 1), constant(1)), { minibatch });
    };
    expect(make(estimated)).toThrow(/observe 'y': plate 'image' holds 2 of 5 elements/);
  });

  test("a model without latents, and positions of another length", () => {
    expect(make(({ observe }) => observe("y", normal(0, 1), constant(1)))).toThrow(/no latents/);
    const density = logDensity(schools, undefined);
    expect(() => density.value(new Float64Array(9))).toThrow(
      /position has 9 elements.* 10 .*1 of 'mu', 1 of 'tau', 8 of 'z'/,
    );
    expect(() => density.evaluate(at, new Float64Array(3))).toThrow(/gradient has 3 elements/);
  });

  test("values outside the support, missing, too many, of another size", () => {
    const density: LogDensity = logDensity(schools, undefined);
    const z = scattered(8);
    expect(() => density.unconstrain({ mu: 0, tau: -1, z })).toThrow(
      /value of 'tau' is not inside the support of its halfNormal.*greater than 0|at least 0/,
    );
    expect(() => density.unconstrain({ mu: 0, tau: 1 })).toThrow(/missing: 'z'/);
    expect(() => density.unconstrain({ mu: 0, tau: 1, z, q: 1 })).toThrow(/not a latent: 'q'/);
    expect(() => density.unconstrain({ mu: 0, tau: 1, z: scattered(7) })).toThrow(/'z'.*school: 8/);
    expect(() => density.unconstrain({ mu: Number.NaN, tau: 1, z })).toThrow(/'mu'/);
  });

  test("a point where it is not finite, by the site that causes it", () => {
    const density = logDensity(schools, undefined);
    expect(() => density.checkFinite(at)).not.toThrow();
    const far = at.slice();
    far[1] = 800;
    expect(Number.isFinite(density.value(far))).toBe(false);
    expect(() => density.checkFinite(far)).toThrow(/log density is .*site '(tau|y)'/);
    const p: Plain = ({ sample, observe }) => {
      const slope = sample("slope", normal(0, 1));
      observe("y", normal(0, slope), constant(1));
    };
    expect(() => logDensity(p, undefined).checkFinite(Float64Array.of(-1))).toThrow(
      /site 'y': the sd of its normal is -1; it must be greater than 0 and finite/,
    );
  });
});

test("is right in a regression whose coefficients lie along an event axis", () => {
  const [item, feature] = [axis("item", 6), axis("feature", 2)];
  const x = tensor([...scattered(12, 5)], [item, feature]);
  const y = tensor([0, 1, 1, 0, 1, 0], [item]);
  const p: Plain = ({ sample, observe, plate }) => {
    const w = sample("w", normal(0, 2).event(feature));
    plate(item, () => observe("y", bernoulli({ logits: sum(w.mul(x), feature) }), y));
  };
  const density = logDensity(p, undefined);
  const u = Float64Array.of(0.5, -1);
  const xs = scattered(12, 5);
  const expected = [0, 1, 1, 0, 1, 0].reduce(
    (total, one, i) => {
      const logit = 0.5 * xs[2 * i] - xs[2 * i + 1];
      return total - Math.log1p(Math.exp(one ? -logit : logit));
    },
    logNormal(0.5, 0, 2) + logNormal(-1, 0, 2),
  );
  expect(density.value(u)).toBeCloseTo(expected, 12);
  expectClose(
    density.gradient(u),
    differences((v) => density.value(v), u),
    1e-8,
  );
});

describe("is right for", () => {
  const both = (p: Plain, expected: (u: Float64Array) => number, digits = 11) => {
    for (const layout of ["flat", "sites"] as const) {
      const density = logDensity(p, undefined, { layout });
      const u = scattered(density.dimension);
      expect(density.value(u)).toBeCloseTo(expected(u), digits);
      expectClose(
        density.gradient(u),
        differences((x) => density.value(x), u),
        1e-7,
      );
    }
  };

  test("a latent that is known, which has no unconstrained number", () => {
    const p: Plain = ({ sample, observe }) => {
      const z = sample("z", normal(0, 1));
      const doubled = sample("doubled", delta(z.mul(2)));
      observe("y", normal(doubled, 1), constant(1));
    };
    both(p, ([z]) => logNormal(z, 0, 1) + logNormal(1, 2 * z, 1));
    const density = logDensity(p, undefined);
    expect(density.constrain(Float64Array.of(0.3)).doubled.data[0]).toBeCloseTo(0.6, 14);
    expect([...density.unconstrain({ z: 0.3 })]).toEqual([0.3]);
  });

  test("gaps of observed values, and values that do not count", () => {
    const cell = axis("cell", 4);
    const value = tensor([1, 0, 2, 0], [cell]);
    const present = tensor(Uint8Array.of(1, 0, 1, 0), [cell]);
    const filled: Plain = ({ sample, observe, plate }) => {
      const m = sample("m", normal(0, 1));
      const y = inferGaps(sample, "y", { value, present });
      plate(cell, () => observe("y", normal(m, 1), y));
    };
    both(filled, ([m, a, b]) =>
      [1, a, 2, b].reduce((total, y) => total + logNormal(y, m, 1), logNormal(m, 0, 1)),
    );
    const left: Plain = ({ sample, observe, plate }) => {
      const m = sample("m", normal(0, 1));
      plate(cell, () => observe("y", masked(normal(m, 1), present), value));
    };
    both(left, ([m]) => logNormal(m, 0, 1) + logNormal(1, m, 1) + logNormal(2, m, 1));
  });

  test("a chain in each element of a plate", () => {
    const [group, time] = [axis("group", 2), axis("time", 3)];
    const p: Plain = ({ sample, plate, chain }) => {
      plate(group, () => {
        const sd = sample("sd", lognormal(0, 1));
        chain(time, constant(0), (previous) => sample("x", normal(previous, sd)));
      });
    };
    both(p, (u) =>
      [0, 1].reduce((total, g) => {
        const xs = [0, ...u.subarray(2 + 3 * g, 5 + 3 * g)];
        const steps = [1, 2, 3].map((t) => logNormal(xs[t], xs[t - 1], Math.exp(u[g])));
        return steps.reduce((a, b) => a + b, total + logNormal(u[g], 0, 1));
      }, 0),
    );
  });

  test("discrete latents of a chain, whose probabilities sum to one", () => {
    const time = axis("time", 3);
    const p: Plain = ({ sample, chain }) => {
      chain(time, constant(0), (previous) => {
        return cast(sample("s", bernoulli({ logits: previous })), "float32");
      });
    };
    const density = logDensity(p, undefined);
    expect(density.dimension).toBe(0);
    expect(density.value(new Float64Array(0))).toBeCloseTo(0, 12);
    const { s } = density.probabilities(new Float64Array(0));
    const one = 1 / (1 + Math.exp(-1));
    expect(s.data[1]).toBeCloseTo(0.5, 12);
    expect(s.data[3]).toBeCloseTo(0.5 * 0.5 + 0.5 * one, 12);
  });

  test("ends that vary over a plate, given by another latent there", () => {
    const group = axis("group", 2);
    const p: Plain = ({ sample, plate }) => {
      plate(group, () => {
        const low = sample("low", normal(0, 1));
        sample("x", truncatedNormal(0, 1, { lower: low }));
      });
    };
    const density = logDensity(p, undefined);
    const u = scattered(4);
    const { low, x } = density.constrain(u);
    expectClose(
      x.data,
      [0, 1].map((g) => u[g] + Math.exp(u[2 + g])),
      1e-13,
    );
    expectClose(density.unconstrain({ low: low.data, x: x.data }), u, 1e-12);
    expectClose(
      density.gradient(u),
      differences((v) => density.value(v), u),
      1e-7,
    );
  });
});

test("the Hessian of many observations, of which a pass makes many columns, is that of products", () => {
  const [row, covariate] = [axis("row", 20_000), axis("covariate", 70)];
  const covariates = tensor(Float32Array.from(scattered(20_000 * 70, 3)), [row, covariate]);
  const outcomes = tensor(
    Uint8Array.from({ length: 20_000 }, (_, i) => i % 2),
    [row],
  );
  const many: Plain = ({ sample, observe, plate }) => {
    const level = sample("level", normal(0, 1));
    const slope = sample("slope", normal(0, 1).event(covariate));
    plate(row, () => {
      const logits = level.add(sum(slope.mul(covariates), covariate));
      observe("outcome", bernoulli({ logits }), outcomes);
    });
  };
  const density = logDensity(many, undefined);
  const at = scattered(71, 4);
  const hessian = density.hessian(at);
  for (const j of [0, 15, 16, 70]) {
    const unit = Float64Array.from({ length: 71 }, (_, i) => (i === j ? 1 : 0));
    const column = Float64Array.from({ length: 71 }, (_, i) => hessian[i * 71 + j]);
    expectClose(column, density.hessianVectorProduct(at, unit), 1e-12);
  }
});
