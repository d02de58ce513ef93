/** Models of NumPyro's examples, as one would write them here, on data drawn from known numbers. */
import {
  axis,
  bernoulli,
  beta,
  binomial,
  categorical,
  dirichlet,
  gather,
  halfCauchy,
  halfNormal,
  inferGaps,
  lkjCholesky,
  log,
  lognormal,
  mixture,
  model,
  multinomial,
  multivariateNormal,
  normal,
  pareto,
  rename,
  sigmoid,
  sum,
  tensor,
} from "../../src/index.ts";
import type { Gallery } from "./gallery.ts";
import { int, logistic, Simulation } from "./simulation.ts";

/** Admissions by department and sex. */
function admissions() {
  const draw = new Simulation(1);
  const [department, sex] = [axis("department", 6), axis("sex", 2)];
  const levels = [0.7, 0.6, -0.6, -0.7, -1, -2.5];
  const total = levels.map((_, i) => [100 + 80 * i, 500 - 70 * i]);
  const admitted = levels.map((a, i) =>
    [0, 1].map((s) => draw.binomial(total[i][s], logistic(a - 0.3 * s))),
  );
  return {
    truth: { effect: -0.3, level: levels },
    model: model(({ sample, observe, plate }) => {
      const effect = sample("effect", normal(0, 1));
      const [mean, spread] = [sample("mean", normal(0, 2)), sample("spread", halfNormal(2))];
      const level = plate(department, () => sample("level", normal(mean, spread)));
      plate(department, () =>
        plate(sex, () => {
          const logits = level.add(effect.mul(tensor([0, 1], [sex])));
          const of = (x: number[][]) => tensor(x, [department, sex]);
          observe("admitted", binomial(of(total), { logits }), of(admitted));
        }),
      );
    }),
  };
}

/** Batting averages, pooled in part: a beta whose concentration has a power law. */
function baseball() {
  const draw = new Simulation(2);
  const player = axis("player", 60);
  const chances = draw.many(player.size, () => {
    const [a, b] = [draw.gamma(15), draw.gamma(35)];
    return a / (a + b);
  });
  const hits = chances.map((p) => draw.binomial(45, p));
  return {
    truth: { centre: 0.3, chance: chances },
    model: model(({ sample, observe, plate }) => {
      const centre = sample("centre", beta(1, 1));
      const concentration = sample("concentration", pareto(1.5, 1));
      plate(player, () => {
        const a = centre.mul(concentration);
        const p = sample("chance", beta(a, concentration.sub(a)));
        observe("hits", binomial(45, { probs: p }), tensor(hits, [player]));
      });
    }),
  };
}

/** A regression of which few coefficients are not 0, by the horseshoe. */
function horseshoe() {
  const draw = new Simulation(3);
  const [row, covariate] = [axis("row", 100), axis("covariate", 20)];
  const weights = draw.many(covariate.size, (k) => [2, -1.5, 0, 0, 1][k] ?? 0);
  const x = draw.many(row.size, () => draw.many(covariate.size, () => draw.normal()));
  const y = x.map((v) =>
    draw.normal(
      v.reduce((a, b, k) => a + b * weights[k], 0),
      0.5,
    ),
  );
  return {
    truth: { noise: 0.5, weight: weights },
    model: model(({ sample, observe, plate, deterministic }) => {
      const tau = sample("tau", halfCauchy(0.1));
      const lambda = sample("lambda", halfCauchy(1).event(covariate));
      const z = sample("z", normal(0, 1).event(covariate));
      const w = deterministic("weight", z.mul(lambda).mul(tau));
      const noise = sample("noise", halfNormal(1));
      const at = sum(tensor(x, [row, covariate]).mul(w), covariate);
      plate(row, () => observe("y", normal(at, noise), tensor(y, [row])));
    }),
  };
}

/** A vector autoregression of second order, with correlated errors. */
function vectorAutoregression() {
  const draw = new Simulation(4);
  const [time, series, from, other] = [
    axis("time", 250),
    axis("series", 2),
    axis("from", 2),
    axis("other", 2),
  ];
  const [first, second] = [
    [
      [0.5, 0.2],
      [-0.1, 0.4],
    ],
    [
      [0.2, 0],
      [0.1, -0.2],
    ],
  ];
  let [last, before] = [
    [0, 0],
    [0, 0],
  ];
  const y = draw.many(time.size, () => {
    const e = draw.normal(0, 0.5);
    const errors = [e, 0.5 * e + draw.normal(0, 0.4)];
    const now = errors.map(
      (v, i) =>
        v +
        first[i][0] * last[0] +
        first[i][1] * last[1] +
        second[i][0] * before[0] +
        second[i][1] * before[1],
    );
    [before, last] = [last, now];
    return now;
  });
  return {
    truth: { first: first.flat(), second: second.flat() },
    model: model(({ sample, observe, chain }) => {
      const a = sample("first", normal(0, 0.5).event(series, from));
      const b = sample("second", normal(0, 0.5).event(series, from));
      const sd = sample("sd", halfNormal(1).event(series));
      const factor = sample("correlation", lkjCholesky(2, series, other)).mul(sd);
      const none = tensor([0, 0], [series]);
      chain(time, { last: none, before: none }, ({ last, before }, { at }) => {
        const by = (w: typeof a, v: typeof none) => sum(w.mul(rename(v, series, from)), from);
        const now = at(tensor(y, [time, series]));
        observe(
          "y",
          multivariateNormal(by(a, last).add(by(b, before)), { factor }, series, other),
          now,
        );
        return { last: now, before: last };
      });
    }),
  };
}

/** Items labelled by annotators who err in ways of their own (Dawid and Skene): true classes are summed out. */
function annotators() {
  const draw = new Simulation(5);
  const [item, annotator, truth, label] = [
    axis("item", 100),
    axis("annotator", 5),
    axis("truth", 3),
    axis("label", 3),
  ];
  const share = [0.5, 0.3, 0.2];
  const skill = [0.9, 0.8, 0.7, 0.6, 0.85];
  const truths = draw.many(item.size, () => draw.categorical(share));
  const chances = skill.map((s) =>
    share.map((_, k) => share.map((_, l) => (k === l ? s : (1 - s) / 2))),
  );
  const labels = truths.map((k) => chances.map((of) => draw.categorical(of[k])));
  return {
    truth: { share, says: chances.flat(2) },
    model: model(({ sample, observe, plate }) => {
      const p = sample("share", dirichlet(2, truth));
      const prior = tensor(
        [
          [6, 2, 2],
          [2, 6, 2],
          [2, 2, 6],
        ],
        [truth, label],
      );
      const says = plate(annotator, () =>
        plate(truth, () => sample("says", dirichlet(prior, label), { init: prior.div(10) })),
      );
      plate(item, () => {
        const k = sample("class", categorical(p, truth));
        plate(annotator, () => {
          observe(
            "label",
            categorical(gather(says, truth, k), label),
            tensor(
              labels.map(int).map((x) => [...x]),
              [item, annotator],
              "int32",
            ),
          );
        });
      });
    }),
  };
}

/** A logistic regression with a covariate that is missing in some rows, which is inferred. */
function imputation() {
  const draw = new Simulation(6);
  const row = axis("row", 200);
  const age = draw.many(row.size, () => draw.normal(0.5, 1.2));
  const y = age.map((v) => draw.bernoulli(logistic(-0.5 + v)));
  const present = age.map(() => draw.bernoulli(0.8));
  return {
    truth: { level: -0.5, slope: 1, centre: 0.5, spread: 1.2 },
    model: model(({ sample, observe, plate }) => {
      const [level, slope] = [sample("level", normal(0, 2)), sample("slope", normal(0, 2))];
      const [centre, spread] = [sample("centre", normal(0, 2)), sample("spread", halfNormal(2))];
      const x = inferGaps(sample, "age", {
        value: tensor(
          age.map((v, i) => v * present[i]),
          [row],
        ),
        present: tensor(Uint8Array.from(present), [row]),
      });
      plate(row, () => {
        observe("age", normal(centre, spread), x);
        observe("y", bernoulli({ logits: level.add(slope.mul(x)) }), tensor(y, [row]));
      });
    }),
  };
}

/** Words of documents by topics, which are summed out word by word (LDA). */
function topics() {
  const draw = new Simulation(7);
  const [document, place, topic, word] = [
    axis("document", 20),
    axis("place", 30),
    axis("topic", 2),
    axis("word", 6),
  ];
  const says = [
    [0.4, 0.3, 0.2, 0.05, 0.03, 0.02],
    [0.02, 0.03, 0.05, 0.2, 0.3, 0.4],
  ];
  const shares = draw.many(document.size, () => draw.dirichlet([1, 1]));
  const words = shares.map((s) =>
    draw.many(place.size, () => draw.categorical(says[draw.categorical(s)])),
  );
  // Which topic comes first is said by the prior: the first words are those of the first topic.
  const prior = tensor(
    [
      [10, 5, 1, 1, 1, 1],
      [1, 1, 1, 1, 5, 10],
    ],
    [topic, word],
  );
  return {
    truth: { says: says.flat(), share: shares.flat() },
    model: model(({ sample, observe, plate }) => {
      const p = plate(topic, () => sample("says", dirichlet(prior, word), { init: prior.div(19) }));
      plate(document, () => {
        const share = sample("share", dirichlet(1, topic));
        plate(place, () => {
          const z = sample("z", categorical(share, topic));
          const seen = tensor(words, [document, place], "int32");
          observe("word", categorical(gather(p, topic, z), word), seen);
        });
      });
    }),
  };
}

/** A level that drifts, and a season, of several series whose drifts are alike (hierarchical forecasting). */
function forecasting() {
  const draw = new Simulation(8);
  const [store, week, season] = [axis("store", 4), axis("week", 40), axis("season", 4)];
  const seasons = [0.5, -0.2, -0.6, 0.3];
  const drifts = draw.many(store.size, () => 0.15 * Math.exp(0.3 * draw.normal()));
  const y = drifts.map((d) => {
    let level = draw.normal();
    return draw.many(week.size, (t) => {
      level += draw.normal(0, d);
      return draw.normal(level + seasons[t % 4], 0.2);
    });
  });
  const at = tensor(int(draw.many(week.size, (t) => t % 4)), [week]);
  return {
    truth: { season: seasons, noise: 0.2, drift: drifts },
    model: model(({ sample, observe, plate, chain, deterministic }) => {
      const raw = sample("raw", normal(0, 1).event(season));
      const centred = deterministic("season", raw.sub(sum(raw, season).div(4)));
      const noise = sample("noise", halfNormal(1));
      const [usual, uneven] = [sample("usual", normal(-2, 1)), sample("uneven", halfNormal(0.5))];
      plate(store, () => {
        const drift = sample("drift", lognormal(usual, uneven));
        const level = sample("first", normal(0, 1));
        chain(week, level, (before, turn) => {
          const now = sample("level", normal(before, drift));
          const seen = turn.at(tensor(y, [store, week]));
          observe("y", normal(now.add(gather(centred, season, turn.at(at))), noise), seen);
          return now;
        });
      });
    }),
  };
}

/** Captures of animals with probabilities of their own, and counts by what they eat. */
function votes() {
  const draw = new Simulation(9);
  const [region, party, kind] = [axis("region", 80), axis("party", 3), axis("kind", 2)];
  const shares = [
    [0.6, 0.3, 0.1],
    [0.2, 0.3, 0.5],
  ];
  const counts = draw.many(region.size, () => {
    const own = shares[draw.bernoulli(0.4)];
    const found = [0, 0, 0];
    for (let i = 0; i < 30; i++) found[draw.categorical(own)]++;
    return found;
  });
  const prior = tensor(
    [
      [3, 1, 1],
      [1, 1, 3],
    ],
    [kind, party],
  );
  return {
    truth: { town: 0.4, share: shares.flat() },
    model: model(({ sample, observe, plate }) => {
      const town = sample("town", beta(2, 2));
      const share = plate(kind, () =>
        sample("share", dirichlet(prior, party), { init: prior.div(5) }),
      );
      const weights = tensor([1, 0], [kind]).add(tensor([-1, 1], [kind]).mul(town));
      plate(region, () => {
        const seen = multinomial(30, share, party);
        observe("votes", mixture(weights, seen, kind), tensor(counts, [region, party]));
      });
    }),
  };
}

/** Two pools of a lake whose exchange is seen by logs of ratios: a deterministic chain of sites, in positive numbers. */
function ratios() {
  const draw = new Simulation(10);
  const row = axis("row", 150);
  const truth = { flow: 0.7, error: 0.25 };
  const x = draw.many(row.size, () => draw.uniform() * 4);
  const y = x.map((v) =>
    Math.exp(draw.normal(Math.log(logistic(truth.flow * v - 1)), truth.error)),
  );
  return {
    truth,
    model: model(({ sample, observe, plate }) => {
      const flow = sample("flow", normal(0, 1));
      const error = sample("error", halfNormal(1));
      const at = log(sigmoid(flow.mul(tensor(x, [row])).sub(1)));
      plate(row, () => observe("y", lognormal(at, error), tensor(y, [row])));
    }),
  };
}

export const NUMPYRO: Gallery = {
  admissions,
  baseball,
  horseshoe,
  "vector autoregression": vectorAutoregression,
  annotators,
  imputation,
  topics,
  forecasting,
  votes,
  ratios,
};
