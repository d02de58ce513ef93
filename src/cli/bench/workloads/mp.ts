/**
 * One step of massively parallel reweighted wake-sleep (Heap, Leech and Aitchison, UAI 2023) on the
 * MovieLens model, wake-phase q: mu ~ normal(0, 1) over genres, a level psi of five, a taste z ~
 * normal(mu, exp(psi / 2)) of each user, and ratings ~ bernoulli(logits z . film). The guide is
 * factorised. All combinations of K draws of each latent are weighted,
 *
 *     log P = log mean_{mu, psi} p/q(mu) p/q(psi) prod_user mean_z p(z | mu, psi) p(ratings | z) / q(z),
 *
 * and -log P is made smaller by Adam, the draws held constant.
 */
import { begin, training } from "../../../inference/index.ts";
import { type Parameters, parameters } from "../../../model/index.ts";
import { zeros } from "../../../nn/index.ts";
import { adam } from "../../../optim/index.ts";
import {
  type Axis,
  axis,
  cast,
  exp,
  fold,
  gather,
  index,
  input,
  type Key,
  logSumExp,
  rename,
  softplus,
  square,
  standardNormal,
  stopGradient,
  sum,
  type Tensor,
  uniform,
} from "../../../tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedNoise, floats } from "./fixed.ts";
import { trainingCheck } from "./trainingCheck.ts";
import type { Family } from "./workload.ts";

const LEVELS = 5;
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);
const optimiser = adam(0.001);

const axesOf = ({ users, films, genres, K }: Sizes) => ({
  user: axis("user", users),
  film: axis("film", films),
  genre: axis("genre", genres),
  level: axis("level", LEVELS),
  // The particles of mu, psi and z.
  forMu: axis("particle of mu", K),
  forPsi: axis("particle of psi", K),
  forZ: axis("particle of z", K),
});
type Axes = ReturnType<typeof axesOf>;

/** Of the guide: means and log standard deviations of mu and z, logits of psi; they start at zero. */
function guideOf({ user, genre, level }: Axes, store: Parameters) {
  const param = (name: string, axes: readonly Axis[]) =>
    store.declare(name, axes, { init: zeros }).value;
  return {
    muMean: param("muMean", [genre]),
    muLogSd: param("muLogSd", [genre]),
    psiLogits: param("psiLogits", [level]),
    zMean: param("zMean", [user, genre]),
    zLogSd: param("zLogSd", [user, genre]),
  };
}
type Guide = ReturnType<typeof guideOf>;

interface Draws {
  readonly mu: Tensor;
  readonly psi: Tensor;
  readonly z: Tensor;
}

const logNormal = (x: Tensor, mean: Tensor, logSd: Tensor, over: Axis) =>
  sum(
    square(x.sub(mean).mul(exp(logSd.neg())))
      .mul(-0.5)
      .sub(logSd),
    over,
  ).sub(HALF_LOG_2PI * over.size);

/** log P of the draws. */
function logEvidence(axes: Axes, guide: Guide, { mu, psi, z }: Draws): Tensor {
  const { user, film, genre, level, forMu, forPsi, forZ } = axes;
  const { muMean, muLogSd, psiLogits, zMean, zLogSd } = guide;
  const films = input("films", [user, film, genre]);
  const signs = input("signs", [user, film]);

  const ratings = sum(softplus(sum(z.mul(films), genre).mul(signs).neg()), film).neg();
  const zTerm = ratings.sub(logNormal(z, zMean, zLogSd, genre));
  const distance = sum(square(z), genre)
    .add(sum(square(mu), genre))
    .sub(sum(z.mul(mu), genre).mul(2));
  const spread = cast(psi, "float32");
  const weight = distance.mul(exp(spread.neg()).mul(-0.5)).add(zTerm);
  const perUser = logSumExp(weight, forZ)
    .sub(spread.mul(0.5 * genre.size))
    .sub(HALF_LOG_2PI * genre.size + Math.log(forZ.size));

  const muPrior = sum(square(mu), genre)
    .mul(-0.5)
    .sub(HALF_LOG_2PI * genre.size);
  const muTerm = muPrior.sub(logNormal(mu, muMean, muLogSd, genre));
  const logLevels = psiLogits.sub(logSumExp(psiLogits));
  const psiTerm = gather(logLevels, level, psi).neg().sub(Math.log(LEVELS));
  const all = sum(perUser, user).add(muTerm).add(psiTerm);
  return logSumExp(all, forMu, forPsi).sub(Math.log(forMu.size * forPsi.size));
}

/** The draws of one step, from the guide. */
function draw(axes: Axes, guide: Guide, stepKey: Key): Draws {
  const { user, genre, level, forMu, forPsi, forZ } = axes;
  const { muMean, muLogSd, psiLogits, zMean, zLogSd } = guide;
  const normal = (name: string, mean: Tensor, logSd: Tensor, over: readonly Axis[]) =>
    stopGradient(mean.add(exp(logSd).mul(standardNormal(fold(stepKey, name), over))));
  const chances = exp(psiLogits.sub(logSumExp(psiLogits)));
  const other = axis("other level", LEVELS);
  const below = cast(index(other).le(index(level)), "float32");
  const upTo = sum(rename(chances, level, other).mul(below), other);
  const passed = upTo.lt(uniform(fold(stepKey, "psi"), [forPsi]));
  return {
    mu: normal("mu", muMean, muLogSd, [forMu, genre]),
    // Levels whose cumulated chance is passed; gather clamps what rounding may add.
    psi: sum(cast(passed, "int32"), level),
    z: normal("z", zMean, zLogSd, [forZ, user, genre]),
  };
}

/** Whether film f of user u has genre g, and whether the user likes it: 1 or -1. */
const dataOf = ({ users, films, genres }: Sizes) => ({
  films: floats(users * films * genres, (i) => {
    const g = i % genres;
    const f = Math.floor(i / genres) % films;
    const u = Math.floor(i / (genres * films));
    return (3 * u + 5 * f + 7 * g + ((u * g) % 13)) % 5 === 0 ? 1 : 0;
  }),
  signs: floats(users * films, (i) => {
    const f = i % films;
    const u = Math.floor(i / films);
    return (u + f + ((u * f) % 7)) % 2 === 0 ? 1 : -1;
  }),
});

function program(sizes: Sizes) {
  const axes = axesOf(sizes);
  const store = parameters();
  const step = training({
    objective: (_, stepKey) => {
      const guide = guideOf(axes, store);
      return { bound: logEvidence(axes, guide, draw(axes, guide, stepKey)), sites: {} };
    },
    parameters: store,
    optimiser,
    seed: 0,
  });
  const ready = begin(step);
  for (const [name, values] of Object.entries(dataOf(sizes))) ready.write(name, values);
  return ready;
}

function check(sizes: Sizes): Check {
  const axes = axesOf(sizes);
  const { user, genre, forMu, forPsi, forZ } = axes;
  const draws = {
    mu: input("mu", [forMu, genre]),
    psi: input("psi", [forPsi], "int32"),
    z: input("z", [forZ, user, genre]),
  };
  const store = parameters();
  const step = training({
    objective: () => ({ bound: logEvidence(axes, guideOf(axes, store), draws), sites: {} }),
    parameters: store,
    optimiser,
    seed: 0,
  });
  const { users, genres, K } = sizes;
  const names = store.list().map(({ name }) => name);
  return trainingCheck(step, names, 1, {
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
