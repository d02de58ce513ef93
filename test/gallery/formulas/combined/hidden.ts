/** Hidden states and kinds, joined with other words: summed out, beside sums over all that could be. */
import {
  axis,
  bernoulli,
  beta,
  cast,
  categorical,
  censored,
  constant,
  dirichlet,
  dirichletMultinomial,
  gamma,
  gather,
  halfNormal,
  index,
  masked,
  model,
  normal,
  ordered,
  poisson,
  select,
  studentT,
  tensor,
  truncated,
  zeroInflated,
} from "../../../../src/index.ts";
import * as plain from "../../../densities.ts";
import { Simulation } from "../../simulation.ts";
import type { Formulas, Values } from "../formula.ts";

const { total, logSumExp, rowsOf } = plain;
const [state, before] = [axis("state", 2), axis("before", 2)];
const time = axis("time", 7);

/** log of the sum over all paths of states: of the first by `start`, of moves, and of what is seen at each time. */
export function forward(
  states: number,
  times: number,
  start: (z: number) => number,
  move: (t: number, from: number, to: number) => number,
  seen: (t: number, z: number) => number,
): number {
  const all = Array.from({ length: states }, (_, z) => z);
  let log = all.map((z) => start(z) + seen(0, z));
  for (let t = 1; t < times; t++) {
    log = all.map((z) => logSumExp(all.map((from) => log[from] + move(t, from, z))) + seen(t, z));
  }
  return logSumExp(log);
}

const counts = [0, 3, 1, 0, 6, 4, 5];
const flags = [0, 0, 1, 0, 1, 0, 1];
const reals = [0.2, 1.4, -0.3, 2.1, 1.7, 0.1, -0.8];
const inputs = [0.5, -1, 0.3, 1.2, -0.4, 0.9, 0];
const over = (x: readonly number[]) => tensor(x, [time]);
const marked = (x: readonly number[]) => tensor(Uint8Array.from(x), [time]);
const priorOfMoves = (move: readonly number[]) =>
  total(2, (z) => plain.dirichlet(move.slice(2 * z, 2 * z + 2), [2, 2]));
const movesOf = (move: readonly number[]) => rowsOf(move, 2).map((row) => row.map(Math.log));

/** Counts with zeros of their own, known in part to be at least as many, by a hidden state. */
function censoredZeros() {
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const move = plate(before, () => sample("move", dirichlet(2, state)));
      const rate = sample("rate", gamma(2, 1).event(state));
      const idle = sample("idle", beta(2, 2));
      chain(time, constant(0, "int32"), (last, { at }) => {
        const z = sample("z", categorical(gather(move, before, last), state));
        const own = zeroInflated(poisson(gather(rate, state, z)), { probs: idle });
        observe("y", censored(own, { right: at(marked(flags)) }), at(over(counts)));
        return z;
      });
    }),
    logDensity: ({ move, rate, idle: [idle] }: Values) => {
      const steps = movesOf(move);
      const seen = (t: number, z: number) => {
        const p = (k: number) =>
          (1 - idle) * Math.exp(plain.poisson(k, rate[z])) + (k === 0 ? idle : 0);
        return Math.log(flags[t] ? 1 - total(counts[t], p) : p(counts[t]));
      };
      return (
        priorOfMoves(move) +
        total(2, (z) => plain.gamma(rate[z], 2, 1)) +
        plain.beta(idle, 2, 2) +
        forward(
          2,
          7,
          (z) => steps[0][z],
          (_, from, to) => steps[from][to],
          seen,
        )
      );
    },
  };
}

/** Moves by a covariate, values cut to a range, by a hidden state whose centres increase. */
function inputsAndCuts() {
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const [level, slope] = ["level", "slope"].map((name) =>
        plate(before, () => sample(name, normal(0, 1))),
      );
      const centre = sample("centre", ordered(normal(0, 2), state));
      const sd = sample("sd", halfNormal(1));
      chain(time, constant(0, "int32"), (last, { at }) => {
        const own = gather(level, before, last).add(
          gather(slope, before, last).mul(at(over(inputs))),
        );
        const z = cast(sample("z", bernoulli({ logits: own })), "int32");
        const here = truncated(normal(gather(centre, state, z), sd), { lower: -1, upper: 3 });
        observe("y", here, at(over(reals)));
        return z;
      });
    }),
    logDensity: ({ level, slope, centre, sd: [sd] }: Values) => {
      const move = (t: number, from: number, to: number) =>
        plain.bernoulliLogit(to, level[from] + slope[from] * inputs[t]);
      const mass = (m: number) => plain.normalCdf((3 - m) / sd) - plain.normalCdf((-1 - m) / sd);
      return (
        total(2, (k) => plain.normal(level[k]) + plain.normal(slope[k])) +
        Math.LN2 +
        total(2, (k) => plain.normal(centre[k], 0, 2)) +
        plain.halfNormal(sd) +
        forward(
          2,
          7,
          (z) => move(0, 0, z),
          move,
          (t, z) => plain.normal(reals[t], centre[z], sd) - Math.log(mass(centre[z])),
        )
      );
    },
  };
}

/** Series of two kinds, each kind with moves of its own (a mixture of hidden Markov models). */
function kindsOfSeries() {
  const [series, kind] = [axis("series", 3), axis("kind", 2)];
  const y = [0, 1, 2].map((i) => reals.map((v, t) => v * (i - 0.5) + 0.1 * t));
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const share = sample("share", beta(2, 3));
      const stay = plate(kind, () => sample("stay", beta(4, 2)));
      const centre = sample("centre", normal(0, 2).event(state));
      plate(series, () => {
        const k = sample("k", bernoulli({ probs: share }));
        const keeps = gather(stay, kind, k.eq(1));
        chain(time, constant(0, "int32"), (last, { at }) => {
          const up = select(last.eq(1), keeps, constant(1).sub(keeps));
          const z = cast(sample("z", bernoulli({ probs: up })), "int32");
          observe("y", normal(gather(centre, state, z), 1), at(tensor(y, [series, time])));
          return z;
        });
      });
    }),
    logDensity: ({ share: [share], stay, centre }: Values) =>
      plain.beta(share, 2, 3) +
      total(2, (k) => plain.beta(stay[k], 4, 2) + plain.normal(centre[k], 0, 2)) +
      total(3, (i) =>
        logSumExp(
          [1 - share, share].map((w, k) => {
            const move = (_: number, from: number, to: number) =>
              Math.log(from === to ? stay[k] : 1 - stay[k]);
            const seen = (t: number, z: number) => plain.normal(y[i][t], centre[z], 1);
            return Math.log(w) + forward(2, 7, (z) => move(0, 0, z), move, seen);
          }),
        ),
      ),
  };
}

/** Two hidden states that move on their own and are seen together (a factorial hidden Markov model), some times unseen. */
function twoStates() {
  return {
    model: model(({ sample, observe, chain }) => {
      const stay = ["first", "second"].map((name) => sample(name, beta(3, 2)));
      const effect = ["a", "b"].map((name) => sample(name, normal(0, 1)));
      const start = { p: constant(0), q: constant(0) };
      chain(time, start, ({ p, q }, { at }) => {
        const up = [p, q].map((z, i) => select(z.eq(1), stay[i], constant(1).sub(stay[i])));
        const [one, two] = [
          sample("p", bernoulli({ probs: up[0] })),
          sample("q", bernoulli({ probs: up[1] })),
        ];
        const mean = select(one.eq(1), effect[0], 0).add(select(two.eq(1), effect[1], 0));
        const both = one.mul(two);
        observe("y", masked(studentT(4, mean.add(both), 1), at(marked(flags))), at(over(reals)));
        return { p: one, q: two };
      });
    }),
    logDensity: ({ first: [first], second: [second], a: [a], b: [b] }: Values) => {
      const keep = (stay: number, from: number, to: number) =>
        Math.log(from === to ? stay : 1 - stay);
      const move = (_: number, from: number, to: number) =>
        keep(first, from >> 1, to >> 1) + keep(second, from & 1, to & 1);
      const mean = (z: number) => (z >> 1) * a + (z & 1) * b + (z === 3 ? 1 : 0);
      return (
        plain.beta(first, 3, 2) +
        plain.beta(second, 3, 2) +
        plain.normal(a) +
        plain.normal(b) +
        forward(
          4,
          7,
          (z) => move(0, 0, z),
          move,
          (t, z) => (flags[t] ? plain.studentT(reals[t], 4, mean(z), 1) : 0),
        )
      );
    },
  };
}

/** A state that lasts for a time of its own: its age is part of it (semi-Markov, by expansion to at most three steps). */
function lasting() {
  const [stage, next] = [axis("stage", 6), axis("next", 6)];
  return {
    model: model(({ sample, observe, chain }) => {
      const free = sample("end", beta(2, 2).event(stage));
      const centre = sample("centre", normal(0, 2).event(state));
      // Stage 3 z + age: it goes on to the next age, or ends and the other state begins; after age 2 it must end.
      const [from, to] = [index(stage), index(next)];
      const age = from.sub(select(from.ge(3), 3, 0));
      const end = select(age.eq(2), 1, free);
      const begins = select(from.ge(3), 0, 3);
      const move = select(to.eq(begins), end, select(to.eq(from.add(1)), constant(1).sub(end), 0));
      chain(time, constant(2, "int32"), (last, { at }) => {
        const s = sample("s", categorical(gather(move, stage, last), next));
        observe("y", normal(gather(centre, state, s.ge(3)), 1), at(over(reals)));
        return s;
      });
    }),
    logDensity: ({ end, centre }: Values) => {
      const move = (_: number, from: number, to: number) => {
        const [begins, ends] = [from >= 3 ? 0 : 3, from % 3 === 2 ? 1 : end[from]];
        return Math.log(to === begins ? ends : to === from + 1 ? 1 - ends : 0);
      };
      return (
        total(6, (k) => plain.beta(end[k], 2, 2)) +
        total(2, (z) => plain.normal(centre[z], 0, 2)) +
        forward(
          6,
          7,
          (s) => move(0, 2, s),
          move,
          (t, s) => plain.normal(reals[t], centre[s >= 3 ? 1 : 0], 1),
        )
      );
    },
  };
}

/** Votes for three parties by a mood that moves, and polls of the same mood: one state seen in two series, one with gaps. */
function twoSeries() {
  const party = axis("party", 3);
  const draw = new Simulation(81);
  const votes = draw.many(7, () => draw.many(3, () => draw.poisson(4)));
  const totals = votes.map((v) => v.reduce((a, b) => a + b));
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const move = plate(before, () => sample("move", dirichlet(2, state)));
      const alike = plate(state, () => sample("alike", gamma(3, 1).event(party)));
      const chance = sample("chance", beta(2, 2).event(state));
      chain(time, constant(0, "int32"), (last, { at }) => {
        const z = sample("z", categorical(gather(move, before, last), state));
        const shares = gather(alike, state, z);
        const own = dirichletMultinomial(at(over(totals)), shares, party);
        observe("votes", own, at(tensor(votes, [time, party])));
        const poll = masked(bernoulli({ probs: gather(chance, state, z) }), at(marked(flags)));
        observe("poll", poll, at(over([1, 0, 1, 1, 0, 0, 1])));
        return z;
      });
    }),
    logDensity: ({ move, alike, chance }: Values) => {
      const [steps, shares] = [movesOf(move), rowsOf(alike, 3)];
      const seen = (t: number, z: number) => {
        const whole = shares[z].reduce((a, b) => a + b);
        const each = total(3, (k) => {
          const [n, a] = [votes[t][k], shares[z][k]];
          return plain.logGamma(n + a) - plain.logGamma(a) - plain.logGamma(n + 1);
        });
        const all =
          plain.logGamma(totals[t] + 1) + plain.logGamma(whole) - plain.logGamma(totals[t] + whole);
        const poll = flags[t] ? plain.bernoulli([1, 0, 1, 1, 0, 0, 1][t], chance[z]) : 0;
        return all + each + poll;
      };
      return (
        priorOfMoves(move) +
        total(6, (k) => plain.gamma(alike[k], 3, 1)) +
        total(2, (z) => plain.beta(chance[z], 2, 2)) +
        forward(
          2,
          7,
          (z) => steps[0][z],
          (_, from, to) => steps[from][to],
          seen,
        )
      );
    },
  };
}

/** A kind for each place at each time, given the season, which moves: discrete latents in a plate within a chain. */
function placesInSeasons() {
  const place = axis("place", 3);
  const y = [0, 1, 2].map((i) => counts.map((k, t) => (k + i * t) % 6));
  return {
    model: model(({ sample, observe, plate, chain }) => {
      const move = plate(before, () => sample("move", dirichlet(2, state)));
      const busy = sample("busy", beta(2, 2).event(state));
      const rate = sample("rate", ordered(gamma(2, 1), state));
      chain(time, constant(0, "int32"), (last, { at }) => {
        const season = sample("season", categorical(gather(move, before, last), state));
        plate(place, () => {
          const on = sample("on", bernoulli({ probs: gather(busy, state, season) }));
          observe("y", poisson(gather(rate, state, on.eq(1))), at(tensor(y, [place, time])));
        });
        return season;
      });
    }),
    logDensity: ({ move, busy, rate }: Values) => {
      const steps = movesOf(move);
      const seen = (t: number, z: number) =>
        total(3, (i) => {
          const each = rate.map((r) => plain.poisson(y[i][t], r));
          return logSumExp([Math.log1p(-busy[z]) + each[0], Math.log(busy[z]) + each[1]]);
        });
      return (
        priorOfMoves(move) +
        Math.LN2 +
        total(2, (z) => plain.beta(busy[z], 2, 2) + plain.gamma(rate[z], 2, 1)) +
        forward(
          2,
          7,
          (z) => steps[0][z],
          (_, from, to) => steps[from][to],
          seen,
        )
      );
    },
  };
}

export const HIDDEN: Formulas = {
  censoredZeros,
  inputsAndCuts,
  kindsOfSeries,
  twoStates,
  lasting,
  twoSeries,
  placesInSeasons,
};
