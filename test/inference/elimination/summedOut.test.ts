/** Discrete latents summed out, against sums over all their values written out. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  beta,
  binomial,
  categorical,
  halfNormal,
  masked,
  normal,
  poisson,
  truncated,
  uniform,
} from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/density/logDensity.ts";
import { type Model, model } from "../../../src/model/index.ts";
import {
  axis,
  cast,
  constant,
  gather,
  index,
  SurmiseError,
  select,
  sum,
  tensor,
} from "../../../src/tensor/index.ts";
import { normal as logNormal, poisson as logPoisson, logSumExp } from "../../densities.ts";
import { expectDensity, f64, lists } from "./summing.ts";

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
