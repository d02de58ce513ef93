/** Regressions: design matrices, shrinkage, quantiles, several outcomes. */
import {
  axis,
  beta,
  cholesky,
  constant,
  dirichlet,
  halfCauchy,
  halfNormal,
  lkjCholesky,
  log,
  model,
  multivariateNormal,
  normal,
  rename,
  select,
  solveLower,
  solveLowerTransposed,
  sqrt,
  sum,
  tensor,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total, rowsOf } = plain;

/** Correlated columns made orthonormal by the factor of X'X = R'R: weights of Q = X R^-1 are R beta. */
function orthogonal() {
  const draw = new Simulation(1);
  const [row, column, other] = [axis("row", 30), axis("column", 3), axis("other", 3)];
  const x = draw.many(row.size, () => {
    const common = draw.normal();
    return draw.many(3, () => common + draw.normal(0, 0.3));
  });
  const y = x.map(([a, b, c]) => draw.normal(a - b + 0.5 * c, 0.4));
  const factor = plain.cholesky(plain.times(plain.transposed(x), x));
  return {
    model: model(({ sample, observe, plate, deterministic }) => {
      const design = tensor(x, [row, column]);
      const r = cholesky(sum(design.mul(rename(design, column, other)), row), column, other);
      const q = rename(solveLower(r, design, column, other), other, column);
      const weights = sample("weights", normal(0, 5).event(column));
      const noise = sample("noise", halfNormal(1));
      deterministic("beta", solveLowerTransposed(r, rename(weights, column, other), column, other));
      plate(row, () => {
        observe("y", normal(sum(q.mul(weights), column), noise), tensor(y, [row]));
      });
    }),
    logDensity: ({ weights, noise: [noise] }: Values) =>
      total(3, (j) => plain.normal(weights[j], 0, 5)) +
      plain.halfNormal(noise) +
      total(row.size, (i) => {
        const q = plain.solveLower(factor, x[i]);
        return plain.normal(
          y[i],
          total(3, (j) => q[j] * weights[j]),
          noise,
        );
      }),
  };
}

/** The R2D2 prior (Zhang and others 2022): a beta for the variance explained, shared out by a Dirichlet. */
function varianceExplained() {
  const draw = new Simulation(2);
  const [row, column] = [axis("row", 40), axis("column", 5)];
  const x = draw.many(row.size, () => draw.many(5, () => draw.normal()));
  const y = x.map(([a, b]) => draw.normal(a - 0.5 * b, 0.8));
  return {
    model: model(({ sample, observe, plate }) => {
      const explained = sample("explained", beta(2, 3));
      const share = sample("share", dirichlet(0.5, column));
      const noise = sample("noise", halfNormal(1));
      const signal = explained.div(constant(1).sub(explained));
      const scale = noise.mul(sqrt(signal.mul(share)));
      const weights = sample("z", normal(0, 1).event(column)).mul(scale);
      const mean = sum(tensor(x, [row, column]).mul(weights), column);
      plate(row, () => observe("y", normal(mean, noise), tensor(y, [row])));
    }),
    logDensity: ({ explained: [r2], share, noise: [noise], z }: Values) => {
      const weights = z.map((v, j) => v * noise * Math.sqrt((r2 / (1 - r2)) * share[j]));
      return (
        plain.beta(r2, 2, 3) +
        plain.dirichlet(
          share,
          share.map(() => 0.5),
        ) +
        plain.halfNormal(noise) +
        total(5, (j) => plain.normal(z[j])) +
        total(row.size, (i) =>
          plain.normal(
            y[i],
            total(5, (j) => x[i][j] * weights[j]),
            noise,
          ),
        )
      );
    },
  };
}

/** The 0.8 quantile, by the density of the check function (an asymmetric Laplace). */
function quantile() {
  const draw = new Simulation(6);
  const row = axis("row", 40);
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v) => 1 + v + draw.gamma(2, 2));
  const tau = 0.8;
  return {
    model: model(({ sample, plate, factor }) => {
      const [a, b] = [sample("a", normal(0, 5)), sample("b", normal(0, 5))];
      const scale = sample("scale", halfNormal(1));
      const away = tensor(y, [row])
        .sub(a.add(b.mul(tensor(x, [row]))))
        .div(scale);
      const check = away.mul(select(away.lt(0), tau - 1, tau));
      plate(row, () => factor("y", log(constant(tau * (1 - tau)).div(scale)).sub(check)));
    }),
    logDensity: ({ a: [a], b: [b], scale: [s] }: Values) =>
      plain.normal(a, 0, 5) +
      plain.normal(b, 0, 5) +
      plain.halfNormal(s) +
      total(row.size, (i) => {
        const u = (y[i] - a - b * x[i]) / s;
        return Math.log((tau * (1 - tau)) / s) - u * (tau - (u < 0 ? 1 : 0));
      }),
  };
}

/** Two outcomes of different covariates with correlated errors (seemingly unrelated regressions). */
function unrelated() {
  const draw = new Simulation(8);
  const [row, outcome, other] = [axis("row", 30), axis("outcome", 2), axis("other", 2)];
  const x = draw.many(row.size, () => [draw.normal(), draw.normal()]);
  const y = x.map(([u, v]) => {
    const common = draw.normal(0, 0.5);
    return [1 + u + common, -v + common + draw.normal(0, 0.3)];
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const a = sample("a", normal(0, 2).event(outcome));
      const b = sample("b", normal(0, 2).event(outcome));
      const sd = sample("sd", halfCauchy(2).event(outcome));
      const factor = sample("l", lkjCholesky(1, outcome, other)).mul(sd);
      const mean = a.add(b.mul(tensor(x, [row, outcome])));
      plate(row, () => {
        const errors = multivariateNormal(mean, { factor }, outcome, other);
        observe("y", errors, tensor(y, [row, outcome]));
      });
    }),
    logDensity: ({ a, b, sd, l }: Values) => {
      const lower = rowsOf(l, 2);
      return (
        total(2, (k) => plain.normal(a[k], 0, 2) + plain.normal(b[k], 0, 2)) +
        total(2, (k) => plain.halfCauchy(sd[k], 2)) +
        plain.lkjCholesky(lower, 1) +
        total(row.size, (i) =>
          plain.multivariateNormal(
            y[i],
            [0, 1].map((k) => a[k] + b[k] * x[i][k]),
            plain.scaledRows(lower, sd),
          ),
        )
      );
    },
  };
}

export const REGRESSIONS: Formulas = {
  orthogonal,
  varianceExplained,
  quantile,
  unrelated,
};
