import { describe, expect, test } from "vitest";
import { loadBuses, loadMovieLens } from "../../src/data/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";
import { temporaryFolders } from "./fixtures.ts";

const newFolder = temporaryFolders();
const count = (values: ArrayLike<number>, of: number) =>
  Array.from(values).filter((value) => value === of).length;
const isHere = process.env.SURMISE_DATA !== undefined;

test("what is not there is told with what to do", async () => {
  const nowhere = { dataFolder: newFolder(), cacheFolder: newFolder(), download: false };
  for (const [load, what] of [
    [loadMovieLens, "grouplens.org"],
    [loadBuses, "real_data.pkl"],
  ] as const) {
    await expect(load(nowhere)).rejects.toThrow(SurmiseError);
    await expect(load(nowhere)).rejects.toThrow(what);
  }
});

describe.runIf(isHere)("the published files", () => {
  test("MovieLens: ratings as its readme counts them, genres of known films", async () => {
    const { users, films, genres, ratings, genreOf } = await loadMovieLens();
    expect([users, films, genres.length]).toEqual([943, 1682, 18]);
    expect(ratings.length).toBe(943 * 1682);
    expect([1, 2, 3, 4, 5].map((stars) => count(ratings, stars))).toEqual([
      6110, 11370, 27145, 34174, 21201,
    ]);
    // The first line of u.data: user 196 gave film 242 three stars.
    expect(ratings[195 * 1682 + 241]).toBe(3);
    expect(genreOf.length).toBe(1682 * 18);
    const ofToyStory = genres.filter((_, genre) => genreOf[genre] === 1);
    expect(ofToyStory).toEqual(["Animation", "Children's", "Comedy"]);
  });

  test("buses: 270 rows each, delays of 1 to 90 minutes, 22.8 in the mean", async () => {
    const { train, test: held, companies, runTypes } = await loadBuses();
    const delays = [...train.delay, ...held.delay];
    expect(delays.length).toBe(540);
    expect([Math.min(...delays), Math.max(...delays)]).toEqual([1, 90]);
    expect(delays.reduce((a, b) => a + b) / 540).toBeCloseTo(22.8, 1);
    for (const { company, runType } of [train, held]) {
      expect(Math.min(...company, ...runType)).toBe(0);
      expect(Math.max(...company)).toBeLessThan(companies);
      expect(Math.max(...runType)).toBeLessThan(runTypes);
    }
  });
});
