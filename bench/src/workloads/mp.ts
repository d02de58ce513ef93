/**
 * One step of massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023) on the
 * MovieLens model, wake-phase q: mu ~ normal(0, 1) over genres, a level psi of five, a taste z ~
 * normal(mu, exp(psi / 2)) of each user, and ratings ~ bernoulli(logits z . film). The guide is
 * factorised, with parameters for each user; it moves by Adam.
 */
import {
  bernoulli,
  categorical,
  type Distribution,
  normal,
} from "../../../src/distributions/index.ts";
import {
  bound,
  compileAlgorithm,
  massivelyParallel,
  training,
} from "../../../src/inference/internal.ts";
import { type Model, model, paramStore } from "../../../src/model/index.ts";
import { zeros } from "../../../src/nn/index.ts";
import { adam } from "../../../src/optim/index.ts";
import {
  type Axis,
  axis,
  cast,
  exp,
  input,
  type Key,
  sum,
  tensor,
  unionAxes,
} from "../../../src/tensor/internal.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedNoise, floats } from "./fixed.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const LEVELS = 5;
const optimiser = adam(0.001);

const axesOf = ({ users, films, genres }: Sizes) => ({
  user: axis("user", users),
  film: axis("film", films),
  genre: axis("genre", genres),
  level: axis("level", LEVELS),
});
type Axes = ReturnType<typeof axesOf>;

function modelOf({ user, film, genre, level }: Axes): Model<void> {
  const films = input("films", [user, film, genre]);
  const likes = input("likes", [user, film]);
  return model(({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 1).event(genre));
    const psi = sample("psi", categorical(tensor(Array(LEVELS).fill(1 / LEVELS), [level])));
    plate(user, () => {
      const z = sample("z", normal(mu, exp(cast(psi, "float32").mul(0.5))).event(genre));
      plate(film, () => observe("likes", bernoulli({ logits: sum(z.mul(films), genre) }), likes));
    });
  });
}

/** The guide's parameters in the order of the check: they start at zero. */
const PARAMETERS = ["mu.mean", "mu.logSd", "psi.logits", "z.mean", "z.logSd"];

function guideOf({ user, genre, level }: Axes): Model<void> {
  return model(({ sample, plate, param }) => {
    const free = (name: string, ...axes: Axis[]) => param(name, axes, { init: zeros });
    const gaussian = (name: string, ...axes: Axis[]) =>
      normal(free(`${name}.mean`, ...axes), exp(free(`${name}.logSd`, ...axes))).event(genre);
    sample("mu", gaussian("mu", genre));
    sample("psi", categorical({ logits: free("psi.logits", level) }, level));
    plate(user, () => sample("z", gaussian("z", user, genre)));
  });
}

/** The guide with draws that are inputs, called as their sites. */
function withDraws(guide: Model<void>): Model<void> {
  return model((sites) => {
    const sample = (name: string, q: Distribution) => {
      const given = (_: Key, over: readonly Axis[]) =>
        input(name, unionAxes(over, q.axes, q.eventAxes), q.dtype);
      return sites.sample(name, { ...q, sample: given });
    };
    guide({ ...sites, sample });
  });
}

/** Whether film f of user u has genre g, and whether the user likes it. */
const dataOf = ({ users, films, genres }: Sizes) => ({
  films: floats(users * films * genres, (i) => {
    const g = i % genres;
    const f = Math.floor(i / genres) % films;
    const u = Math.floor(i / (genres * films));
    return (3 * u + 5 * f + 7 * g + ((u * g) % 13)) % 5 === 0 ? 1 : 0;
  }),
  likes: floats(users * films, (i) => {
    const f = i % films;
    const u = Math.floor(i / films);
    return (u + f + ((u * f) % 7)) % 2 === 0 ? 1 : 0;
  }),
});

function step(axes: Axes, guide: Model<void>, K: number) {
  const store = paramStore();
  const particles = massivelyParallel(K);
  const pair = { model: modelOf(axes), guide, data: undefined, parameters: store };
  return training({
    objective: (_, key) => bound({ ...pair, key, particles, gradient: "wake" }),
    parameters: store,
    optimiser,
    seed: 0,
  });
}

function program(sizes: Sizes) {
  const axes = axesOf(sizes);
  const ready = compileAlgorithm(step(axes, guideOf(axes), sizes.K));
  for (const [name, values] of Object.entries(dataOf(sizes))) ready.write(name, values);
  return ready;
}

function check(sizes: Sizes): Check {
  const { users, genres, K } = sizes;
  const axes = axesOf(sizes);
  return trainingCheck(step(axes, withDraws(guideOf(axes)), K), PARAMETERS, 1, {
    ...dataOf(sizes),
    mu: fixedNoise(1, K, genres),
    psi: Int32Array.from({ length: K }, (_, i) => (2 * i + 1) % LEVELS),
    z: fixedNoise(K, users, genres),
  });
}

export const mp: Family = {
  name: "mp",
  members: [3, 10, 30].map((K) => ({
    name: `mp K=${K}`,
    sizes: { users: 300, films: 5, genres: 18, K },
  })),
  check,
  program,
};
