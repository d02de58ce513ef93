/** Models of Stan's user's guide, as one would write them here, on data drawn from known numbers. */
import {
  axis,
  bernoulli,
  beta,
  binomial,
  cast,
  categorical,
  censored,
  constant,
  exp,
  gather,
  gaussianProcess,
  halfNormal,
  improperUniform,
  index,
  inferGaps,
  lkjCholesky,
  lognormal,
  model,
  multivariateNormal,
  negativeBinomial,
  normal,
  ordered,
  orderedLogistic,
  poisson,
  REAL,
  select,
  solveOde,
  sqrt,
  square,
  squaredExponential,
  studentT,
  sum,
  type Tensor,
  tensor,
  truncated,
  weibull,
  zeroInflated,
} from "../../src/index.ts";
import type { Gallery } from "./gallery.ts";
import { logistic, Simulation } from "./simulation.ts";

const int = (x: readonly number[]) => Int32Array.from(x);

/** A regression whose covariate is seen with an error of known size. */
function measurementError() {
  const draw = new Simulation(1);
  const row = axis("row", 60);
  const x = draw.many(row.size, () => draw.normal(2, 1));
  const seen = x.map((v) => draw.normal(v, 0.5));
  const y = x.map((v) => draw.normal(1 + 0.8 * v, 0.3));
  return {
    truth: { a: 1, b: 0.8, noise: 0.3, centre: 2, spread: 1 },
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 5)), sample("b", normal(0, 5))];
      const noise = sample("noise", halfNormal(1));
      const [centre, spread] = [sample("centre", normal(0, 5)), sample("spread", halfNormal(2))];
      plate(row, () => {
        const truly = sample("x", normal(centre, spread));
        observe("seen", normal(truly, 0.5), tensor(seen, [row]));
        observe("y", normal(a.add(b.mul(truly)), noise), tensor(y, [row]));
      });
    }),
  };
}

/** Some values are missing: they are inferred. */
function missingValues() {
  const draw = new Simulation(2);
  const row = axis("row", 50);
  const y = draw.many(row.size, () => draw.normal(3, 2));
  const present = y.map((_, i) => (i % 5 === 0 ? 0 : 1));
  return {
    truth: { mean: 3, sd: 2 },
    model: model(({ sample, observe, plate }) => {
      const [mean, sd] = [sample("mean", normal(0, 10)), sample("sd", halfNormal(5))];
      const data = {
        value: tensor(
          y.map((v, i) => v * present[i]),
          [row],
        ),
        present: tensor(Uint8Array.from(present), [row]),
      };
      const all = inferGaps(sample, "y", data);
      plate(row, () => observe("y", normal(mean, sd), all));
    }),
  };
}

/** Values below 1 were never recorded; those above 4 are recorded as 4. */
function truncatedAndCensored() {
  const draw = new Simulation(3);
  const kept = draw
    .many(400, () => draw.normal(2, 1.5))
    .filter((v) => v > 1)
    .slice(0, 150);
  const row = axis("row", kept.length);
  const y = tensor(
    kept.map((v) => Math.min(v, 4)),
    [row],
  );
  const right = tensor(
    Uint8Array.from(kept, (v) => (v > 4 ? 1 : 0)),
    [row],
  );
  return {
    truth: { mean: 2, sd: 1.5 },
    model: model(({ sample, observe, plate }) => {
      const [mean, sd] = [sample("mean", normal(0, 10)), sample("sd", halfNormal(5))];
      plate(row, () => {
        observe("y", censored(truncated(normal(mean, sd), { lower: 1 }), { right }), y);
      });
    }),
  };
}

/** Two normals whose kinds are summed out, with centres in order. */
function normalMixture() {
  const draw = new Simulation(4);
  const [row, kind] = [axis("row", 200), axis("kind", 2)];
  const y = draw.many(row.size, () =>
    draw.bernoulli(0.3) ? draw.normal(-1, 0.5) : draw.normal(2, 1),
  );
  return {
    truth: { share: 0.3, centre: [-1, 2], spread: [0.5, 1] },
    model: model(({ sample, observe, plate }) => {
      const share = sample("share", beta(2, 2));
      const centre = sample("centre", ordered(normal(0, 3), kind));
      const spread = sample("spread", halfNormal(2).event(kind));
      plate(row, () => {
        const at = cast(sample("z", bernoulli({ probs: share.neg().add(1) })), "int32");
        observe("y", normal(gather(centre, kind, at), gather(spread, kind, at)), tensor(y, [row]));
      });
    }),
  };
}

/** Captures and recaptures (Cormack, Jolly and Seber): whether an animal is alive is summed out along its life. */
function captures() {
  const draw = new Simulation(5);
  const [animal, occasion] = [axis("animal", 60), axis("occasion", 7)];
  const [survival, capture] = [0.8, 0.6];
  const first = draw.many(animal.size, (i) => i % 5);
  const seen = first.map((from) => {
    let alive = 1;
    return draw.many(occasion.size, (t) => {
      if (t <= from) return t === from ? 1 : 0;
      alive *= draw.bernoulli(survival);
      return alive * draw.bernoulli(capture);
    });
  });
  const began = tensor(int(first), [animal]);
  const data = tensor(Float32Array.from(seen.flat()), [animal, occasion]);
  return {
    truth: { survival, capture },
    model: model(({ sample, observe, plate, chain }) => {
      const phi = sample("survival", beta(1, 1));
      const p = sample("capture", beta(1, 1));
      plate(animal, () => {
        chain(occasion, constant(1), (before, { at }) => {
          const isLater = began.lt(at(index(occasion)));
          const alive = sample("alive", bernoulli({ probs: select(isLater, phi.mul(before), 1) }));
          const chance = select(isLater, p.mul(alive), select(began.eq(at(index(occasion))), 1, 0));
          observe("seen", bernoulli({ probs: chance }), at(data));
          return alive;
        });
      });
    }),
  };
}

/** Item response with abilities, difficulties and discriminations (2PL). */
function itemResponse() {
  const draw = new Simulation(6);
  const [student, item] = [axis("student", 120), axis("item", 8)];
  const ability = draw.many(student.size, () => draw.normal());
  const difficulty = draw.many(item.size, (i) => -1 + 0.3 * i);
  const slope = draw.many(item.size, (i) => [0.7, 1, 1.4, 2][i % 4]);
  const right = ability.map((a) =>
    difficulty.map((d, i) => draw.bernoulli(logistic(slope[i] * (a - d)))),
  );
  return {
    truth: { difficulty, slope },
    model: model(({ sample, observe, plate }) => {
      const theta = plate(student, () => sample("ability", normal(0, 1)));
      const [d, s] = plate(item, () => [
        sample("difficulty", normal(0, 2)),
        sample("slope", lognormal(0, 0.5)),
      ]);
      plate(student, () =>
        plate(item, () => {
          const logits = s.mul(theta.sub(d));
          observe(
            "right",
            bernoulli({ logits }),
            tensor(Float32Array.from(right.flat()), [student, item]),
          );
        }),
      );
    }),
  };
}

/** Grades by a covariate, with cutpoints. */
function grades() {
  const draw = new Simulation(7);
  const [row, grade, cut] = [axis("row", 200), axis("grade", 4), axis("cut", 3)];
  const x = draw.many(row.size, () => draw.normal());
  const cutpoints = [-1, 0.5, 2];
  const y = x.map((v) => {
    const score = 1.2 * v + Math.log(1 / draw.uniform() - 1);
    return cutpoints.filter((c) => score > c).length;
  });
  return {
    truth: { slope: 1.2, cutpoints },
    model: model(({ sample, observe, plate }) => {
      const slope = sample("slope", normal(0, 2));
      const cuts = sample("cutpoints", ordered(normal(0, 5), cut));
      plate(row, () => {
        const eta = slope.mul(tensor(x, [row]));
        observe("y", orderedLogistic(eta, cuts, { cut, category: grade }), tensor(int(y), [row]));
      });
    }),
  };
}

/** A latent Gaussian process behind counts. */
function latentProcess() {
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
function epidemic() {
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
function movingAverage() {
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
function volatility() {
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
function areasImproper() {
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
function areasProper() {
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

/** Intercepts and slopes of groups that vary together: correlations by LKJ. */
function varyingSlopes() {
  const draw = new Simulation(14);
  const [group, each, effect, other] = [
    axis("group", 40),
    axis("each", 10),
    axis("effect", 2),
    axis("other", 2),
  ];
  const [means, sds, rho] = [[1, -0.5], [0.8, 0.4], 0.6];
  const effects = draw.many(group.size, () => {
    const z = draw.normal();
    const v = rho * z + Math.sqrt(1 - rho * rho) * draw.normal();
    return [means[0] + sds[0] * z, means[1] + sds[1] * v];
  });
  const x = effects.map(() => draw.many(each.size, () => draw.normal()));
  const y = effects.map(([a, b], g) => x[g].map((v) => draw.normal(a + b * v, 0.3)));
  return {
    truth: { mean: means, sd: sds, correlation: rho, noise: 0.3 },
    model: model(({ sample, observe, plate, deterministic }) => {
      const mean = sample("mean", normal(0, 3).event(effect));
      const sd = sample("sd", halfNormal(1).event(effect));
      const l = sample("factor", lkjCholesky(2, effect, other));
      deterministic("correlation", gather(gather(l, effect, 1), other, 0));
      const noise = sample("noise", halfNormal(1));
      plate(group, () => {
        const b = sample("b", multivariateNormal(mean, { factor: l.mul(sd) }, effect, other));
        const [a, slope] = [gather(b, effect, 0), gather(b, effect, 1)];
        plate(each, () => {
          const line = a.add(slope.mul(tensor(x, [group, each])));
          observe("y", normal(line, noise), tensor(y, [group, each]));
        });
      });
    }),
  };
}

/** Life times with censoring, by a proportional effect of treatment and a frailty of each clinic. */
function survival() {
  const draw = new Simulation(15);
  const [row, clinic] = [axis("row", 200), axis("clinic", 10)];
  const frailty = draw.many(clinic.size, () => draw.normal(0, 0.4));
  const at = draw.many(row.size, (i) => i % clinic.size);
  const treated = draw.many(row.size, () => draw.bernoulli(0.5));
  const times = at.map(
    (c, i) =>
      5 * Math.exp(0.6 * treated[i] + frailty[c]) * (-Math.log(draw.uniform())) ** (1 / 1.5),
  );
  const ended = times.map((t) => Math.min(t, 12));
  const right = tensor(
    Uint8Array.from(times, (t) => (t > 12 ? 1 : 0)),
    [row],
  );
  return {
    truth: { shape: 1.5, level: Math.log(5), effect: 0.6, spread: 0.4 },
    model: model(({ sample, observe, plate }) => {
      const shape = sample("shape", lognormal(0, 1));
      const [level, effect] = [sample("level", normal(0, 3)), sample("effect", normal(0, 1))];
      const spread = sample("spread", halfNormal(1));
      const own = plate(clinic, () => sample("own", normal(0, spread)));
      plate(row, () => {
        const logScale = level
          .add(effect.mul(tensor(treated, [row])))
          .add(gather(own, clinic, tensor(int(at), [row])));
        observe("time", censored(weibull(shape, exp(logScale)), { right }), tensor(ended, [row]));
      });
    }),
  };
}

/** Counts of which many are 0 for a cause of their own. */
function manyZeros() {
  const draw = new Simulation(16);
  const row = axis("row", 250);
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v) => (draw.bernoulli(0.35) ? 0 : draw.poisson(Math.exp(0.8 + 0.5 * v))));
  return {
    truth: { none: 0.35, level: 0.8, slope: 0.5 },
    model: model(({ sample, observe, plate }) => {
      const none = sample("none", beta(1, 1));
      const [level, slope] = [sample("level", normal(0, 2)), sample("slope", normal(0, 2))];
      plate(row, () => {
        const logRate = level.add(slope.mul(tensor(x, [row])));
        observe("y", zeroInflated(poisson({ logRate }), { probs: none }), tensor(y, [row]));
      });
    }),
  };
}

/** Disasters with a change point that is summed out, and rates before and after. */
function changePoint() {
  const draw = new Simulation(17);
  const year = axis("year", 100);
  const y = draw.many(year.size, (t) => draw.poisson(t < 40 ? 3 : 1));
  const anywhere = tensor(new Array(year.size).fill(1), [year]);
  return {
    truth: { early: 3, late: 1, change: 40 },
    model: model(({ sample, observe, plate }) => {
      const [early, late] = [sample("early", lognormal(0, 1)), sample("late", lognormal(0, 1))];
      const change = sample("change", categorical(anywhere, year));
      plate(year, () => {
        observe("y", poisson(select(index(year).lt(change), early, late)), tensor(y, [year]));
      });
    }),
  };
}

/** Non-centred effects with few data for each group (reparameterisation). */
function funnel() {
  const draw = new Simulation(18);
  const group = axis("group", 30);
  const effects = draw.many(group.size, () => draw.normal(2, 0.5));
  const y = effects.map((v) => draw.normal(v, 1));
  return {
    truth: { mean: 2, spread: 0.5 },
    model: model(({ sample, observe, plate }) => {
      const [mean, spread] = [sample("mean", normal(0, 5)), sample("spread", halfNormal(1))];
      plate(group, () => {
        const z = sample("z", normal(0, 1));
        observe("y", normal(mean.add(spread.mul(z)), 1), tensor(y, [group]));
      });
    }),
  };
}

/** A regression with outliers, scale sqrt of a variance with a prior on the variance, and a binomial beside it. */
function robust() {
  const draw = new Simulation(19);
  const row = axis("row", 120);
  const x = draw.many(row.size, () => draw.normal());
  const y = x.map((v, i) => draw.normal(0.5 + 1.5 * v, 0.4) + (i % 15 === 0 ? 6 : 0));
  const votes = x.map((v) => draw.binomial(20, logistic(v)));
  return {
    truth: { a: 0.5, b: 1.5, c: 1 },
    model: model(({ sample, observe, plate }) => {
      const [a, b, c] = ["a", "b", "c"].map((name): Tensor => sample(name, normal(0, 5)));
      const variance = sample("variance", lognormal(-1, 1));
      plate(row, () => {
        const at = tensor(x, [row]);
        observe("y", studentT(2, a.add(b.mul(at)), sqrt(variance)), tensor(y, [row]));
        observe("votes", binomial(20, { logits: c.mul(at) }), tensor(votes, [row]));
      });
    }),
  };
}

export const STAN: Gallery = {
  "measurement error": measurementError,
  "missing values": missingValues,
  "truncated and censored": truncatedAndCensored,
  "mixture of normals": normalMixture,
  "capture and recapture": captures,
  "item response": itemResponse,
  "ordered logistic": grades,
  "latent Gaussian process": latentProcess,
  epidemic,
  "moving average": movingAverage,
  "stochastic volatility": volatility,
  "areas, improper": areasImproper,
  "areas, proper": areasProper,
  "varying slopes": varyingSlopes,
  survival,
  "many zeros": manyZeros,
  "change point": changePoint,
  "few data for each group": funnel,
  robust,
};
