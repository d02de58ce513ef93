/** Discrete latents summed out, against sums over all their values written out. */

import { describe, expect, test } from "vitest";
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  dirichlet,
  halfNormal,
  masked,
  normal,
  poisson,
  truncated,
  uniform,
} from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/density/logDensity.ts";
import { reached } from "../../../src/inference/density/modes/mode.ts";
import { fit } from "../../../src/inference/index.ts";
import { Loop, prepare } from "../../../src/inference/internal.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  constant,
  gather,
  index,
  key,
  SurmiseError,
  select,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { normal as logNormal, poisson as logPoisson, logSumExp } from "../../densities.ts";

/** All lists of `length` numbers from 0 to `count` - 1. */
function* lists(length: number, count: number): Iterable<readonly number[]> {
  for (let k = 0; k < count ** length; k++) {
    yield Array.from({ length }, (_, i) => Math.floor(k / count ** i) % count);
  }
}

/** The log density and its gradient at a position, held against `f` and its differences. */
function expectDensity<Data>(p: Model<Data>, data: Data, at: number[], f: (x: number[]) => number) {
  const density = logDensity(p, data);
  const position = Float64Array.from(at);
  expect(density.dimension).toBe(at.length);
  const value = density.value(position);
  expect(Math.abs(value - f(at)), `${value} and ${f(at)}`).toBeLessThan(1e-10 * Math.abs(value));
  const gradient = density.gradient(position);
  at.forEach((_, i) => {
    const moved = (by: number) => f(at.map((x, j) => (i === j ? x + by : x)));
    const difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
    expect(Math.abs(gradient[i] - difference), `gradient ${i}`).toBeLessThan(
      1e-6 * Math.max(1, Math.abs(difference)),
    );
  });
  return density;
}

const f64 = { dtype: "float64" } as const;
const row = axis("row", 5);
const kind = axis("kind", 3, ["low", "middle", "high"]);
const shares = [0.2, 0.5, 0.3];
const weights = tensor(shares, [kind], "float64");
const ys = [0.3, -1.2, 2.5, 0.1, 4];
const y = tensor(ys, [row], "float64");

describe("mixtures", () => {
  const mixed = model(({ sample, observe, plate }) => {
    const centre = sample("centre", normal(constant(0, "float64"), 2).event(kind));
    plate(row, () => {
      const z = sample("z", categorical(weights));
      observe("y", normal(gather(centre, kind, z), 0.7), y);
    });
  }, f64);
  const byHand = (c: readonly number[]) =>
    c.reduce((a, x) => a + logNormal(x, 0, 2), 0) +
    ys.reduce(
      (a, v) => a + logSumExp(shares.map((w, k) => Math.log(w) + logNormal(v, c[k], 0.7))),
      0,
    );

  test("are sums over the kinds of each row", () => {
    const density = expectDensity(mixed, undefined, [-1, 0.2, 3], byHand);
    const { z } = density.probabilities(Float64Array.of(-1, 0.2, 3));
    expect(z.axes.map(({ size }) => size)).toEqual([5, 3]);
    ys.forEach((v, i) => {
      const logs = shares.map((w, k) => Math.log(w) + logNormal(v, [-1, 0.2, 3][k], 0.7));
      logs.forEach((x, k) => {
        expect(z.data[3 * i + k]).toBeCloseTo(Math.exp(x - logSumExp(logs)), 10);
      });
    });
  });

  test("have kinds within groups, and numbers that depend on both", () => {
    const group = axis("group", 2);
    const member = axis("member", 3);
    const x = [0.1, 2, -1, 0.4, 3, 1];
    const p = model(({ sample, observe, plate }) => {
      const a = sample("a", normal(constant(0, "float64"), 1));
      plate(group, () => {
        const z = sample("z", bernoulli({ probs: constant(0.3, "float64") }));
        const u = sample("u", normal(z.mul(2), 1));
        plate(member, () => {
          const k = sample("k", categorical(weights));
          const mean = u.add(z.mul(a)).add(cast(k, "float64"));
          observe("x", normal(mean, 0.5), tensor(x, [group, member], "float64"));
        });
      });
    }, f64);
    const byHandGroups = ([a, ...u]: readonly number[]) =>
      logNormal(a, 0, 1) +
      [0, 1].reduce(
        (total, g) =>
          total +
          logSumExp(
            [0, 1].map(
              (z) =>
                Math.log(z ? 0.3 : 0.7) +
                logNormal(u[g], 2 * z, 1) +
                [0, 1, 2].reduce(
                  (inner, m) =>
                    inner +
                    logSumExp(
                      shares.map(
                        (w, k) => Math.log(w) + logNormal(x[3 * g + m], u[g] + z * a + k, 0.5),
                      ),
                    ),
                  0,
                ),
            ),
          ),
        0,
      );
    expectDensity(p, undefined, [0.4, -0.3, 1.7], byHandGroups);
  });

  test("have elements of one draw in all combinations", () => {
    const item = axis("item", 3);
    const p = model(({ sample, observe }) => {
      const a = sample("a", normal(constant(0, "float64"), 1));
      const on = sample("on", bernoulli({ probs: constant(0.3, "float64") }).event(item));
      observe("total", normal(sum(on, item).mul(a), 1), constant(1.5, "float64"));
    }, f64);
    const density = expectDensity(p, undefined, [0.8], ([a]) => {
      const terms = [...lists(3, 2)].map((on) => {
        const count = on.reduce((s, x) => s + x, 0);
        return count * Math.log(0.3) + (3 - count) * Math.log(0.7) + logNormal(1.5, count * a, 1);
      });
      return logNormal(a, 0, 1) + logSumExp(terms);
    });
    const { on } = density.probabilities(Float64Array.of(0.8));
    expect(Float64Array.from(on.data).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  });
});

test("counts that cannot exceed a number are summed out", () => {
  const p = model(({ sample, observe }) => {
    const rate = sample("rate", uniform(constant(0, "float64"), 9));
    const n = sample("n", truncated(poisson(constant(4, "float64")), { lower: 1, upper: 12 }));
    const k = sample("k", binomial(constant(3, "float64"), { probs: constant(0.4, "float64") }));
    observe("y", normal(n.mul(rate).add(k), 2), constant(11, "float64"));
  }, f64);
  const whole = logSumExp(Array.from({ length: 12 }, (_, i) => logPoisson(i + 1, 4)));
  const binomials = [0.216, 0.432, 0.288, 0.064];
  expectDensity(p, undefined, [-0.4], ([u]) => {
    const s = 1 / (1 + Math.exp(-u));
    const terms = Array.from({ length: 12 }, (_, i) =>
      binomials.map(
        (b, k) =>
          logPoisson(i + 1, 4) - whole + Math.log(b) + logNormal(11, (i + 1) * 9 * s + k, 2),
      ),
    ).flat();
    return Math.log(s * (1 - s)) + logSumExp(terms);
  });
});

test("a covariate that is missing in some rows", () => {
  const present = tensor(Uint8Array.of(1, 0, 1, 0, 1), [row]);
  const seen = [1, 0, 0, 0, 1];
  const p = model(({ sample, observe, plate }) => {
    const share = sample("share", beta(constant(2, "float64"), 2));
    const effect = sample("effect", normal(constant(0, "float64"), 1));
    plate(row, () => {
      const coin = bernoulli({ probs: share });
      const known = tensor(seen, [row], "float64");
      observe("seen", masked(coin, present), known);
      const x = select(present, known, sample("missing", coin));
      observe("y", normal(x.mul(effect), 1), y);
    });
  }, f64);
  expectDensity(p, undefined, [0.3, 1.1], ([u, effect]) => {
    const s = 1 / (1 + Math.exp(-u));
    const jacobian = Math.log(s) + Math.log(1 - s);
    let total = Math.log(6) + 2 * jacobian + logNormal(effect, 0, 1);
    ys.forEach((v, i) => {
      const at = (x: number) => Math.log(x ? s : 1 - s) + logNormal(v, x * effect, 1);
      total += [1, 0, 1, 0, 1][i] ? at(seen[i]) : logSumExp([at(0), at(1)]);
    });
    return total;
  });
});

test("a change point", () => {
  const year = axis("year", 8);
  const counts = [4, 5, 4, 6, 1, 0, 2, 1];
  const p = model(({ sample, observe, plate }) => {
    const [early, late] = ["early", "late"].map((name) =>
      sample(name, halfNormal(constant(5, "float64"))),
    );
    const change = sample("change", categorical(cast(index(year), "float64").mul(0).add(1), year));
    plate(year, () => {
      const rate = select(index(year).lt(change), early, late);
      observe("count", poisson(rate), tensor(counts, [year], "float64"));
    });
  }, f64);
  const density = expectDensity(p, undefined, [1.3, 0.2], ([a, b]) => {
    const [e, l] = [Math.exp(a), Math.exp(b)];
    const half = (x: number) => Math.log(2) + logNormal(x, 0, 5);
    const terms = counts.map((_, c) =>
      counts.reduce((s, x, t) => s + logPoisson(x, t < c ? e : l), -Math.log(8)),
    );
    return half(e) + half(l) + a + b + logSumExp(terms);
  });
  const { change } = density.probabilities(Float64Array.of(1.3, 0.2));
  expect(change.data.indexOf(Math.max(...change.data))).toBe(4);
});

describe("hidden Markov models", () => {
  const time = axis("time", 6);
  const before = axis("before", 3);
  const word = axis("word", 4);
  const words = [0, 3, 1, 1, 2, 3];
  const start = [0.6, 0.3, 0.1];
  const moves = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.3, 0.5];
  const hidden = model(({ chain, sample, observe, plate }) => {
    const says = plate(kind, () => sample("says", dirichlet(constant(1.5, "float64"), word)));
    const move = tensor(moves, [before, kind], "float64");
    chain(time, constant(0, "int32"), (previous, { at, first }) => {
      const first3 = tensor(start, [kind], "float64");
      const z = sample(
        "z",
        categorical(select(first, first3, gather(move, before, previous)), kind),
      );
      const heard = tensor(Int32Array.from(words), [time]);
      observe("word", categorical(gather(says, kind, z), word), at(heard));
      return z;
    });
  }, f64);
  const logEvidence = (says: readonly number[]) => {
    const terms = [...lists(6, 3)].map((z) =>
      z.reduce(
        (s, k, t) =>
          s +
          Math.log(t === 0 ? start[k] : moves[3 * z[t - 1] + k]) +
          Math.log(says[4 * k + words[t]]),
        0,
      ),
    );
    return logSumExp(terms);
  };

  test("are sums over all paths", () => {
    const at = [0.3, -0.5, 0.1, 0.2, 0.9, -0.4, 0.7, -1.1, 0.05];
    const density = logDensity(hidden, undefined);
    const found = density.value(Float64Array.from(at));
    const prior = logDensity(
      model(({ sample, plate }) => {
        plate(kind, () => sample("says", dirichlet(constant(1.5, "float64"), word)));
      }, f64),
      undefined,
    ).value(Float64Array.from(at));
    const says = [...density.constrain(Float64Array.from(at)).says.data];
    expect(Math.abs(found - prior - logEvidence(says))).toBeLessThan(1e-10);
    const deep = logDensity(hidden, undefined, { chains: "logDepth" });
    expect(Math.abs(deep.value(Float64Array.from(at)) - found)).toBeLessThan(1e-10);

    const { z } = density.probabilities(Float64Array.from(at));
    const paths = [...lists(6, 3)];
    const all = logEvidence(says);
    for (const t of [0, 3, 5]) {
      for (const k of [0, 1, 2]) {
        const mass = paths
          .filter((path) => path[t] === k)
          .map((path) =>
            path.reduce(
              (s, j, i) =>
                s +
                Math.log(i === 0 ? start[j] : moves[3 * path[i - 1] + j]) +
                Math.log(says[4 * j + words[i]]),
              0,
            ),
          );
        expect(z.data[3 * t + k]).toBeCloseTo(Math.exp(logSumExp(mass) - all), 10);
      }
    }
  });
});

describe("three states, ten words and 2000 observations", () => {
  const [states, said, length] = [3, 10, 2000];
  const [from, to, term, at] = [
    axis("from", states),
    axis("to", states, ["a", "b", "c"]),
    axis("term", said),
    axis("at", length),
  ];
  let seed = 12345;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  const pick = (p: readonly number[]) => {
    let left = random();
    const found = p.findIndex((x) => {
      left -= x;
      return left < 0;
    });
    return found < 0 ? p.length - 1 : found;
  };
  const move = [
    [0.8, 0.15, 0.05],
    [0.1, 0.8, 0.1],
    [0.1, 0.2, 0.7],
  ];
  const says = Array.from({ length: states }, () => {
    const raw = Array.from({ length: said }, () => random() ** 3 + 0.02);
    const total = raw.reduce((a, b) => a + b, 0);
    return raw.map((x) => x / total);
  });
  const truth: number[] = [];
  for (let t = 0; t < length; t++)
    truth.push(pick(t === 0 ? [1, 1, 1].map((x) => x / 3) : move[truth[t - 1]]));
  const heard = truth.map((z) => pick(says[z]));
  const parameters = ({ sample, plate }: Parameters<Model>[0]) => ({
    move: plate(from, () => sample("move", dirichlet(constant(1.5, "float64"), to))),
    says: plate(to, () => sample("says", dirichlet(constant(1, "float64"), term))),
  });
  const hidden = model((sites) => {
    const { sample, observe, chain } = sites;
    const { move, says } = parameters(sites);
    chain(at, constant(0, "int32"), (previous, step) => {
      const first = constant(1, "float64");
      const weights = select(step.first, first, gather(move, from, previous));
      const z = sample("z", categorical(weights, to));
      observe(
        "word",
        categorical(gather(says, to, z), term),
        step.at(tensor(Int32Array.from(heard), [at])),
      );
      return z;
    });
  }, f64);
  const density = logDensity(hidden, undefined);
  const prior = logDensity(
    model((sites) => void parameters(sites), f64),
    undefined,
  );

  /** The scaled forward algorithm. */
  const forward = (move: ArrayLike<number>, says: ArrayLike<number>) => {
    let total = 0;
    let alpha = [1, 1, 1].map((x, k) => (x / 3) * says[said * k + heard[0]]);
    for (let t = 0; ; t++) {
      const scale = alpha.reduce((a, b) => a + b, 0);
      total += Math.log(scale);
      if (t === length - 1) return total;
      const before = alpha.map((x) => x / scale);
      alpha = [0, 1, 2].map(
        (k) =>
          before.reduce((a, x, j) => a + x * move[states * j + k], 0) *
          says[said * k + heard[t + 1]],
      );
    }
  };

  test("the evidence is that of the forward algorithm", () => {
    for (const phase of [0, 1, 2]) {
      const x = Float64Array.from({ length: density.dimension }, (_, i) => Math.sin(i + phase));
      const found = density.constrain(x);
      const evidence = forward(found.move.data, found.says.data);
      expect(Math.abs(density.value(x) - prior.value(x) - evidence)).toBeLessThan(1e-10);
    }
  });

  test("a fit ends no lower than the truth, and its draws know most of the states", () => {
    const fitted = fit({ model: hidden, data: undefined, method: "map", steps: 600, seed: 1 });
    const atTruth = logDensity(hidden, undefined, { jacobian: false });
    const position = atTruth.unconstrain({ move, says });
    expect(fitted.bounds.at(-1)?.bound).toBeGreaterThan(atTruth.value(position));

    const wide = prepare({
      model: hidden,
      data: undefined,
      method: "laplace",
      steps: 600,
      seed: 1,
    });
    const loop = new Loop({ algorithm: wide.training, steps: 600, recordEvery: 600 });
    for (const _ of loop.calls());
    // Without the Jacobian the search does not stay where all states are alike; Newton's steps go on from its end.
    const end = reached(density, loop.state());
    expect(density.value(end.position)).toBeGreaterThan(density.value(position) - 5);

    const along = axis("draw", 50);
    const run = density.traceDrawnAt(density.bySite(position), along, key(1));
    const z = run.latents.find(({ name }) => name === "z")?.value as Tensor;
    const { z: draws } = compile({ outputs: { z } }, { dtype: "float64" }).run();
    expect(draws.axes).toEqual(expect.arrayContaining([along, at]));
    const { z: chances } = density.probabilities(position);
    const stride = draws.axes[0] === along ? [length, 1] : [1, along.size];
    let worst = 0;
    for (let t = 0; t < length; t++) {
      let ones = 0;
      for (let d = 0; d < along.size; d++) {
        if (draws.data[d * stride[0] + t * stride[1]] === 1) ones++;
      }
      const p = Number(chances.data[states * t + 1]);
      const sd = Math.sqrt(Math.max(p * (1 - p), 1e-4) / along.size);
      worst = Math.max(worst, Math.abs(ones / along.size - p) / sd);
    }
    // The largest of 2000 nearly normal deviations.
    expect(worst).toBeLessThan(6);
  });
});

test("draws of a chain follow each other as its paths do", () => {
  const time = axis("time", 3);
  const p = model(({ chain, sample, observe }) => {
    chain(time, constant(0, "int32"), (previous, { at }) => {
      const odds = cast(previous, "float64").mul(3).sub(1);
      const z = cast(sample("z", bernoulli({ logits: odds })), "int32");
      observe("y", normal(cast(z, "float64"), 1), at(tensor([0.5, 1.4, 0.2], [time], "float64")));
      return z;
    });
  }, f64);
  const density = logDensity(p, undefined);
  const along = axis("draw", 20_000);
  const { latents } = density.traceDrawnAt({}, along, key(5));
  const { z } = compile({ outputs: { z: latents[0].value } }, { dtype: "float64" }).run();
  const stride = z.axes[0] === along ? [3, 1] : [1, along.size];
  const logs = [...lists(3, 2)].map((path) =>
    path.reduce((s, k, t) => {
      const odds = 3 * (t === 0 ? 0 : path[t - 1]) - 1;
      const on = -Math.log(1 + Math.exp(-odds));
      return s + (k ? on : on - odds) + logNormal([0.5, 1.4, 0.2][t], k, 1);
    }, 0),
  );
  const all = logSumExp(logs);
  const counts = new Array<number>(8).fill(0);
  for (let d = 0; d < along.size; d++) {
    counts[
      [0, 1, 2].reduce((s, t) => s + 2 ** t * Number(z.data[d * stride[0] + t * stride[1]]), 0)
    ]++;
  }
  logs.forEach((x, i) => {
    const share = Math.exp(x - all);
    const error = Math.sqrt((share * (1 - share)) / along.size);
    expect(Math.abs(counts[i] / along.size - share)).toBeLessThan(5 * error);
  });
});

test("steps that cannot follow one another have finite derivatives", () => {
  const time = axis("time", 5);
  const [from, to] = [axis("from", 3), axis("to", 3)];
  const p = model(({ chain, sample, observe }) => {
    const stay = sample("stay", uniform(constant(0, "float64"), 1));
    const [i, j] = [index(from), index(to)];
    const go = select(i.eq(j), stay, select(j.eq(i.add(1)), stay.neg().add(1), 0));
    chain(time, constant(0, "int32"), (previous, { at }) => {
      const z = sample("z", categorical(gather(go, from, previous), to));
      observe("y", normal(cast(z, "float64"), 1), at(tensor([0, 1, 1, 2, 2], [time], "float64")));
      return z;
    });
  }, f64);
  expectDensity(p, undefined, [0.4], ([u]) => {
    const s = 1 / (1 + Math.exp(-u));
    const terms = [...lists(5, 3)].map((path) =>
      path.reduce((total, k, t) => {
        const before = t === 0 ? 0 : path[t - 1];
        const chance = k === before ? s : k === before + 1 ? 1 - s : 0;
        const whole = before === 2 ? s : 1;
        return total + Math.log(chance / whole) + logNormal([0, 1, 1, 2, 2][t], k, 1);
      }, 0),
    );
    return Math.log(s * (1 - s)) + logSumExp(terms);
  });
});

describe("refusals", () => {
  const refused: [string, Model][] = [
    [
      "latent 'n' has the support 'count': it is discrete, with no end that is known, so that it cannot be summed " +
        "out: cut it (truncated(..., { upper: 100 })), draw it by chains (method gibbs), or choose method rws or mprws",
      ({ sample, observe }) => {
        const n = sample("n", poisson(3));
        observe("y", normal(n, 1), constant(2));
      },
    ],
    [
      "site 'y' depends on several elements of latent 'z' along 'row' at once, a plate in which each element is " +
        "summed out by itself: state 'y' inside plate 'row', or, where a few elements belong together, make 'row' an " +
        "event axis of 'z'; or choose method gibbs, which sums out nothing",
      ({ sample, observe, plate }) => {
        const z = plate(row, () => sample("z", bernoulli({ probs: 0.3 })));
        observe("y", normal(sum(z, row), 1), constant(2));
      },
    ],
  ];
  test.each(refused)("%s", (message, p) => {
    expect(() => logDensity(p, undefined)).toThrow(new SurmiseError(message));
  });
});
