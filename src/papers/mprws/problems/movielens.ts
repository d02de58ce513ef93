/**
 * MovieLens, binarised (Heap, Leech and Aitchison, UAI 2023, section 5): a taste z for the genres of each
 * user, around that of all,
 *
 *     mu ~ normal(0, 1),  psi ~ categorical(0.1, 0.5, 0.4, 0.05, 0.05),
 *     z_user ~ normal(mu, exp(psi)),  high_user,film ~ bernoulli(logit = z_user . genres_film).
 */
import type { MovieLens } from "../../../data/index.ts";
import { bernoulli, normal } from "../../../distributions/index.ts";
import { predictiveLogLikelihood } from "../../../inference/index.ts";
import { model } from "../../../model/index.ts";
import { compile } from "../../../runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  checkArguments,
  exp,
  fold,
  index,
  key,
  NUMBER,
  objectWith,
  SurmiseError,
  shuffled,
  sum,
  type Tensor,
  tensor,
} from "../../../tensor/internal.ts";
import {
  type ClosedModel,
  freeNormal,
  freeScale,
  type PredictiveProblem,
  scalePrior,
} from "../problem.ts";

/** Ratings from this one on are high; a film without a rating of the user is not. */
const HIGH = 4;

/** The order in which users and films are drawn, the same for all sizes: larger subsets hold smaller ones. */
const SUBSET_SEED = 0;

/** Some films, their genres, and which user finds which of them good. */
interface Ratings {
  readonly film: Axis;
  /** Over film and genre. */
  readonly genres: Tensor;
  /** Over user and film. */
  readonly high: Tensor;
}

/** What is known of the problem without its data. */
export const movielensFacts = (users: number, films: number) => ({
  title: `MovieLens, ${users} users, ${films} films`,
  drawsPerSet: 10,
});

/**
 * `users` users with `films` films to train on and as many others to test on, all drawn at random from the
 * original ratings.
 *
 * @throws SurmiseError if there are not as many.
 */
export function movielensProblem(data: MovieLens, users: number, films: number): PredictiveProblem {
  checkArguments("movielensProblem", { data }, objectWith({ users: NUMBER, films: NUMBER }));
  checkArguments("movielensProblem", { users, films }, NUMBER);
  if (users > data.users || 2 * films > data.films) {
    throw new SurmiseError(
      `MovieLens has ${data.users} users and ${data.films} films; ${users} users and twice ${films} ` +
        "films cannot be drawn from them: ask for fewer",
    );
  }
  const user = axis("user", users);
  const genre = axis("genre", data.genres.length, data.genres);
  const whichUsers = drawn("users", users, data.users);
  const whichFilms = drawn("films", 2 * films, data.films);
  const ratings = (some: Int32Array): Ratings => {
    const film = axis("film", films);
    const genres = Array.from(some, (f) =>
      data.genreOf.subarray(f * genre.size, (f + 1) * genre.size),
    );
    const high = Array.from(whichUsers, (u) =>
      Array.from(some, (f) => Number(data.ratings[u * data.films + f] >= HIGH)),
    );
    return {
      film,
      genres: tensor(Float32Array.from(genres.flatMap((flags) => [...flags])), [film, genre]),
      high: tensor(Float32Array.from(high.flat()), [user, film]),
    };
  };
  const test = modelOf(user, genre, ratings(whichFilms.subarray(films)));
  return {
    ...movielensFacts(users, films),
    model: modelOf(user, genre, ratings(whichFilms.subarray(0, films))),
    guide: guideOf(user, genre),
    groups: [],
    predictive: (of) => predictiveLogLikelihood({ ...of, model: test, data: undefined }),
  };
}

function modelOf(user: Axis, genre: Axis, { film, genres, high }: Ratings): ClosedModel {
  return model(({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 1).event(genre));
    const psi = sample("psi", scalePrior([0.1, 0.5, 0.4, 0.05, 0.05]));
    plate(user, () => {
      const z = sample("z", normal(mu, exp(cast(psi, "float32"))).event(genre));
      plate(film, () => {
        observe("high", bernoulli({ logits: sum(z.mul(genres), genre) }), high);
      });
    });
  });
}

function guideOf(user: Axis, genre: Axis): ClosedModel {
  return model(({ sample, plate, param }) => {
    sample("mu", freeNormal(param, "mu", [genre]).event(genre));
    sample("psi", freeScale(param, "psi"));
    plate(user, () => {
      sample("z", freeNormal(param, "z", [user, genre]).event(genre));
    });
  });
}

/** The first `count` of `of` things, shuffled. */
function drawn(what: string, count: number, of: number): Int32Array {
  const place = index(axis(what, count));
  const order = shuffled(fold(key(SUBSET_SEED), what), place, of);
  const { data } = compile({ outputs: { order } }, { steps: 1 }).run().order;
  return Int32Array.from(data);
}
