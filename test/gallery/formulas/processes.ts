/** What varies over places and times: functions, neighbours, directions, equations, learning. */
import {
  atan,
  axis,
  beta,
  categorical,
  constant,
  exp,
  gamma,
  gather,
  gaussianProcess,
  halfNormal,
  improperUniform,
  index,
  inverseGamma,
  log,
  log1p,
  lognormal,
  matern,
  model,
  normal,
  poisson,
  REAL,
  rename,
  select,
  sigmoid,
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

const { total } = plain;

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

export const PROCESSES: Formulas = {
  unevenNoise,
  areas,
  neighboursPrices,
  directions,
  soil,
  learning,
};
