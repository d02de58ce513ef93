/** Animals: who is there, how many, and what they eat. */
import {
  axis,
  bernoulli,
  beta,
  binomial,
  categorical,
  constant,
  dirichlet,
  gamma,
  gather,
  halfNormal,
  index,
  minimum,
  model,
  normal,
  poisson,
  select,
  sigmoid,
  type Tensor,
  tensor,
  truncated,
} from "../../../src/index.ts";
import * as plain from "../../densities.ts";
import { Simulation } from "../simulation.ts";
import type { Formulas, Values } from "./formula.ts";

const { total } = plain;
const complement = (p: Tensor) => constant(1).sub(p);

/** Sites that are occupied or not, seen on visits if they are, both by covariates. */
function occupancy() {
  const draw = new Simulation(21);
  const [site, visit] = [axis("site", 20), axis("visit", 4)];
  const wet = draw.many(20, () => draw.normal());
  const wind = draw.many(20, () => draw.many(4, () => draw.normal()));
  const seen = wet.map((v) => {
    const there = v > -0.3 ? 1 : 0;
    return draw.many(4, () => there * draw.bernoulli(0.5));
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const [a, b] = [sample("a", normal(0, 2)), sample("b", normal(0, 2))];
      const [c, d] = [sample("c", normal(0, 2)), sample("d", normal(0, 2))];
      plate(site, () => {
        const logits = a.add(b.mul(tensor(wet, [site])));
        const there = sample("there", bernoulli({ logits }));
        plate(visit, () => {
          const probs = sigmoid(c.add(d.mul(tensor(wind, [site, visit])))).mul(there);
          observe("seen", bernoulli({ probs }), tensor(seen, [site, visit]));
        });
      });
    }),
    logDensity: ({ a: [a], b: [b], c: [c], d: [d] }: Values) =>
      [a, b, c, d].reduce((sum, x) => sum + plain.normal(x, 0, 2), 0) +
      total(20, (i) => {
        const logit = a + b * wet[i];
        const visits = total(4, (t) => plain.bernoulliLogit(seen[i][t], c + d * wind[i][t]));
        const never = seen[i].every((y) => y === 0) ? plain.bernoulliLogit(0, logit) : -Infinity;
        return plain.logSumExp([plain.bernoulliLogit(1, logit) + visits, never]);
      }),
  };
}

/** Counts of animals of which each is seen with a probability: how many there are is summed out (N-mixture). */
function latentCounts() {
  const draw = new Simulation(22);
  const [site, visit] = [axis("site", 8), axis("visit", 3)];
  const most = 30;
  const seen = draw.many(8, () => {
    const n = draw.poisson(6);
    return draw.many(3, () => draw.binomial(n, 0.4));
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const [rate, p] = [sample("rate", gamma(2, 0.2)), sample("p", beta(1, 1))];
      plate(site, () => {
        const n = sample("n", truncated(poisson(rate), { upper: most }));
        plate(visit, () => observe("seen", binomial(n, { probs: p }), tensor(seen, [site, visit])));
      });
    }),
    logDensity: ({ rate: [rate], p: [p] }: Values) => {
      const prior = Array.from({ length: most + 1 }, (_, n) => plain.poisson(n, rate));
      const counts = (y: readonly number[]) =>
        prior.map((log, n) =>
          n < Math.max(...y) ? -Infinity : log + total(3, (t) => plain.binomial(y[t], n, p)),
        );
      return (
        plain.gamma(rate, 2, 0.2) +
        total(8, (i) => plain.logSumExp(counts(seen[i])) - plain.logSumExp(prior))
      );
    },
  };
}

/** Occupancy from year to year: sites are settled and left, by a chain in each. */
function settling() {
  const draw = new Simulation(23);
  const [site, year, visit] = [axis("site", 12), axis("year", 4), axis("visit", 3)];
  const seen = draw.many(12, () => {
    let there = draw.bernoulli(0.5);
    return draw.many(4, () => {
      there = draw.bernoulli(there === 1 ? 0.8 : 0.3);
      return draw.many(3, () => there * draw.bernoulli(0.5));
    });
  });
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const [first, stays] = [sample("first", beta(1, 1)), sample("stays", beta(1, 1))];
      const [comes, p] = [sample("comes", beta(1, 1)), sample("p", beta(1, 1))];
      plate(site, () =>
        chain(year, constant(0), (before, { first: isFirst, at }) => {
          const probs = select(isFirst, first, select(before.gt(0), stays, comes));
          const there = sample("there", bernoulli({ probs }));
          plate(visit, () => {
            observe(
              "seen",
              bernoulli({ probs: p.mul(there) }),
              at(tensor(seen, [site, year, visit])),
            );
          });
          return there;
        }),
      );
    }),
    logDensity: ({ first: [first], stays: [stays], comes: [comes], p: [p] }: Values) =>
      total(12, (i) => {
        let absent = 1 - first;
        let present = first;
        seen[i].forEach((visits, t) => {
          if (t > 0) {
            const still = present * stays + absent * comes;
            [absent, present] = [absent + present - still, still];
          }
          const count = visits.reduce((a, b) => a + b);
          present *= p ** count * (1 - p) ** (3 - count);
          if (count > 0) absent = 0;
        });
        return Math.log(absent + present);
      }),
  };
}

/** Animals that enter, live and die among some that never were there (Jolly and Seber, superpopulation). */
function entries() {
  const draw = new Simulation(24);
  const [animal, occasion, state] = [axis("animal", 16), axis("occasion", 5), axis("state", 3)];
  const seen = draw.many(16, (i) => {
    const [from, to] = [i % 4, (i % 4) + 1 + (i % 3)];
    return draw.many(5, (t) => (i < 10 && t >= from && t < to ? draw.bernoulli(0.6) : 0));
  });
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const enters = plate(occasion, () => sample("enters", beta(1, 4)));
      const [lives, p] = [sample("lives", beta(2, 1)), sample("p", beta(1, 1))];
      plate(animal, () =>
        // Not yet, alive, dead.
        chain(occasion, constant(0, "int32"), (before, { at }) => {
          const [k, enter] = [index(state), at(enters)];
          const next = [
            select(k.eq(0), complement(enter), select(k.eq(1), enter, 0)),
            select(k.eq(0), 0, select(k.eq(1), lives, complement(lives))),
            select(k.eq(2), 1, 0),
          ] as const;
          const probs = select(before.eq(0), next[0], select(before.eq(1), next[1], next[2]));
          const z = sample("z", categorical(probs, state));
          const chance = select(z.eq(1), p, 0);
          observe("seen", bernoulli({ probs: chance }), at(tensor(seen, [animal, occasion])));
          return z;
        }),
      );
    }),
    logDensity: ({ enters, lives: [lives], p: [p] }: Values) =>
      total(5, (t) => plain.beta(enters[t], 1, 4)) +
      plain.beta(lives, 2, 1) +
      total(16, (i) => {
        let [not, alive, dead] = [1, 0, 0];
        seen[i].forEach((y, t) => {
          const move = not * enters[t] + alive * lives;
          [not, alive, dead] = [not * (1 - enters[t]), move, dead + alive * (1 - lives)];
          alive *= y === 1 ? p : 1 - p;
          if (y === 1) [not, dead] = [0, 0];
        });
        return Math.log(not + alive + dead);
      }),
  };
}

/** A closed population by augmented data: who of 40 is real, with chances by day and animal (Mth, posteriordb). */
function augmented() {
  const draw = new Simulation(25);
  const [animal, day] = [axis("animal", 25), axis("day", 4)];
  const seen = draw.many(25, (i) => draw.many(4, () => (i < 15 ? draw.bernoulli(0.5) : 0)));
  return {
    model: model(({ sample, observe, plate }) => {
      const [real, spread] = [sample("real", beta(1, 1)), sample("spread", halfNormal(1))];
      const level = plate(day, () => sample("level", normal(0, 1.5)));
      plate(animal, () => {
        const own = spread.mul(sample("own", normal(0, 1)));
        const z = sample("z", bernoulli({ probs: real }));
        plate(day, () => {
          const probs = sigmoid(level.add(own)).mul(z);
          observe("seen", bernoulli({ probs }), tensor(seen, [animal, day]));
        });
      });
    }),
    logDensity: ({ real: [real], spread: [spread], level, own }: Values) =>
      plain.halfNormal(spread) +
      total(4, (t) => plain.normal(level[t], 0, 1.5)) +
      total(25, (i) => {
        const logits = level.map((l) => l + spread * own[i]);
        const there = Math.log(real) + total(4, (t) => plain.bernoulliLogit(seen[i][t], logits[t]));
        const never = seen[i].some((y) => y === 1) ? -Infinity : Math.log(1 - real);
        return plain.normal(own[i]) + plain.logSumExp([there, never]);
      }),
  };
}

/** Animals at two places or dead, seen where they are: conditional on the first capture (Arnason and Schwarz). */
function places() {
  const draw = new Simulation(26);
  const [animal, time] = [axis("animal", 12), axis("time", 5)];
  const [state, event, place] = [axis("state", 3), axis("event", 3), axis("place", 2)];
  const first = draw.many(12, (i) => i % 3);
  const seen = draw.many(12, (i) => {
    let z = i % 2;
    return draw.many(5, (t) => {
      if (t < first[i]) return 2;
      if (t === first[i]) return z;
      if (z < 2 && draw.bernoulli(0.2) === 1) z = 2;
      if (z < 2 && draw.bernoulli(0.3) === 1) z = 1 - z;
      return z < 2 && draw.bernoulli(0.6) === 1 ? z : 2;
    });
  });
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const [lives, moves, p] = ["lives", "moves", "p"].map((name) =>
        sample(name, beta(1, 1).event(place)),
      );
      const began = tensor(first, [animal]);
      const data = tensor(seen.flat(), [animal, time]);
      plate(animal, () =>
        chain(time, constant(2, "int32"), (before, { position, at }) => {
          const of = (x: Tensor, z: Tensor) => gather(x, place, minimum(z, 1));
          const to = index(state);
          const [life, move] = [of(lives, before), of(moves, before)];
          const goes = select(to.eq(before), complement(move), move).mul(life);
          const alive = select(to.eq(2), complement(life), goes);
          const later = select(before.eq(2), to.eq(2), alive);
          const start = select(position.eq(began), to.eq(at(data)), to.eq(2));
          const z = sample("z", categorical(select(position.le(began), start, later), state));
          const chance = of(p, z);
          const k = index(event);
          const shown = select(k.eq(2), complement(chance), select(k.eq(z), chance, 0));
          const probs = select(z.eq(2), k.eq(2), shown);
          observe("seen", categorical(select(position.le(began), 1, probs), event), at(data));
          return z;
        }),
      );
    }),
    logDensity: ({ lives, moves, p }: Values) =>
      total(6, (i) => plain.beta([...lives, ...moves, ...p][i], 1, 1)) +
      total(12, (i) => {
        let f = [0, 1, 2].map((z) => Number(z === seen[i][first[i]]));
        for (let t = first[i] + 1; t < 5; t++) {
          const y = seen[i][t];
          f = [0, 1, 2].map((to) => {
            const reach = total(3, (z) => {
              if (z === 2) return to === 2 ? f[z] : 0;
              const stay = z === to ? 1 - moves[z] : moves[z];
              return f[z] * (to === 2 ? 1 - lives[z] : lives[z] * stay);
            });
            const emits = to === 2 ? Number(y === 2) : y === 2 ? 1 - p[to] : y === to ? p[to] : 0;
            return reach * emits;
          });
        }
        return Math.log(f[0] + f[1] + f[2]) - (first[i] + 1) * Math.log(3);
      }),
  };
}

/** What predators eat, by their isotopes: shares of two sources whose own values are known with an error. */
function diets() {
  const draw = new Simulation(28);
  const [animal, isotope, source] = [axis("animal", 10), axis("isotope", 2), axis("source", 3)];
  const means = [
    [-25, 5],
    [-18, 9],
    [-12, 4],
  ];
  const seen = draw.many(10, () => [draw.normal(-18, 1), draw.normal(6.5, 1)]);
  return {
    model: model(({ sample, observe, plate }) => {
      const noise = sample("noise", halfNormal(1));
      const own = plate(source, () =>
        plate(isotope, () => sample("own", normal(tensor(means, [source, isotope]), 0.5))),
      );
      plate(animal, () => {
        const share = sample("share", dirichlet(2, source));
        const sum = [0, 1, 2]
          .map((k) => gather(own, source, k).mul(gather(share, source, k)))
          .reduce((a, b) => a.add(b));
        plate(isotope, () => observe("seen", normal(sum, noise), tensor(seen, [animal, isotope])));
      });
    }),
    logDensity: ({ noise: [noise], own, share }: Values) =>
      plain.halfNormal(noise) +
      total(6, (i) => plain.normal(own[i], means.flat()[i], 0.5)) +
      total(10, (i) => {
        const parts = share.slice(3 * i, 3 * i + 3);
        return (
          plain.dirichlet(parts, [2, 2, 2]) +
          total(2, (j) =>
            plain.normal(
              seen[i][j],
              total(3, (k) => parts[k] * own[2 * k + j]),
              noise,
            ),
          )
        );
      }),
  };
}

/** A community of species with means and spreads of their own logits: those never seen are among them. */
function community() {
  const draw = new Simulation(29);
  const [species, site] = [axis("species", 6), axis("site", 8)];
  const visits = 5;
  const seen = draw.many(6, (s) =>
    draw.many(8, () => (s < 4 && draw.bernoulli(0.6) === 1 ? draw.binomial(visits, 0.4) : 0)),
  );
  return {
    model: model(({ sample, observe, plate }) => {
      const omega = sample("omega", beta(1, 1));
      const [use, detect] = [sample("use", normal(0, 1)), sample("detect", normal(0, 1))];
      const [a, b] = [sample("a", halfNormal(1)), sample("b", halfNormal(1))];
      plate(species, () => {
        const [u, v] = [sample("u", normal(use, a)), sample("v", normal(detect, b))];
        const exists = sample("exists", bernoulli({ probs: omega }));
        plate(site, () => {
          const there = sample("there", bernoulli({ probs: sigmoid(u).mul(exists) }));
          const probs = sigmoid(v).mul(there);
          observe("seen", binomial(visits, { probs }), tensor(seen, [species, site]));
        });
      });
    }),
    logDensity: ({ omega: [omega], use: [use], detect: [detect], a: [a], b: [b], u, v }: Values) =>
      plain.normal(use) +
      plain.normal(detect) +
      plain.halfNormal(a) +
      plain.halfNormal(b) +
      total(6, (s) => {
        const [psi, p] = [1 / (1 + Math.exp(-u[s])), 1 / (1 + Math.exp(-v[s]))];
        const sites = total(8, (i) => {
          const y = seen[s][i];
          return Math.log(psi * Math.exp(plain.binomial(y, visits, p)) + (y === 0 ? 1 - psi : 0));
        });
        const never = seen[s].some((y) => y > 0) ? -Infinity : Math.log(1 - omega);
        return (
          plain.normal(u[s], use, a) +
          plain.normal(v[s], detect, b) +
          plain.logSumExp([Math.log(omega) + sites, never])
        );
      }),
  };
}

export const NATURE: Formulas = {
  occupancy,
  latentCounts,
  settling,
  entries,
  augmented,
  places,
  diets,
  community,
};
