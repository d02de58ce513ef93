/** MovieLens-100K: who rated which film, and the genres of the films. */
import { checkArguments, OBJECT } from "../../tensor/internal.ts";
import { type LocateOptions, locateFiles } from "./locate.ts";

/** Ratings of films by users (MovieLens 100k), as a dense table with gaps. */
export interface MovieLens {
  /** How many users. */
  readonly users: number;
  /** How many films. */
  readonly films: number;
  /** The names of the genres. */
  readonly genres: readonly string[];
  /** users*films ratings 1..5, or 0 for none; axes (user, film), the last one fastest. */
  readonly ratings: Uint8Array;
  /** films*genres: 1 where a film is of a genre; axes (film, genre), the last one fastest. */
  readonly genreOf: Uint8Array;
}

const USERS = 943;
const FILMS = 1682;

/** MovieLens's own list, without its first entry, "unknown". */
const GENRES: readonly string[] = [
  ...["Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama"],
  ...["Fantasy", "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller"],
  ...["War", "Western"],
];
const FLAGS = GENRES.length + 1;

const MIRROR = "https://files.grouplens.org/datasets/movielens/ml-100k/";

const movielens = {
  name: "movielens/ml-100k",
  files: [
    {
      name: "u.data",
      bytes: 1979173,
      sha256: "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490",
      addresses: [`${MIRROR}u.data`],
    },
    {
      name: "u.item",
      bytes: 236344,
      // Copies differ in the letters of the titles.
      checked: numbersAndFlags,
      sha256: "305fc3c950f2600768dcd47f93a30e7f252bf077f0dd3a0a7548c00252e1d4ff",
      addresses: [`${MIRROR}u.item`],
    },
  ],
  howToGet: "get u.data and u.item of MovieLens 100K from grouplens.org",
};

/**
 * MovieLens-100K (F. M. Harper and J. A. Konstan, "The MovieLens datasets", ACM TiiS 5, 2015). Its
 * licence allows research with citation and no redistribution.
 *
 * @throws SurmiseError if its files cannot be had or are not the known ones.
 */
export async function loadMovieLens(options: LocateOptions = {}): Promise<MovieLens> {
  checkArguments("loadMovieLens", { options }, OBJECT);
  const files = await locateFiles(movielens, options);
  return {
    users: USERS,
    films: FILMS,
    genres: GENRES,
    ratings: readRatings(files["u.data"]),
    genreOf: readGenres(files["u.item"]),
  };
}

/** Lines `user TAB film TAB rating TAB time`, with users and films counted from 1. */
function readRatings(content: Uint8Array): Uint8Array {
  const ratings = new Uint8Array(USERS * FILMS);
  for (const line of linesOf(content)) {
    const [user, film, rating] = line.split("\t").map(Number);
    ratings[(user - 1) * FILMS + film - 1] = rating;
  }
  return ratings;
}

/** Lines `film|title|...|` and a flag for each genre, the first of which is "unknown". */
function readGenres(content: Uint8Array): Uint8Array {
  const flags = linesOf(content).map((line) =>
    line
      .split("|")
      .slice(1 - FLAGS)
      .map(Number),
  );
  return Uint8Array.from(flags.flat());
}

/** Of each line the number of the film and its genres. */
function numbersAndFlags(content: Uint8Array): Uint8Array {
  const lines = linesOf(content).map((line) => {
    const fields = line.split("|");
    return `${[fields[0], ...fields.slice(-FLAGS)].join("|")}\n`;
  });
  return Buffer.from(lines.join(""));
}

function linesOf(content: Uint8Array): string[] {
  const lines = Buffer.from(content).toString("latin1").split("\n");
  return lines.filter((line) => line !== "");
}
