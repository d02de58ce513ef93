/**
 * Models of the galleries of Stan, PyMC and NumPyro as a user writes them, at NUTS' defaults but for fewer draws: the numbers
 * that data were drawn from lie in the posterior, whose chains agree.
 */
import { describe, expect, test } from "vitest";
import { sample, summarise } from "../../src/inference/index.ts";
import { NUMPYRO } from "./numpyro.ts";
import { PYMC } from "./pymc.ts";
import { STAN } from "./stan/index.ts";

/** Of about two hundred numbers none is so many posterior standard deviations away. */
const MOST_SDS = 4;
/** Of so few draws, for what the data say little about. */
const MOST_RHAT = 1.1;
const SETTINGS = { chains: 2, warmup: 500, draws: 500, seed: 1 };

describe.each([
  ["Stan", STAN],
  ["PyMC", PYMC],
  ["NumPyro", NUMPYRO],
])("%s", (_, gallery) => {
  test.each(Object.entries(gallery))("%s", async (_name, make) => {
    const { model, truth, draws: count = SETTINGS.draws } = make();
    const draws = await sample(model, undefined, { ...SETTINGS, draws: count });
    const rows = summarise(draws);
    const apart: string[] = [];
    for (const [site, given] of Object.entries(truth)) {
      const own = rows.filter((row) => row.site === site);
      const numbers = [given].flat();
      expect(own.length, site).toBe(numbers.length);
      own.forEach(({ mean, sd }, i) => {
        if (!(Math.abs(mean - numbers[i]) < MOST_SDS * sd)) {
          apart.push(`${site}[${i}] ${numbers[i]}: ${mean} +- ${sd}`);
        }
      });
    }
    expect(apart).toEqual([]);
    const told = rows.filter(({ site, rhat = 1 }) => site in truth && rhat > MOST_RHAT);
    expect(told.map(({ site, rhat }) => `${site} ${rhat}`)).toEqual([]);
  });
});
