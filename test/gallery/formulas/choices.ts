/** Shares, choices, and counts of successes. */
import {
  axis,
  beta,
  binomial,
  categorical,
  concat,
  dirichlet,
  exp,
  exponential,
  gather,
  halfNormal,
  improperUniform,
  index,
  lkjCholesky,
  log,
  logSumExp,
  model,
  multinomial,
  multivariateNormal,
  normal,
  normalCdf,
  POSITIVE,
  pow,
  rename,
  select,
  sum,
  tensor,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total, rowsOf } = plain;

/** Shares of time by a covariate: softmax with the last kind as base, and a Dirichlet around it. */
function shares() {
  const draw = new Simulation(3);
  const [row, kind] = [axis("row", 25), axis("kind", 3)];
  const [free, base] = [axis("free", 2), axis("base", 1)];
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v) => draw.dirichlet([Math.exp(1 + 0.5 * v), 3, 2]));
  return {
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 2).event(free)), sample("b", normal(0, 2).event(free))];
      const precision = sample("precision", exponential(0.1));
      plate(row, () => {
        const logits = concat(
          a.add(b.mul(tensor(x, [row]))),
          tensor([0], [base]),
          [free, base],
          kind,
        );
        const shares = exp(logits.sub(logSumExp(logits, kind)));
        observe("y", dirichlet(shares.mul(precision), kind), tensor(y, [row, kind]));
      });
    }),
    logDensity: ({ a, b, precision: [precision] }: Values) =>
      total(2, (k) => plain.normal(a[k], 0, 2) + plain.normal(b[k], 0, 2)) +
      plain.exponential(precision, 0.1) +
      total(row.size, (i) => {
        const logits = [a[0] + b[0] * x[i], a[1] + b[1] * x[i], 0];
        const all = plain.logSumExp(logits);
        return plain.dirichlet(
          y[i],
          logits.map((l) => precision * Math.exp(l - all)),
        );
      }),
  };
}

/** Rates of tumours in groups of rats with the prior (a + b)^(-5/2) (Gelman and others, BDA3, section 5.3). */
function tumours() {
  const n = [20, 20, 19, 25, 48, 10, 22];
  const y = [0, 1, 2, 5, 10, 4, 2];
  const group = axis("group", n.length);
  return {
    model: model(({ sample, observe, plate, factor }) => {
      const a = sample("a", improperUniform(POSITIVE));
      const b = sample("b", improperUniform(POSITIVE));
      factor("spread", log(a.add(b)).mul(-2.5));
      plate(group, () => {
        const rate = sample("rate", beta(a, b));
        observe("y", binomial(tensor(n, [group]), { probs: rate }), tensor(y, [group]));
      });
    }),
    logDensity: ({ a: [a], b: [b], rate }: Values) =>
      -2.5 * Math.log(a + b) +
      total(n.length, (i) => plain.beta(rate[i], a, b) + plain.binomial(y[i], n[i], rate[i])),
  };
}

/** Putts by distance: an angle small enough, by the normal distribution function (Gelman and Nolan 2002). */
function putts() {
  const feet = [2, 4, 7, 11, 16];
  const tries = [1443, 694, 353, 196, 152];
  const made = [1346, 577, 208, 75, 32];
  const place = axis("place", feet.length);
  const [hole, ball] = [4.25 / 2 / 12, 1.68 / 2 / 12];
  const angle = feet.map((x) => Math.asin((hole - ball) / x));
  return {
    model: model(({ sample, observe, plate }) => {
      const sigma = sample("sigma", halfNormal(0.1));
      const probs = normalCdf(tensor(angle, [place]).div(sigma))
        .mul(2)
        .sub(1);
      plate(place, () => {
        observe("made", binomial(tensor(tries, [place]), { probs }), tensor(made, [place]));
      });
    }),
    spread: 0.1,
    logDensity: ({ sigma: [sigma] }: Values) =>
      plain.halfNormal(sigma, 0.1) +
      total(feet.length, (i) =>
        plain.binomial(made[i], tries[i], 2 * plain.normalCdf(angle[i] / sigma) - 1),
      ),
  };
}

/** Yes and no to two questions at once: latents whose signs are seen (multivariate probit, Stan's guide). */
function probit() {
  const draw = new Simulation(7);
  const [person, question, other] = [axis("person", 15), axis("question", 2), axis("other", 2)];
  const x = draw.many(person.size, () => draw.normal());
  const sign = x.flatMap((v) => {
    const z = draw.normal();
    return [v + z, -v + 0.5 * z + draw.normal()].map((u) => (u > 0 ? 1 : -1));
  });
  return {
    model: model(({ sample, plate, factor }) => {
      const slope = sample("slope", normal(0, 2).event(question));
      const l = sample("l", lkjCholesky(2, question, other));
      plate(person, () => {
        const size = sample("size", improperUniform(POSITIVE).event(question));
        const z = size.mul(tensor(sign, [person, question]));
        const mean = slope.mul(tensor(x, [person]));
        factor("z", multivariateNormal(mean, { factor: l }, question, other).logProb(z));
      });
    }),
    logDensity: ({ slope, l, size }: Values) => {
      const lower = rowsOf(l, 2);
      const z = rowsOf(
        size.map((v, i) => v * sign[i]),
        2,
      );
      return (
        total(2, (k) => plain.normal(slope[k], 0, 2)) +
        plain.lkjCholesky(lower, 2) +
        total(person.size, (i) =>
          plain.multivariateNormal(
            z[i],
            slope.map((b) => b * x[i]),
            lower,
          ),
        )
      );
    },
  };
}

/** Choices among four brands in two nests, alike within a nest (nested logit). */
function nests() {
  const draw = new Simulation(9);
  const [buyer, brand] = [axis("buyer", 40), axis("brand", 4)];
  const [nest, inside] = [axis("nest", 2), axis("inside", 2)];
  const price = draw.many(buyer.size, () => draw.many(4, () => draw.uniform()));
  const chosen = price.map((p) => p.indexOf(Math.min(...p)));
  return {
    model: model(({ sample, observe, plate }) => {
      const slope = sample("slope", normal(0, 2));
      const unlike = sample("unlike", beta(2, 2).event(nest));
      const taste = sample("taste", normal(0, 1).event(brand));
      plate(buyer, () => {
        const worth = taste.add(slope.mul(tensor(price, [buyer, brand])));
        const brands = index(inside).add(index(nest).mul(2));
        const within = gather(worth, brand, brands).div(unlike);
        const inclusive = logSumExp(within, inside);
        const all = logSumExp(unlike.mul(inclusive), nest);
        const nestOf = index(brand).ge(2);
        const at = (x: typeof unlike) => gather(x, nest, nestOf);
        const logits = worth
          .div(at(unlike))
          .add(at(unlike.sub(1).mul(inclusive)))
          .sub(all);
        observe("chosen", categorical({ logits }, brand), tensor(chosen, [buyer]));
      });
    }),
    logDensity: ({ slope: [slope], unlike, taste }: Values) =>
      plain.normal(slope, 0, 2) +
      total(2, (n) => plain.beta(unlike[n], 2, 2)) +
      total(4, (k) => plain.normal(taste[k])) +
      total(buyer.size, (i) => {
        const worth = taste.map((t, k) => t + slope * price[i][k]);
        const inclusive = [0, 1].map((n) =>
          plain.logSumExp([2 * n, 2 * n + 1].map((k) => worth[k] / unlike[n])),
        );
        const nest = chosen[i] < 2 ? 0 : 1;
        return (
          unlike[nest] * inclusive[nest] -
          plain.logSumExp(inclusive.map((v, n) => unlike[n] * v)) +
          worth[chosen[i]] / unlike[nest] -
          inclusive[nest]
        );
      }),
  };
}

/** Only counts in bins were published: their probabilities by the distribution function (PyMC's gallery). */
function binned() {
  const ends = [-1, 0, 1, 2];
  const counts = [12, 20, 35, 22, 11];
  const [bin, low, high, end] = [5, 4, 4, 1].map((n, i) => axis(`axis ${i}`, n));
  return {
    model: model(({ sample, observe }) => {
      const [mean, sd] = [sample("mean", normal(0, 2)), sample("sd", halfNormal(2))];
      const below = (to: typeof low) => normal(mean, sd).cdf(tensor(ends, [to]));
      const [zero, one] = [tensor([0], [end]), tensor([1], [end])];
      const upper = concat(below(high), one, [high, end], bin);
      const lower = concat(zero, below(low), [end, low], bin);
      observe("counts", multinomial(100, upper.sub(lower), bin), tensor(counts, [bin]));
    }),
    logDensity: ({ mean: [mean], sd: [sd] }: Values) => {
      const below = [0, ...ends.map((x) => plain.normalCdf((x - mean) / sd)), 1];
      return (
        plain.normal(mean, 0, 2) +
        plain.halfNormal(sd, 2) +
        plain.multinomial(
          counts,
          counts.map((_, k) => below[k + 1] - below[k]),
        )
      );
    },
  };
}

/** Dogs learn to avoid shocks from those that they had and those that they avoided (posteriordb). */
function dogs() {
  const draw = new Simulation(11);
  const [dog, trial, earlier] = [axis("dog", 10), axis("trial", 12), axis("earlier", 12)];
  const shocked = draw.many(10, () => {
    let [avoided, had] = [0, 0];
    return draw.many(12, () => {
      const y = draw.bernoulli(0.92 ** avoided * 0.85 ** had * 0.999);
      if (y === 1) had++;
      else avoided++;
      return y;
    });
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", beta(5, 1)), sample("b", beta(5, 1))];
      const y = tensor(shocked, [dog, trial]);
      const before = index(earlier).lt(index(trial));
      const had = sum(select(before, rename(y, trial, earlier), 0), earlier);
      const avoided = index(trial).sub(had);
      const probs = pow(a, avoided).mul(pow(b, had)).mul(0.999);
      plate(dog, () => plate(trial, () => observe("y", binomial(1, { probs }), y)));
    }),
    logDensity: ({ a: [a], b: [b] }: Values) =>
      plain.beta(a, 5, 1) +
      plain.beta(b, 5, 1) +
      total(10, (i) =>
        total(12, (t) => {
          const had = total(t, (s) => shocked[i][s]);
          return plain.bernoulli(shocked[i][t], a ** (t - had) * b ** had * 0.999);
        }),
      ),
  };
}

export const CHOICES: Formulas = {
  shares,
  tumours,
  putts,
  probit,
  nests,
  binned,
  dogs,
};
