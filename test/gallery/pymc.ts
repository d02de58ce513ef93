/** Models of PyMC's gallery, as one would write them here, on data drawn from known numbers. */
import {
  axis,
  bernoulli,
  beta,
  binomial,
  constant,
  dirichletMultinomial,
  exp,
  exponential,
  gather,
  halfNormal,
  hilbertSpaceProcess,
  lognormal,
  matern,
  mean,
  model,
  normal,
  poisson,
  scan,
  select,
  studentT,
  sum,
  tensor,
} from "../../src/index.ts";
import type { Gallery } from "./gallery.ts";
import { int, logistic, Simulation } from "./simulation.ts";

/** Effects that sum to 0, as a zero-sum normal: normal ones less their mean have that distribution. */
const centred = (x: readonly number[]) => {
  const middle = x.reduce((a, b) => a + b) / x.length;
  return x.map((v) => v - middle);
};

/** Scores of matches by attack and defence of teams, whose effects sum to 0. */
function rugby() {
  const draw = new Simulation(1);
  const team = axis("team", 6);
  const [attack, defence] = [0.3, 0.3].map((sd) =>
    centred(draw.many(team.size, () => draw.normal(0, sd))),
  );
  const pairs = attack.flatMap((_, i) =>
    defence.flatMap((_, j) =>
      i === j
        ? []
        : [
            [i, j],
            [i, j],
          ],
    ),
  );
  const match = axis("match", pairs.length);
  const scores = pairs.map(([i, j]) => [
    draw.poisson(Math.exp(2.9 + 0.25 + attack[i] + defence[j])),
    draw.poisson(Math.exp(2.9 + attack[j] + defence[i])),
  ]);
  const [hosts, guests] = [0, 1].map((k) => tensor(int(pairs.map((p) => p[k])), [match]));
  const [atHome, away] = [0, 1].map((k) =>
    tensor(
      scores.map((s) => s[k]),
      [match],
    ),
  );
  return {
    truth: { level: 2.9, home: 0.25, attack, defence },
    model: model(({ sample, observe, plate, deterministic }) => {
      const [level, home] = [sample("level", normal(3, 1)), sample("home", normal(0, 1))];
      const zeroSum = (name: string) => {
        const sd = sample(`${name}Sd`, halfNormal(1));
        const z = sample(`${name}Z`, normal(0, 1).event(team)).mul(sd);
        return deterministic(name, z.sub(mean(z, team)));
      };
      const [att, def] = [zeroSum("attack"), zeroSum("defence")];
      plate(match, () => {
        const of = (x: typeof att, at: typeof hosts) => gather(x, team, at);
        const homeRate = level.add(home).add(of(att, hosts)).add(of(def, guests));
        observe("homeScore", poisson({ logRate: homeRate }), atHome);
        observe(
          "awayScore",
          poisson({ logRate: level.add(of(att, guests)).add(of(def, hosts)) }),
          away,
        );
      });
    }),
  };
}

/** Sales by advertising that is carried over (adstock) and saturates. */
function marketing() {
  const draw = new Simulation(2);
  const week = axis("week", 150);
  const spent = draw.many(week.size, () => (draw.bernoulli(0.5) ? draw.uniform() * 2 : 0));
  const [carry, half, effect, level, noise] = [0.6, 1.5, 3, 5, 0.2];
  let stock = 0;
  const sales = spent.map((s) => {
    stock = s + carry * stock;
    return draw.normal(level + effect * (1 - Math.exp(-stock / half)), noise);
  });
  return {
    truth: { carry, half, effect, level, noise },
    model: model(({ sample, observe, plate }) => {
      const keep = sample("carry", beta(2, 2));
      const h = sample("half", lognormal(0, 0.5));
      const [e, l] = [sample("effect", halfNormal(5)), sample("level", normal(0, 10))];
      const sd = sample("noise", halfNormal(1));
      const { outputs } = scan(week, { stock: constant(0) }, ({ stock }, { at }) => {
        const now = at(tensor(spent, [week])).add(keep.mul(stock));
        return { carries: { stock: now }, outputs: { stock: now } };
      });
      const saturated = exp(outputs.stock.div(h).neg()).neg().add(1);
      plate(week, () =>
        observe("sales", normal(l.add(e.mul(saturated)), sd), tensor(sales, [week])),
      );
    }),
  };
}

/** Two versions of a page, and by how much more of their visitors buy. */
function abTest() {
  const visitors = [4000, 4100];
  const buyers = [200, 246];
  const version = axis("version", 2);
  // Posteriors are beta(1 + buyers, 1 + others), in closed form.
  const share = buyers.map((k, i) => (k + 1) / (visitors[i] + 2));
  return {
    truth: { share, more: share[1] - share[0] },
    model: model(({ sample, observe, plate, deterministic }) => {
      const p = plate(version, () => sample("share", beta(1, 1)));
      deterministic("more", gather(p, version, 1).sub(gather(p, version, 0)));
      plate(version, () => {
        observe(
          "buyers",
          binomial(tensor(visitors, [version]), { probs: p }),
          tensor(buyers, [version]),
        );
      });
    }),
  };
}

/** Kruschke's BEST: two groups by Student's t. */
function best() {
  const draw = new Simulation(4);
  const [row, group] = [axis("row", 120), axis("group", 2)];
  const at = draw.many(row.size, (i) => i % 2);
  const y = at.map((g) => draw.normal([100, 103][g], [3, 2][g]));
  return {
    truth: { centre: [100, 103], difference: 3 },
    model: model(({ sample, observe, plate, deterministic }) => {
      const centre = sample("centre", normal(100, 20).event(group));
      const scale = sample("scale", halfNormal(10).event(group));
      const degrees = sample("degrees", exponential(1 / 29)).add(1);
      deterministic("difference", gather(centre, group, 1).sub(gather(centre, group, 0)));
      plate(row, () => {
        const of = (x: typeof centre) => gather(x, group, tensor(int(at), [row]));
        observe("y", studentT(degrees, of(centre), of(scale)), tensor(y, [row]));
      });
    }),
  };
}

/** A regression whose coefficients walk at random. */
function rollingRegression() {
  const draw = new Simulation(5);
  const time = axis("time", 120);
  const slopes: number[] = [];
  let slope = 0.5;
  const x = draw.many(time.size, () => draw.normal());
  const y = x.map((v) => {
    slope += draw.normal(0, 0.1);
    slopes.push(slope);
    return draw.normal(1 + slope * v, 0.3);
  });
  return {
    truth: { level: 1, noise: 0.3, walk: 0.1, slope: slopes },
    model: model(({ sample, observe, chain }) => {
      const [level, noise] = [sample("level", normal(0, 2)), sample("noise", halfNormal(1))];
      const walk = sample("walk", halfNormal(0.3));
      chain(time, constant(0.5), (before, { at }) => {
        const now = sample("slope", normal(before, walk));
        observe(
          "y",
          normal(level.add(now.mul(at(tensor(x, [time])))), noise),
          at(tensor(y, [time])),
        );
        return now;
      });
    }),
  };
}

/** Counts of trees by species, more uneven from forest to forest than a multinomial says. */
function trees() {
  const draw = new Simulation(6);
  const [forest, species] = [axis("forest", 30), axis("species", 4)];
  const share = [0.4, 0.3, 0.2, 0.1];
  const concentration = 12;
  const counts = draw.many(forest.size, () => {
    const own = draw.dirichlet(share.map((s) => s * concentration));
    const found = [0, 0, 0, 0];
    for (let i = 0; i < 50; i++) found[draw.categorical(own)]++;
    return found;
  });
  return {
    truth: { concentration, share },
    model: model(({ sample, observe, plate, deterministic }) => {
      const c = sample("concentration", lognormal(2, 1));
      const raw = sample("raw", normal(0, 1).event(species));
      const e = exp(raw);
      const p = deterministic("share", e.div(sum(e, species)));
      plate(forest, () => {
        observe(
          "counts",
          dirichletMultinomial(50, p.mul(c), species),
          tensor(counts, [forest, species]),
        );
      });
    }),
  };
}

/** A smooth curve by a Hilbert space process. */
function curve() {
  const draw = new Simulation(7);
  const [place, wave] = [axis("place", 50), axis("wave", 12)];
  const x = draw.many(place.size, (i) => i / 5);
  const f = x.map((v) => Math.sin(v) + 0.1 * v);
  const y = f.map((v) => draw.normal(v, 0.3));
  return {
    truth: { noise: 0.3, curve: f },
    model: model(({ sample, observe, plate, deterministic }) => {
      const [scale, lengthscale] = [
        sample("scale", halfNormal(2)),
        sample("lengthscale", lognormal(0.5, 0.5)),
      ];
      const noise = sample("noise", halfNormal(1));
      const process = hilbertSpaceProcess(matern(5 / 2, { scale, lengthscale }), wave, {
        range: [0, 10],
      });
      const weights = sample("weights", normal(0, 1).event(wave));
      const values = deterministic("curve", process.values(weights, tensor(x, [place])));
      plate(place, () => observe("y", normal(values, noise), tensor(y, [place])));
    }),
  };
}

/** An autoregression of latents behind yes and no. */
function hiddenMood() {
  const draw = new Simulation(8);
  const day = axis("day", 200);
  let mood = 0;
  const seen = draw.many(day.size, () => {
    mood = draw.normal(0.9 * mood, 0.6);
    return draw.bernoulli(logistic(0.4 + mood));
  });
  return {
    truth: { level: 0.4, kept: 0.9, spread: 0.6 },
    model: model(({ sample, observe, chain }) => {
      const level = sample("level", normal(0, 1));
      const kept = sample("kept", beta(8, 2));
      const spread = sample("spread", halfNormal(0.5));
      chain(day, constant(0), (before, { at }) => {
        const now = sample("mood", normal(kept.mul(before), spread));
        observe("seen", bernoulli({ logits: level.add(now) }), at(tensor(seen, [day])));
        return now;
      });
    }),
  };
}

/** Radon in houses by floor and county, with a county's uranium. */
function radon() {
  const draw = new Simulation(9);
  const [house, county] = [axis("house", 300), axis("county", 25)];
  const uranium = draw.many(county.size, () => draw.normal());
  const levels = uranium.map((u) => draw.normal(1.4 + 0.5 * u, 0.3));
  const at = draw.many(house.size, () => Math.floor(draw.uniform() * county.size));
  const floor = at.map(() => draw.bernoulli(0.2));
  const y = at.map((c, i) => draw.normal(levels[c] - 0.7 * floor[i], 0.75));
  return {
    truth: { base: 1.4, byUranium: 0.5, spread: 0.3, floor: -0.7, noise: 0.75, level: levels },
    model: model(({ sample, observe, plate }) => {
      const [base, by] = [sample("base", normal(0, 2)), sample("byUranium", normal(0, 1))];
      const [spread, noise] = [sample("spread", halfNormal(1)), sample("noise", halfNormal(1))];
      const effect = sample("floor", normal(0, 2));
      const level = plate(county, () =>
        sample("level", normal(base.add(by.mul(tensor(uranium, [county]))), spread)),
      );
      plate(house, () => {
        const own = gather(level, county, tensor(int(at), [house]));
        observe(
          "y",
          normal(own.add(effect.mul(tensor(floor, [house]))), noise),
          tensor(y, [house]),
        );
      });
    }),
  };
}

/** A binomial regression with a lapse rate, which outliers do not move. */
function lapses() {
  const draw = new Simulation(10);
  const row = axis("row", 400);
  const x = draw.many(row.size, () => 2 * draw.normal());
  const y = x.map((v) =>
    draw.bernoulli(0.1) ? draw.bernoulli(0.5) : draw.bernoulli(logistic(1.5 * v - 0.5)),
  );
  return {
    truth: { level: -0.5, slope: 1.5, lapse: 0.1 },
    model: model(({ sample, observe, plate }) => {
      const [level, slope] = [sample("level", normal(0, 2)), sample("slope", normal(0, 2))];
      const lapse = sample("lapse", beta(1, 9));
      plate(row, () => {
        const lapsed = sample("lapsed", bernoulli({ probs: lapse }));
        const logits = select(lapsed.gt(0.5), 0, level.add(slope.mul(tensor(x, [row]))));
        observe("y", bernoulli({ logits }), tensor(y, [row]));
      });
    }),
  };
}

export const PYMC: Gallery = {
  rugby,
  "marketing mix": marketing,
  "A/B test": abTest,
  BEST: best,
  "rolling regression": rollingRegression,
  "Dirichlet-multinomial": trees,
  "Hilbert space process": curve,
  "latent autoregression": hiddenMood,
  radon,
  lapses,
};
