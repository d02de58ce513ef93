/** Series: filters, regimes, trends with bends, smoothing, diffusions, renewal, populations. */
import {
  axis,
  beta,
  categorical,
  constant,
  dirichlet,
  exp,
  exponential,
  gather,
  halfNormal,
  index,
  laplace,
  lognormal,
  model,
  negativeBinomial,
  normal,
  poisson,
  select,
  sqrt,
  square,
  studentT,
  sum,
  tensor,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total } = plain;

/** A level that drifts and an autoregression on it, integrated out by the Kalman filter (gaussian_dlm_obs). */
function filter() {
  const draw = new Simulation(41);
  const time = axis("time", 30);
  let level = 0;
  const y = draw.many(30, () => {
    level += draw.normal(0, 0.5);
    return draw.normal(level, 1);
  });
  return {
    model: model(({ sample, observe, chain }) => {
      const [drift, noise] = [sample("drift", halfNormal(1)), sample("noise", halfNormal(1))];
      const start = { mean: constant(0), variance: constant(10) };
      chain(time, start, ({ mean, variance }, { at }) => {
        const before = variance.add(square(drift));
        const all = before.add(square(noise));
        const now = at(tensor(y, [time]));
        observe("y", normal(mean, sqrt(all)), now);
        const gain = before.div(all);
        const error = now.sub(mean);
        return { mean: mean.add(gain.mul(error)), variance: before.sub(gain.mul(before)) };
      });
    }),
    logDensity: ({ drift: [drift], noise: [noise] }: Values) => {
      // The joint normal of all observations: levels have the covariance 10 + drift^2 min(s, t).
      const covariance = y.map((_, s) =>
        y.map((_, t) => 10 + drift ** 2 * (Math.min(s, t) + 1) + (s === t ? noise ** 2 : 0)),
      );
      const zero = y.map(() => 0);
      return (
        plain.halfNormal(drift) +
        plain.halfNormal(noise) +
        plain.multivariateNormal(y, zero, plain.cholesky(covariance))
      );
    },
  };
}

/** An autoregression whose mean and spread switch between regimes (Hamilton). */
function regimes() {
  const draw = new Simulation(42);
  const [time, from, to] = [axis("time", 40), axis("from", 2), axis("to", 2)];
  let last = 0;
  const y = draw.many(40, (t) => {
    last = t % 20 < 10 ? draw.normal(0.5 * last, 0.3) : draw.normal(2 + 0.5 * last, 1);
    return last;
  });
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const kept = sample("kept", normal(0, 0.5));
      const moves = plate(from, () => sample("moves", dirichlet(2, to)));
      const level = sample("level", normal(0, 2).event(to));
      const spread = sample("spread", halfNormal(1).event(to));
      const start = { z: constant(0, "int32"), last: constant(0) };
      chain(time, start, ({ z: before, last }, { at }) => {
        const z = sample("z", categorical(gather(moves, from, before), to));
        const mean = gather(level, to, z).add(kept.mul(last));
        observe("y", normal(mean, gather(spread, to, z)), at(tensor(y, [time])));
        return { z, last: at(tensor(y, [time])) };
      });
    }),
    logDensity: ({ kept: [kept], moves, level, spread }: Values) => {
      let f = [0, Number.NEGATIVE_INFINITY];
      y.forEach((v, t) => {
        f = [0, 1].map((z) => {
          const reach = plain.logSumExp(f.map((w, k) => w + Math.log(moves[2 * k + z])));
          return reach + plain.normal(v, level[z] + kept * (t === 0 ? 0 : y[t - 1]), spread[z]);
        });
      });
      return (
        plain.normal(kept, 0, 0.5) +
        total(2, (k) => plain.dirichlet(moves.slice(2 * k, 2 * k + 2), [2, 2])) +
        total(2, (k) => plain.normal(level[k], 0, 2) + plain.halfNormal(spread[k])) +
        plain.logSumExp(f)
      );
    },
  };
}

/** A trend that may bend at given times, and a year (prophet, posteriordb). */
function bends() {
  const draw = new Simulation(43);
  const [day, bend] = [axis("day", 40), axis("bend", 5)];
  const t = draw.many(40, (i) => i / 40);
  const at = [0.15, 0.3, 0.5, 0.7, 0.85];
  const y = t.map((x) => draw.normal(x < 0.5 ? x : 1 - x, 0.1));
  return {
    model: model(({ sample, observe, plate }) => {
      const [k, m] = [sample("k", normal(0, 5)), sample("m", normal(0, 5))];
      const delta = sample("delta", laplace(0, 0.3).event(bend));
      const noise = sample("noise", halfNormal(0.5));
      const [time, bends] = [tensor(t, [day]), tensor(at, [bend])];
      const since = time.sub(bends);
      const after = select(since.gt(0), since, 0);
      const trend = m.add(k.mul(time)).add(sum(after.mul(delta), bend));
      plate(day, () => observe("y", normal(trend, noise), tensor(y, [day])));
    }),
    logDensity: ({ k: [k], m: [m], delta, noise: [noise] }: Values) =>
      plain.normal(k, 0, 5) +
      plain.normal(m, 0, 5) +
      plain.halfNormal(noise, 0.5) +
      total(5, (j) => plain.laplace(delta[j], 0, 0.3)) +
      total(40, (i) => {
        const bent = total(5, (j) => delta[j] * Math.max(0, t[i] - at[j]));
        return plain.normal(y[i], m + k * t[i] + bent, noise);
      }),
  };
}

/** Holt and Winters: level, trend and a season of four quarters, smoothed by errors (NumPyro). */
function smoothing() {
  const draw = new Simulation(44);
  const [time, quarter] = [axis("time", 24), axis("quarter", 4)];
  const y = draw.many(24, (t) => draw.normal(5 + 0.2 * t + [1, -1, 0.5, -0.5][t % 4], 0.4));
  return {
    model: model(({ sample, observe, chain }) => {
      const [a, b, c] = ["a", "b", "c"].map((name) => sample(name, beta(2, 2)));
      const [level, trend] = [sample("level", normal(5, 2)), sample("trend", normal(0, 0.5))];
      const season = sample("season", normal(0, 1).event(quarter));
      const noise = sample("noise", halfNormal(1));
      const start = { level, trend, season };
      chain(time, start, (before, { at }) => {
        const now = at(tensor(y, [time]));
        const q = at(
          tensor(
            draw.many(24, (t) => t % 4),
            [time],
          ),
        );
        const turn = gather(before.season, quarter, q);
        observe("y", normal(before.level.add(before.trend).add(turn), noise), now);
        const next = a.mul(now.sub(turn)).add(a.neg().add(1).mul(before.level.add(before.trend)));
        const rise = b.mul(next.sub(before.level)).add(b.neg().add(1).mul(before.trend));
        const again = c.mul(now.sub(next)).add(c.neg().add(1).mul(turn));
        const seasons = select(index(quarter).eq(q), again, before.season);
        return { level: next, trend: rise, season: seasons };
      });
    }),
    logDensity: ({
      a: [a],
      b: [b],
      c: [c],
      level: [level],
      trend: [trend],
      season,
      noise: [noise],
    }: Values) => {
      const seasons = [...season];
      let [l, r] = [level, trend];
      return (
        [a, b, c].reduce((sum, x) => sum + plain.beta(x, 2, 2), 0) +
        plain.normal(level, 5, 2) +
        plain.normal(trend, 0, 0.5) +
        total(4, (q) => plain.normal(season[q])) +
        plain.halfNormal(noise) +
        total(24, (t) => {
          const q = t % 4;
          const here = plain.normal(y[t], l + r + seasons[q], noise);
          const next = a * (y[t] - seasons[q]) + (1 - a) * (l + r);
          r = b * (next - l) + (1 - b) * r;
          seasons[q] = c * (y[t] - next) + (1 - c) * seasons[q];
          l = next;
          return here;
        })
      );
    },
  };
}

/** A neuron by the stochastic equations of FitzHugh and Nagumo, in steps of Euler and Maruyama; one of two states is seen. */
function neuron() {
  const draw = new Simulation(45);
  const time = axis("time", 20);
  const dt = 0.2;
  const y = draw.many(20, (t) => draw.normal(Math.sin(t / 3), 0.2));
  return {
    model: model(({ sample, observe, chain }) => {
      const [drive, slow] = [sample("drive", normal(0.5, 0.3)), sample("slow", lognormal(-2, 0.5))];
      const spread = sample("spread", halfNormal(0.5));
      chain(time, { v: constant(0), w: constant(0) }, ({ v, w }, { at }) => {
        const cube = v.mul(square(v)).div(3);
        const sd = spread.mul(Math.sqrt(dt));
        const nextV = sample("v", normal(v.add(v.sub(cube).sub(w).add(drive).mul(dt)), sd));
        const turn = slow.mul(v.add(0.7).sub(w.mul(0.8)));
        const nextW = sample("w", normal(w.add(turn.mul(dt)), sd));
        observe("y", normal(nextV, 0.2), at(tensor(y, [time])));
        return { v: nextV, w: nextW };
      });
    }),
    logDensity: ({ drive: [drive], slow: [slow], spread: [spread], v, w }: Values) =>
      plain.normal(drive, 0.5, 0.3) +
      plain.lognormal(slow, -2, 0.5) +
      plain.halfNormal(spread, 0.5) +
      total(20, (t) => {
        const [a, b] = t === 0 ? [0, 0] : [v[t - 1], w[t - 1]];
        const sd = spread * Math.sqrt(dt);
        return (
          plain.normal(v[t], a + dt * (a - a ** 3 / 3 - b + drive), sd) +
          plain.normal(w[t], b + dt * slow * (a + 0.7 - 0.8 * b), sd) +
          plain.normal(y[t], v[t], 0.2)
        );
      }),
  };
}

/** Log variances with leverage and returns of heavy tails: an exponential GARCH. */
function leverage() {
  const draw = new Simulation(46);
  const day = axis("day", 40);
  const y = draw.many(40, () => draw.normal(0, Math.exp(draw.normal(0, 0.3))));
  return {
    model: model(({ sample, observe, chain }) => {
      const [base, fed, tilt] = ["base", "fed", "tilt"].map((name) => sample(name, normal(0, 0.3)));
      const kept = sample("kept", beta(10, 2));
      const degrees = sample("degrees", exponential(0.1)).add(2);
      const start = { h: constant(0), z: constant(0) };
      chain(day, start, ({ h, z }, { at }) => {
        const shock = fed.mul(select(z.lt(0), z.neg(), z)).add(tilt.mul(z));
        const now = base.add(shock).add(kept.mul(h));
        const scale = exp(now.mul(0.5));
        const value = at(tensor(y, [day]));
        observe("y", studentT(degrees, 0, scale), value);
        return { h: now, z: value.div(scale) };
      });
    }),
    logDensity: ({
      base: [base],
      fed: [fed],
      tilt: [tilt],
      kept: [kept],
      degrees: [degrees],
    }: Values) => {
      let [h, z] = [0, 0];
      return (
        [base, fed, tilt].reduce((sum, x) => sum + plain.normal(x, 0, 0.3), 0) +
        plain.beta(kept, 10, 2) +
        plain.exponential(degrees, 0.1) +
        total(40, (t) => {
          h = base + fed * Math.abs(z) + tilt * z + kept * h;
          z = y[t] / Math.exp(h / 2);
          return plain.studentT(y[t], degrees + 2, 0, Math.exp(h / 2));
        })
      );
    },
  };
}

/** An epidemic by its renewal: infections of the last days, weighed, times a reproduction number that walks. */
function renewal() {
  const draw = new Simulation(47);
  const [day, ago] = [axis("day", 20), axis("ago", 4)];
  const weight = [0.3, 0.4, 0.2, 0.1];
  const y = draw.many(20, (t) => draw.poisson(10 + t));
  return {
    model: model(({ sample, observe, chain }) => {
      const [spread, dispersion] = [sample("spread", halfNormal(0.2)), sample("d", exponential(5))];
      const start = { logR: constant(0), past: tensor([10, 10, 10, 10], [ago]) };
      chain(day, start, ({ logR, past }, { at }) => {
        const now = sample("logR", normal(logR, spread));
        const cases = exp(now).mul(sum(past.mul(tensor(weight, [ago])), ago));
        observe("y", negativeBinomial({ mean: cases, dispersion }), at(tensor(y, [day])));
        const before = gather(past, ago, select(index(ago).eq(0), 0, index(ago).sub(1)));
        return { logR: now, past: select(index(ago).eq(0), cases, before) };
      });
    }),
    logDensity: ({ spread: [spread], d: [dispersion], logR }: Values) => {
      let past = [10, 10, 10, 10];
      return (
        plain.halfNormal(spread, 0.2) +
        plain.exponential(dispersion, 5) +
        total(20, (t) => {
          const cases = Math.exp(logR[t]) * total(4, (k) => weight[k] * past[k]);
          past = [cases, ...past.slice(0, 3)];
          return (
            plain.normal(logR[t], t === 0 ? 0 : logR[t - 1], spread) +
            plain.negativeBinomial(y[t], cases, 1 / dispersion)
          );
        })
      );
    },
  };
}

/** A population that grows by Ricker's law with noise of its own, seen by counts. */
function ricker() {
  const draw = new Simulation(27);
  const year = axis("year", 15);
  let size = 10;
  const seen = draw.many(15, () => {
    size *= Math.exp(0.8 * (1 - size / 40) + draw.normal(0, 0.2));
    return draw.poisson(size);
  });
  return {
    model: model(({ sample, observe, chain }) => {
      const [growth, capacity] = [
        sample("growth", halfNormal(1)),
        sample("capacity", lognormal(4, 1)),
      ];
      const noise = sample("noise", halfNormal(0.5));
      chain(year, constant(Math.log(10)), (before, { at }) => {
        const rise = growth.mul(constant(1).sub(exp(before).div(capacity)));
        const now = sample("logSize", normal(before.add(rise), noise));
        observe("seen", poisson({ logRate: now }), at(tensor(seen, [year])));
        return now;
      });
    }),
    logDensity: ({ growth: [growth], capacity: [capacity], noise: [noise], logSize }: Values) => {
      let before = Math.log(10);
      return (
        plain.halfNormal(growth) +
        plain.lognormal(capacity, 4, 1) +
        plain.halfNormal(noise, 0.5) +
        total(15, (t) => {
          const mean = before + growth * (1 - Math.exp(before) / capacity);
          before = logSize[t];
          return plain.normal(before, mean, noise) + plain.poisson(seen[t], Math.exp(before));
        })
      );
    },
  };
}

export const SERIES: Formulas = {
  filter,
  regimes,
  bends,
  smoothing,
  neuron,
  leverage,
  renewal,
  ricker,
};
