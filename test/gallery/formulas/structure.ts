/** What lies beneath: factors, kinds, topics, margins joined. */
import {
  axis,
  beta,
  categorical,
  dirichlet,
  exponential,
  gamma,
  gather,
  halfNormal,
  index,
  inverseGamma,
  lkjCholesky,
  log,
  log1p,
  logDeterminant,
  lognormal,
  mixture,
  model,
  multivariateNormal,
  normal,
  normalQuantile,
  rename,
  select,
  softmax,
  solveLower,
  square,
  stack,
  sum,
  tensor,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
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
      const z = stack([first.cdf(x), second.cdf(y)].map(normalQuantile), part);
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

export const STRUCTURES: Formulas = {
  factors,
  rowsAndColumns,
  experts,
  topics,
  sticks,
  joined,
};
