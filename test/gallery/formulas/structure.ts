/** What lies beneath: factors, kinds, attributes, topics, functions, neighbours, equations. */
import {
  atan,
  axis,
  bernoulli,
  beta,
  categorical,
  concat,
  constant,
  dirichlet,
  exp,
  exponential,
  gamma,
  gather,
  gaussianProcess,
  halfNormal,
  improperUniform,
  index,
  inverseGamma,
  lkjCholesky,
  log,
  log1p,
  logDeterminant,
  lognormal,
  matern,
  mixture,
  model,
  multivariateNormal,
  normal,
  normalQuantile,
  ordered,
  poisson,
  REAL,
  rename,
  select,
  sigmoid,
  softmax,
  solveLower,
  solveOde,
  sqrt,
  square,
  squaredExponential,
  sum,
  tensor,
  vonMises,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { logistic, Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total, rowsOf } = plain;

/** Two factors behind four tests, by a lower triangle of loadings with a positive diagonal; factors integrated out. */
function factors() {
  const draw = new Simulation(61);
  const [person, test, other] = [axis("person", 20), axis("test", 4), axis("other", 4)];
  const factor = axis("factor", 2);
  const y = draw.many(20, () => {
    const [a, b] = [draw.normal(), draw.normal()];
    return [a, 0.5 * a + b, a - b, 0.3 * b].map((m) => draw.normal(m, 0.4));
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const free = sample("free", normal(0, 1).event(test, factor));
      const size = sample("size", halfNormal(1).event(factor));
      const noise = sample("noise", halfNormal(1).event(test));
      const [row, column] = [index(test), index(factor)];
      const below = select(row.lt(column), 0, free);
      const loadings = select(row.eq(column), size, below);
      const shared = sum(loadings.mul(rename(loadings, test, other)), factor);
      const covariance = shared.add(select(row.eq(index(other)), square(noise), 0));
      plate(person, () => {
        observe("y", multivariateNormal(0, { covariance }, test, other), tensor(y, [person, test]));
      });
    }),
    logDensity: ({ free, size, noise }: Values) => {
      const loadings = rowsOf(free, 2).map((row, i) =>
        row.map((v, k) => (i === k ? size[k] : i < k ? 0 : v)),
      );
      const shared = plain.times(loadings, plain.transposed(loadings));
      const covariance = shared.map((row, i) =>
        row.map((v, j) => (i === j ? v + noise[i] ** 2 : v)),
      );
      const lower = plain.cholesky(covariance);
      return (
        total(8, (i) => plain.normal(free[i])) +
        total(2, (k) => plain.halfNormal(size[k])) +
        total(4, (k) => plain.halfNormal(noise[k])) +
        total(20, (i) => plain.multivariateNormal(y[i], [0, 0, 0, 0], lower))
      );
    },
  };
}

/** A matrix whose rows and columns vary together (matrix normal): Y = mean + L Z U', with Z standard normal. */
function rowsAndColumns() {
  const draw = new Simulation(62);
  const [row, otherRow] = [axis("row", 3), axis("otherRow", 3)];
  const [column, otherColumn] = [axis("column", 2), axis("otherColumn", 2)];
  const y = draw.many(3, () => draw.many(2, () => draw.normal(1, 2)));
  return {
    model: model(({ sample, factor }) => {
      const mean = sample("mean", normal(0, 1));
      const l = sample("l", lkjCholesky(2, row, otherRow));
      const scale = sample("scale", lognormal(0, 1).event(column));
      const u = sample("u", lkjCholesky(2, column, otherColumn)).mul(scale);
      const away = tensor(y, [row, column]).sub(mean);
      const halfWhite = solveLower(l, away, row, otherRow);
      const white = solveLower(u, halfWhite, column, otherColumn);
      const volumes = logDeterminant(l, row, otherRow)
        .mul(column.size)
        .add(logDeterminant(u, column, otherColumn).mul(row.size));
      const rows = normal(0, 1).event(otherRow, otherColumn);
      factor("y", rows.logProb(white).sub(volumes));
    }),
    logDensity: ({ mean: [mean], l, scale, u }: Values) => {
      // The whole as one vector, whose covariance is the Kronecker product of those of rows and of columns.
      const [rows, columns] = [rowsOf(l, 3), plain.scaledRows(rowsOf(u, 2), scale)];
      const lower = rows.flatMap((a) => columns.map((b) => a.flatMap((v) => b.map((w) => v * w))));
      return (
        plain.normal(mean) +
        plain.lkjCholesky(rows, 2) +
        plain.lkjCholesky(rowsOf(u, 2), 2) +
        total(2, (k) => plain.lognormal(scale[k], 0, 1)) +
        plain.multivariateNormal(
          y.flat(),
          y.flat().map(() => mean),
          lower,
        )
      );
    },
  };
}

/** Ratings by two mastered skills, each item needing some of them; slips and guesses (DINA). */
function skills() {
  const draw = new Simulation(63);
  const [person, item, skill] = [axis("person", 20), axis("item", 5), axis("skill", 2)];
  const profile = axis("profile", 4);
  const needs = [
    [1, 0],
    [0, 1],
    [1, 1],
    [1, 0],
    [0, 1],
  ];
  const right = draw.many(20, (i) =>
    needs.map(([a, b]) => draw.bernoulli((i % 2 || !a) && (i % 3 || !b) ? 0.85 : 0.2)),
  );
  return {
    model: model(({ sample, observe, plate }) => {
      const share = sample("share", dirichlet(1, profile));
      const [slip, guess] = plate(item, () => [
        sample("slip", beta(5, 25)),
        sample("guess", beta(5, 25)),
      ]);
      // Profiles by their bits.
      const bits = tensor([0, 0, 0, 1, 1, 0, 1, 1], [profile, skill]);
      const lacks = sum(tensor(needs, [item, skill]).mul(constant(1).sub(bits)), skill);
      const able = lacks.eq(0);
      const probs = select(able, constant(1).sub(slip), guess);
      plate(person, () => {
        const z = sample("z", categorical(share, profile));
        plate(item, () => {
          const chance = gather(probs, profile, z);
          observe("right", bernoulli({ probs: chance }), tensor(right, [person, item]));
        });
      });
    }),
    logDensity: ({ share, slip, guess }: Values) =>
      plain.dirichlet(share, [1, 1, 1, 1]) +
      total(5, (j) => plain.beta(slip[j], 5, 25) + plain.beta(guess[j], 5, 25)) +
      total(20, (i) =>
        plain.logSumExp(
          share.map((s, z) => {
            const has = [z >> 1, z & 1];
            const items = total(5, (j) => {
              const able = needs[j].every((n, k) => n <= has[k]);
              return plain.bernoulli(right[i][j], able ? 1 - slip[j] : guess[j]);
            });
            return Math.log(s) + items;
          }),
        ),
      ),
  };
}

/** Answers in steps by persons with covariates and items with discriminations (generalised partial credit, posteriordb). */
function steps() {
  const draw = new Simulation(64);
  const [person, item, step, grade] = [15, 3, 2, 3].map((n, i) => axis(`axis ${i}`, n));
  const x = draw.many(15, () => draw.normal());
  const y = draw.many(15, () => draw.many(3, () => draw.categorical([0.3, 0.4, 0.3])));
  return {
    model: model(({ sample, observe, plate }) => {
      const slope = sample("slope", normal(0, 2));
      const [tilt, hard] = plate(item, () => [
        sample("tilt", lognormal(0, 0.5)),
        sample("hard", normal(0, 2).event(step)),
      ]);
      plate(person, () => {
        const ability = sample("ability", normal(slope.mul(tensor(x, [person])), 1));
        plate(item, () => {
          const each = tilt.mul(ability).sub(hard);
          const logits = sum(select(index(step).lt(index(grade)), each, 0), step);
          observe("y", categorical({ logits }, grade), tensor(y.flat(), [person, item]));
        });
      });
    }),
    logDensity: ({ slope: [slope], tilt, hard, ability }: Values) =>
      plain.normal(slope, 0, 2) +
      total(3, (j) => plain.lognormal(tilt[j], 0, 0.5)) +
      total(6, (j) => plain.normal(hard[j], 0, 2)) +
      total(15, (i) => plain.normal(ability[i], slope * x[i], 1)) +
      total(15, (i) =>
        total(3, (j) => {
          const each = [0, 1].map((k) => tilt[j] * ability[i] - hard[2 * j + k]);
          return plain.categoricalLogits(y[i][j], [0, each[0], each[0] + each[1]]);
        }),
      ),
  };
}

/** Two lines of which covariates say which is likelier: a mixture of experts. */
function experts() {
  const draw = new Simulation(65);
  const [row, expert] = [axis("row", 30), axis("expert", 2)];
  const x = draw.many(30, () => draw.normal());
  const y = x.map((v) => (v > 0 ? draw.normal(2 * v, 0.3) : draw.normal(-1, 0.3)));
  return {
    model: model(({ sample, observe, plate }) => {
      const [a, b] = ["a", "b"].map((name) => sample(name, normal(0, 2).event(expert)));
      const [c, d] = ["c", "d"].map((name) => sample(name, normal(0, 1).event(expert)));
      const noise = sample("noise", halfNormal(1));
      plate(row, () => {
        const v = tensor(x, [row]);
        const lines = normal(a.add(b.mul(v)), noise);
        observe("y", mixture({ logits: c.add(d.mul(v)) }, lines, expert), tensor(y, [row]));
      });
    }),
    logDensity: ({ a, b, c, d, noise: [noise] }: Values) =>
      total(2, (k) => plain.normal(a[k], 0, 2) + plain.normal(b[k], 0, 2)) +
      total(2, (k) => plain.normal(c[k]) + plain.normal(d[k])) +
      plain.halfNormal(noise) +
      total(30, (i) => {
        const gate = [0, 1].map((k) => c[k] + d[k] * x[i]);
        const each = gate.map((g, k) => g + plain.normal(y[i], a[k] + b[k] * x[i], noise));
        return plain.logSumExp(each) - plain.logSumExp(gate);
      }),
  };
}

/** Topics whose shares go together: softmax of a multivariate normal for each document (correlated topics). */
function topics() {
  const draw = new Simulation(66);
  const [document, topic, other] = [axis("document", 5), axis("topic", 3), axis("other", 3)];
  const [word, token] = [axis("word", 6), axis("token", 40)];
  const of = draw.many(40, (i) => i % 5);
  const seen = of.map((d) => (2 * d + Math.floor(3 * draw.uniform())) % 6);
  return {
    model: model(({ sample, observe, plate }) => {
      const mean = sample("mean", normal(0, 1).event(topic));
      const scale = sample("scale", halfNormal(1).event(topic));
      const l = sample("l", lkjCholesky(2, topic, other)).mul(scale);
      const says = plate(topic, () => sample("says", dirichlet(0.5, word)));
      const shares = plate(document, () =>
        softmax(sample("eta", multivariateNormal(mean, { factor: l }, topic, other)), topic),
      );
      plate(token, () => {
        const own = gather(shares, document, tensor(of, [token]));
        const z = sample("z", categorical(own, topic));
        observe("seen", categorical(gather(says, topic, z), word), tensor(seen, [token]));
      });
    }),
    logDensity: ({ mean, scale, l, says, eta }: Values) => {
      const lower = rowsOf(l, 3);
      const words = rowsOf(says, 6);
      return (
        total(3, (k) => plain.normal(mean[k]) + plain.halfNormal(scale[k])) +
        plain.lkjCholesky(lower, 2) +
        total(3, (k) =>
          plain.dirichlet(
            words[k],
            words[k].map(() => 0.5),
          ),
        ) +
        total(5, (d) => {
          const own = eta.slice(3 * d, 3 * d + 3);
          return plain.multivariateNormal(own, mean, plain.scaledRows(lower, scale));
        }) +
        total(40, (i) => {
          const own = eta.slice(3 * of[i], 3 * of[i] + 3);
          const each = own.map((e, k) => e + Math.log(words[k][seen[i]]));
          return plain.logSumExp(each) - plain.logSumExp(own);
        })
      );
    },
  };
}

/** A mixture of as many normals as there need be, by broken sticks (a Dirichlet process, truncated). */
function sticks() {
  const draw = new Simulation(67);
  const [row, kind, earlier] = [axis("row", 25), axis("kind", 5), axis("earlier", 5)];
  const y = draw.many(25, (i) => draw.normal(i % 2 === 0 ? -2 : 1, 0.5));
  return {
    model: model(({ sample, observe, plate }) => {
      const spread = sample("spread", gamma(2, 2));
      const broken = sample("broken", beta(1, spread).event(kind));
      const left = rename(log1p(broken.neg()), kind, earlier);
      const before = sum(select(index(earlier).lt(index(kind)), left, 0), earlier);
      const logits = select(index(kind).eq(4), 0, log(broken)).add(before);
      const mean = sample("mean", normal(0, 2).event(kind));
      const sd = sample("sd", inverseGamma(3, 2).event(kind));
      plate(row, () => {
        observe("y", mixture({ logits }, normal(mean, sd), kind), tensor(y, [row]));
      });
    }),
    logDensity: ({ spread: [spread], broken, mean, sd }: Values) => {
      let left = 1;
      const weights = broken.map((b, k) => {
        const weight = k === 4 ? left : left * b;
        left *= 1 - b;
        return weight;
      });
      return (
        plain.gamma(spread, 2, 2) +
        total(5, (k) => plain.beta(broken[k], 1, spread)) +
        total(5, (k) => plain.normal(mean[k], 0, 2) + plain.inverseGamma(sd[k], 3, 2)) +
        total(25, (i) =>
          plain.logSumExp(weights.map((w, k) => Math.log(w) + plain.normal(y[i], mean[k], sd[k]))),
        )
      );
    },
  };
}

/** Two margins of different families joined by the correlation of normals (a Gaussian copula). */
function joined() {
  const draw = new Simulation(68);
  const [row, part, other] = [axis("row", 20), axis("part", 2), axis("other", 2)];
  const a = draw.many(20, () => Math.exp(draw.normal(0.3, 0.5)));
  const b = a.map((v) => v * -Math.log(draw.uniform()));
  return {
    spread: 0.2,
    model: model(({ sample, observe, plate, factor }) => {
      const [mean, sd] = [sample("mean", normal(0, 1)), sample("sd", halfNormal(1))];
      const rate = sample("rate", gamma(2, 2));
      const l = sample("l", lkjCholesky(2, part, other));
      const [x, y] = [tensor(a, [row]), tensor(b, [row])];
      const [first, second] = [lognormal(mean, sd), exponential(rate)];
      const scores = [first.cdf(x), second.cdf(y)].map(normalQuantile);
      const z = select(index(part).eq(0), scores[0], scores[1]);
      plate(row, () => {
        observe("a", first, x);
        observe("b", second, y);
        const together = multivariateNormal(0, { factor: l }, part, other).logProb(z);
        factor("copula", together.sub(normal(0, 1).event(part).logProb(z)));
      });
    }),
    logDensity: ({ mean: [mean], sd: [sd], rate: [rate], l }: Values) => {
      const lower = rowsOf(l, 2);
      /** By bisection. */
      const quantile = (p: number) => {
        let [low, high] = [-9, 9];
        for (let i = 0; i < 60; i++) {
          const middle = (low + high) / 2;
          if (plain.normalCdf(middle) < p) low = middle;
          else high = middle;
        }
        return (low + high) / 2;
      };
      return (
        plain.normal(mean) +
        plain.halfNormal(sd) +
        plain.gamma(rate, 2, 2) +
        plain.lkjCholesky(lower, 2) +
        total(20, (i) => {
          const z = [(Math.log(a[i]) - mean) / sd, quantile(1 - Math.exp(-rate * b[i]))];
          const apart = plain.normal(z[0]) + plain.normal(z[1]);
          const together = plain.multivariateNormal(z, [0, 0], lower);
          return plain.lognormal(a[i], mean, sd) + plain.exponential(b[i], rate) + together - apart;
        })
      );
    },
  };
}

/** A curve whose noise changes along it: two Gaussian processes, one for the logarithm of the noise. */
function unevenNoise() {
  const draw = new Simulation(69);
  const place = axis("place", 8);
  const x = draw.many(8, (i) => 0.7 * i);
  const y = x.map((v) => draw.normal(Math.sin(v), 0.1 + 0.1 * v));
  return {
    model: model(({ sample, observe, plate }) => {
      const lengthscale = sample("lengthscale", inverseGamma(5, 5));
      const scale = sample("scale", halfNormal(1));
      const [at, jitter] = [tensor(x, [place]), 1e-6];
      const curve = gaussianProcess(squaredExponential({ lengthscale, scale }), { jitter });
      const noise = gaussianProcess(matern(5 / 2, { lengthscale: 2, scale: 0.5 }), { jitter });
      const f = curve.values(sample("z", normal(0, 1).event(place)), at, place);
      const g = noise.values(sample("w", normal(0, 1).event(place)), at, place);
      plate(place, () => observe("y", normal(f, exp(g.sub(1))), tensor(y, [place])));
    }),
    logDensity: ({ lengthscale: [lengthscale], scale: [scale], z, w }: Values) => {
      const values = (k: (r: number) => number, white: readonly number[]) => {
        const jitter = (i: number, j: number) => (i === j ? 1e-6 * k(0) : 0);
        const covariance = x.map((p, i) => x.map((q, j) => k(Math.abs(p - q)) + jitter(i, j)));
        const lower = plain.cholesky(covariance);
        return lower.map((row) => total(8, (j) => row[j] * white[j]));
      };
      const f = values((r) => scale ** 2 * Math.exp(-0.5 * (r / lengthscale) ** 2), z);
      const rough = (r: number) => {
        const d = (Math.sqrt(5) * r) / 2;
        return 0.25 * (1 + d + d ** 2 / 3) * Math.exp(-d);
      };
      const g = values(rough, w);
      return (
        plain.inverseGamma(lengthscale, 5, 5) +
        plain.halfNormal(scale) +
        total(8, (i) => plain.normal(z[i]) + plain.normal(w[i])) +
        total(8, (i) => plain.normal(y[i], f[i], Math.exp(g[i] - 1)))
      );
    },
  };
}

/** Counts of areas with a smooth and a rough part that share one scale (BYM2). */
function areas() {
  const draw = new Simulation(70);
  const edges = [
    [0, 1],
    [1, 2],
    [3, 4],
    [4, 5],
    [0, 3],
    [1, 4],
    [2, 5],
  ];
  const [area, edge] = [axis("area", 6), axis("edge", edges.length)];
  const y = draw.many(6, (i) => draw.poisson(6 + i));
  const factorOfScale = 0.45;
  return {
    model: model(({ sample, observe, plate, factor }) => {
      const [a, sigma] = [sample("a", normal(2, 1)), sample("sigma", halfNormal(1))];
      const rho = sample("rho", beta(0.5, 0.5));
      const smooth = sample("smooth", improperUniform(REAL).event(area));
      const rough = sample("rough", normal(0, 1).event(area));
      const [from, to] = [0, 1].map((k) =>
        gather(
          smooth,
          area,
          tensor(
            edges.map((e) => e[k]),
            [edge],
          ),
        ),
      );
      factor("pairs", sum(square(from.sub(to)), edge).mul(-0.5));
      factor("balance", normal(0, 0.006).logProb(sum(smooth, area)));
      const both = sqrt(constant(1).sub(rho))
        .mul(rough)
        .add(sqrt(rho.div(factorOfScale)).mul(smooth));
      plate(area, () => {
        observe("y", poisson({ logRate: a.add(sigma.mul(both)) }), tensor(y, [area]));
      });
    }),
    logDensity: ({ a: [a], sigma: [sigma], rho: [rho], smooth, rough }: Values) =>
      plain.normal(a, 2, 1) +
      plain.halfNormal(sigma) +
      plain.beta(rho, 0.5, 0.5) +
      total(6, (i) => plain.normal(rough[i])) -
      0.5 * total(edges.length, (e) => (smooth[edges[e][0]] - smooth[edges[e][1]]) ** 2) +
      plain.normal(
        total(6, (i) => smooth[i]),
        0,
        0.006,
      ) +
      total(6, (i) => {
        const both = Math.sqrt(1 - rho) * rough[i] + Math.sqrt(rho / factorOfScale) * smooth[i];
        return plain.poisson(y[i], Math.exp(a + sigma * both));
      }),
  };
}

/** Prices that depend on the neighbours' (a spatial lag): the determinant of 1 - rho W by its eigenvalues. */
function neighboursPrices() {
  const draw = new Simulation(71);
  const [house, other] = [axis("house", 5), axis("other", 5)];
  // A ring: each has two neighbours, and W has the eigenvalues cos(2 pi k / 5).
  const weights = draw.many(5, (i) =>
    draw.many(5, (j) => ((i - j + 5) % 5 === 1 || (j - i + 5) % 5 === 1 ? 0.5 : 0)),
  );
  const eigenvalues = draw.many(5, (k) => Math.cos((2 * Math.PI * k) / 5));
  const x = draw.many(5, () => draw.normal());
  const y = x.map((v) => draw.normal(1 + v, 0.5));
  return {
    model: model(({ sample, observe, plate, factor }) => {
      const rho = sample("rho", beta(2, 2));
      const [a, b] = [sample("a", normal(0, 2)), sample("b", normal(0, 2))];
      const noise = sample("noise", halfNormal(1));
      const price = tensor(y, [house]);
      const around = tensor(weights, [house, other]).mul(rename(price, house, other));
      const mean = a.add(b.mul(tensor(x, [house]))).add(rho.mul(sum(around, other)));
      factor("volume", sum(log1p(rho.mul(tensor(eigenvalues, [house])).neg()), house));
      plate(house, () => observe("price", normal(mean, noise), price));
    }),
    logDensity: ({ rho: [rho], a: [a], b: [b], noise: [noise] }: Values) => {
      // y is normal with the mean A^-1 m and the precision A'A / noise^2, A = 1 - rho W symmetric.
      const lag = weights.map((row, i) => row.map((w, j) => (i === j ? 1 : 0) - rho * w));
      const lower = plain.cholesky(lag);
      const logDeterminant = 2 * total(5, (i) => Math.log(lower[i][i]));
      return (
        plain.beta(rho, 2, 2) +
        plain.normal(a, 0, 2) +
        plain.normal(b, 0, 2) +
        plain.halfNormal(noise) +
        logDeterminant +
        total(5, (i) =>
          plain.normal(
            total(5, (j) => lag[i][j] * y[j]),
            a + b * x[i],
            noise,
          ),
        )
      );
    },
  };
}

/** Directions by a covariate (a regression on the circle). */
function directions() {
  const draw = new Simulation(72);
  const row = axis("row", 20);
  const x = draw.many(20, () => draw.normal());
  const y = x.map((v) => 0.5 + 2 * Math.atan(0.8 * v) + draw.normal(0, 0.3));
  const wrapped = y.map((v) => Math.atan2(Math.sin(v), Math.cos(v)));
  return {
    model: model(({ sample, observe, plate }) => {
      const [centre, slope] = [sample("centre", normal(0, 1)), sample("slope", normal(0, 1))];
      const concentration = sample("concentration", gamma(2, 0.2));
      plate(row, () => {
        const mean = centre.add(atan(slope.mul(tensor(x, [row]))).mul(2));
        observe("y", vonMises(mean, concentration), tensor(wrapped, [row]));
      });
    }),
    logDensity: ({ centre: [centre], slope: [slope], concentration: [k] }: Values) => {
      // The Bessel function I0 by its series.
      let [bessel, term] = [1, 1];
      for (let i = 1; i < 60; i++) {
        term *= (k / 2 / i) ** 2;
        bessel += term;
      }
      return (
        plain.normal(centre) +
        plain.normal(slope) +
        plain.gamma(k, 2, 0.2) +
        total(20, (i) => {
          const away = wrapped[i] - centre - 2 * Math.atan(slope * x[i]);
          return k * Math.cos(away) - Math.log(2 * Math.PI * bessel);
        })
      );
    },
  };
}

/** Soil that loses carbon of two pools, fast and slow, of which the first feeds the second (posteriordb). */
function soil() {
  const draw = new Simulation(73);
  const time = axis("time", 6);
  const days = [1, 3, 7, 15, 30, 60];
  const y = days.map((t) => 100 * (1 - Math.exp(-0.03 * t)) * Math.exp(draw.normal(0, 0.05)));
  return {
    spread: 0.2,
    model: model(({ sample, observe, plate }) => {
      const [fast, slow] = [sample("fast", lognormal(-2, 0.3)), sample("slow", lognormal(-4, 0.3))];
      const [share, fed] = [sample("share", beta(5, 5)), sample("fed", beta(2, 8))];
      const noise = sample("noise", halfNormal(0.2));
      const { a, b } = solveOde(
        ({ a, b }, _, { fast, slow, fed }) => ({
          a: fast.mul(a).neg(),
          b: fed.mul(fast).mul(a).sub(slow.mul(b)),
        }),
        {
          initial: { a: share.mul(100), b: constant(1).sub(share).mul(100) },
          parameters: { fast, slow, fed },
          times: tensor(days, [time]),
          along: time,
          relative: 1e-11,
          absolute: 1e-11,
        },
      );
      const gone = constant(100).sub(a).sub(b);
      plate(time, () => observe("gone", lognormal(log(gone), noise), tensor(y, [time])));
    }),
    logDensity: ({
      fast: [fast],
      slow: [slow],
      share: [share],
      fed: [fed],
      noise: [noise],
    }: Values) =>
      plain.lognormal(fast, -2, 0.3) +
      plain.lognormal(slow, -4, 0.3) +
      plain.beta(share, 5, 5) +
      plain.beta(fed, 2, 8) +
      plain.halfNormal(noise, 0.2) +
      total(6, (i) => {
        const a = 100 * share * Math.exp(-fast * days[i]);
        const flow = (100 * share * fed * fast) / (slow - fast);
        const decays = [fast, slow].map((rate) => Math.exp(-rate * days[i]));
        const b = 100 * (1 - share) * decays[1] + flow * (decays[0] - decays[1]);
        return plain.lognormal(y[i], Math.log(100 - a - b), noise);
      }),
  };
}

/** Choices among two arms by learned values, whose rates vary from person to person (reinforcement learning). */
function learning() {
  const draw = new Simulation(74);
  const [person, trial, arm] = [axis("person", 4), axis("trial", 15), axis("arm", 2)];
  const chosen = draw.many(4, () => draw.many(15, () => draw.bernoulli(0.6)));
  const won = chosen.map((row) => row.map((k) => draw.bernoulli(k === 1 ? 0.7 : 0.3)));
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const [mean, spread] = [sample("mean", normal(0, 1)), sample("spread", halfNormal(1))];
      const heat = sample("heat", gamma(2, 0.5));
      const choices = tensor(chosen.flat(), [person, trial]);
      plate(person, () => {
        const rate = sigmoid(sample("rate", normal(mean, spread)));
        chain(trial, { q: tensor([0, 0], [arm]) }, ({ q }, { at }) => {
          observe("choice", categorical({ logits: q.mul(heat) }, arm), at(choices));
          const error = at(tensor(won, [person, trial])).sub(q);
          return { q: q.add(select(index(arm).eq(at(choices)), rate.mul(error), 0)) };
        });
      });
    }),
    logDensity: ({ mean: [mean], spread: [spread], heat: [heat], rate }: Values) =>
      plain.normal(mean) +
      plain.halfNormal(spread) +
      plain.gamma(heat, 2, 0.5) +
      total(4, (i) => {
        const q = [0, 0];
        return (
          plain.normal(rate[i], mean, spread) +
          total(15, (t) => {
            const k = chosen[i][t];
            const here = plain.categoricalLogits(
              k,
              q.map((v) => heat * v),
            );
            q[k] += logistic(rate[i]) * (won[i][t] - q[k]);
            return here;
          })
        );
      }),
  };
}

/** Items with grades of different numbers: cutpoints side by side, of which each item takes its own (ragged). */
function scales() {
  const draw = new Simulation(75);
  const [answer, cut, grade] = [axis("answer", 24), axis("cut", 3), axis("grade", 4)];
  const grades = [3, 4];
  const of = draw.many(24, (i) => i % 2);
  const y = of.map((j) =>
    draw.categorical(grades[j] === 3 ? [0.3, 0.4, 0.3] : [0.2, 0.3, 0.3, 0.2]),
  );
  const [three, four] = [axis("three", 2), axis("four", 3)];
  return {
    model: model(({ sample, observe, plate }) => {
      const short = sample("short", ordered(normal(0, 2), three));
      const long = sample("long", ordered(normal(0, 2), four));
      const end = axis("end", 1);
      const filled = concat(short, tensor([1e9], [end]), [three, end], cut);
      const isLong = tensor(of, [answer]).eq(1);
      const cuts = select(isLong, rename(long, four, cut), filled);
      const above = sigmoid(cuts.neg());
      const [zero, one] = [tensor([0], [end]), tensor([1], [end])];
      const more = concat(one, above, [end, cut], grade);
      const less = concat(above, zero, [cut, end], grade);
      plate(answer, () => {
        observe("y", categorical(more.sub(less), grade), tensor(y, [answer]));
      });
    }),
    logDensity: ({ short, long }: Values) =>
      Math.log(2) +
      Math.log(6) +
      [...short, ...long].reduce((sum, c) => sum + plain.normal(c, 0, 2), 0) +
      total(24, (i) => {
        const cuts = of[i] === 0 ? short : long;
        const above = (k: number) => (k < 0 ? 1 : k >= cuts.length ? 0 : logistic(-cuts[k]));
        return Math.log(above(y[i] - 1) - above(y[i]));
      }),
  };
}

export const STRUCTURES: Formulas = {
  factors,
  rowsAndColumns,
  skills,
  steps,
  experts,
  topics,
  sticks,
  joined,
  unevenNoise,
  areas,
  neighboursPrices,
  directions,
  soil,
  learning,
  scales,
};
