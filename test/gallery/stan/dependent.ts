/** Of what depends on one another over times and places. */
import {
  axis,
  beta,
  constant,
  exp,
  gather,
  gaussianProcess,
  halfNormal,
  improperUniform,
  lognormal,
  model,
  multivariateNormal,
  negativeBinomial,
  normal,
  poisson,
  REAL,
  solveOde,
  square,
  squaredExponential,
  sum,
  tensor,
} from "../../../src/index.ts";
import { int, Simulation } from "../simulation.ts";

/** A latent Gaussian process behind counts. */
export function latentProcess() {
  const draw = new Simulation(8);
  const place = axis("place", 25);
  const x = draw.many(place.size, (i) => i / 4);
  const f = x.map((v) => Math.sin(v));
  const y = f.map((v) => draw.poisson(Math.exp(1.5 + v)));
  return {
    truth: { level: 1.5, rate: f.map((v) => Math.exp(1.5 + v)) },
    model: model(({ sample, observe, plate, deterministic }) => {
      const level = sample("level", normal(0, 2));
      const scale = sample("scale", halfNormal(1));
      const lengthscale = sample("lengthscale", lognormal(0, 0.5));
      const process = gaussianProcess(squaredExponential({ scale, lengthscale }), { noise: 1e-3 });
      const curve = sample("curve", process.at(tensor(x, [place]), place));
      deterministic("rate", exp(curve.add(level)));
      plate(place, () => observe("y", poisson({ logRate: curve.add(level) }), tensor(y, [place])));
    }),
  };
}

/** An epidemic of susceptible, infected and recovered people, seen by counts of those infected. */
export function epidemic() {
  const draw = new Simulation(9);
  const day = axis("day", 14);
  const [contact, recovery, people] = [1.7, 0.5, 763];
  const infected: number[] = [];
  let [s, i] = [people - 1, 1];
  for (let t = 0; t < day.size; t++) {
    for (let k = 0; k < 2000; k++) {
      const caught = ((contact * s * i) / people) * 0.0005;
      [s, i] = [s - caught, i + caught - recovery * i * 0.0005];
    }
    infected.push(i);
  }
  const seen = infected.map((m) => draw.poisson(draw.gamma(10, 10 / m)));
  return {
    truth: { contact, recovery, dispersion: 0.1 },
    model: model(({ sample, observe, plate }) => {
      const beta = sample("contact", lognormal(0, 1));
      const gamma = sample("recovery", lognormal(-1, 0.5));
      const dispersion = sample("dispersion", halfNormal(0.5));
      const { i } = solveOde(
        ({ s, i }, _, { beta, gamma }) => {
          const caught = beta.mul(s).mul(i).div(people);
          return { s: caught.neg(), i: caught.sub(gamma.mul(i)) };
        },
        {
          initial: { s: people - 1, i: 1 },
          parameters: { beta, gamma },
          times: tensor(
            draw.many(day.size, (t) => t + 1),
            [day],
          ),
          along: day,
        },
      );
      plate(day, () => {
        observe("seen", negativeBinomial({ mean: i, dispersion }), tensor(seen, [day]));
      });
    }),
  };
}

/** A moving average of second order: errors are handed on. */
export function movingAverage() {
  const draw = new Simulation(10);
  const time = axis("time", 300);
  const errors = draw.many(time.size + 2, () => draw.normal(0, 0.7));
  const y = draw.many(time.size, (t) => 1 + errors[t + 2] + 0.6 * errors[t + 1] + 0.3 * errors[t]);
  return {
    truth: { level: 1, theta1: 0.6, theta2: 0.3, noise: 0.7 },
    model: model(({ sample, observe, chain }) => {
      const level = sample("level", normal(0, 5));
      const [a, b] = [sample("theta1", normal(0, 0.5)), sample("theta2", normal(0, 0.5))];
      const noise = sample("noise", halfNormal(2));
      const start = { last: constant(0), before: constant(0) };
      chain(time, start, ({ last, before }, { at }) => {
        const mean = level.add(a.mul(last)).add(b.mul(before));
        observe("y", normal(mean, noise), at(tensor(y, [time])));
        return { last: at(tensor(y, [time])).sub(mean), before: last };
      });
    }),
  };
}

/** Stochastic volatility: the log variance of returns is an autoregression. */
export function volatility() {
  const draw = new Simulation(11);
  const time = axis("time", 300);
  const [mu, phi, sigma] = [-1, 0.95, 0.3];
  let h = draw.normal(mu, sigma / Math.sqrt(1 - phi * phi));
  const y = draw.many(time.size, () => {
    h = draw.normal(mu + phi * (h - mu), sigma);
    return draw.normal(0, Math.exp(h / 2));
  });
  return {
    truth: { mu, phi, sigma },
    model: model(({ sample, observe, chain, deterministic }) => {
      const level = sample("mu", normal(0, 2));
      const kept = deterministic("phi", sample("kept", beta(20, 1.5)).mul(2).sub(1));
      const spread = sample("sigma", halfNormal(0.5));
      chain(time, constant(0), (before, { at }) => {
        const z = sample("z", normal(kept.mul(before), spread));
        observe("y", normal(0, exp(level.add(z).mul(0.5))), at(tensor(y, [time])));
        return z;
      });
    }),
  };
}

/** The edges of a grid of areas. */
function neighbours(side: number) {
  const at = (r: number, c: number) => r * side + c;
  const cells = Array.from({ length: side * side }, (_, k) => [Math.floor(k / side), k % side]);
  return cells.flatMap(([r, c]) => [
    ...(c + 1 < side ? [[at(r, c), at(r, c + 1)]] : []),
    ...(r + 1 < side ? [[at(r, c), at(r + 1, c)]] : []),
  ]);
}

/** Counts of areas with neighbours (Besag): an improper conditional autoregression, by its pairs, that sums to 0. */
export function areasImproper() {
  const draw = new Simulation(12);
  const edges = neighbours(6);
  const [area, edge] = [axis("area", 36), axis("edge", edges.length)];
  const phi = draw.many(area.size, (k) => Math.sin(Math.floor(k / 6)) * 0.8);
  const mean = phi.reduce((a, b) => a + b) / phi.length;
  const y = phi.map((v) => draw.poisson(20 * Math.exp(v - mean)));
  const [from, to] = [0, 1].map((side) => tensor(int(edges.map((e) => e[side])), [edge]));
  return {
    truth: { level: Math.log(20), relative: phi.map((v) => Math.exp(v - mean)) },
    model: model(({ sample, observe, plate, factor, deterministic }) => {
      const level = sample("level", normal(0, 5));
      const sigma = sample("sigma", halfNormal(1));
      const x = sample("phi", improperUniform(REAL).event(area));
      factor("pairs", sum(square(gather(x, area, from).sub(gather(x, area, to))), edge).mul(-0.5));
      factor("sum", square(sum(x, area)).mul(-0.5 / (0.001 * area.size) ** 2));
      deterministic("relative", exp(x.mul(sigma)));
      plate(area, () => {
        observe("y", poisson({ logRate: level.add(x.mul(sigma)) }), tensor(y, [area]));
      });
    }),
  };
}

/** The same areas by a proper conditional autoregression: a normal with the precision tau (D - alpha W). */
export function areasProper() {
  const draw = new Simulation(13);
  const edges = neighbours(5);
  const [area, other] = [axis("area", 25), axis("other", 25)];
  const weights = Array.from({ length: 25 }, () => new Array(25).fill(0));
  for (const [a, b] of edges) weights[a][b] = weights[b][a] = 1;
  const counts = weights.map((row) => row.reduce((a, b) => a + b));
  const diagonal = counts.map((n, i) => weights.map((_, j) => (i === j ? n : 0)));
  const phi = draw.many(area.size, (k) => 0.5 * Math.cos(Math.floor(k / 5)) + 0.1 * (k % 5));
  const y = phi.map((v) => draw.poisson(30 * Math.exp(v)));
  const [d, w] = [diagonal, weights].map((m) => tensor(m, [area, other]));
  return {
    truth: { rate: phi.map((v) => 30 * Math.exp(v)) },
    model: model(({ sample, observe, plate, deterministic }) => {
      const level = sample("level", normal(0, 5));
      const alpha = sample("alpha", beta(2, 1));
      const tau = sample("tau", halfNormal(10));
      const precision = d.sub(w.mul(alpha)).mul(tau);
      const x = sample(
        "phi",
        multivariateNormal(tensor(new Array(25).fill(0), [area]), { precision }, area, other),
      );
      deterministic("rate", exp(level.add(x)));
      plate(area, () => observe("y", poisson({ logRate: level.add(x) }), tensor(y, [area])));
    }),
  };
}
