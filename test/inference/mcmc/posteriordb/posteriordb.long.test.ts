/** NUTS at its defaults against the reference draws of posteriordb, in the folder SURMISE_DATA. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mcseMean, mcseSd, sample, summarise } from "../../../../src/inference/index.ts";
import { POSTERIORS } from "./models.ts";

const folder = join(process.env.SURMISE_DATA ?? "", "posteriordb");

/** The most standard errors that a mean or a standard deviation may be away: both have errors. */
const MOST_ERRORS = 4;

describe.skipIf(!existsSync(folder))("NUTS agrees with the reference draws of", () => {
  test.each(Object.entries(POSTERIORS))("%s", async (name, { model, sites, hard }) => {
    const read = (file: string) => JSON.parse(readFileSync(join(folder, name, file), "utf8"));
    const draws = await sample(model(read("data.json")), undefined, { seed: 1 });
    const { parameters } = read("reference.json");
    const rows = summarise(draws).filter(({ site }) => sites.includes(site));
    const divergent = draws.statistics.diverging.reduce((a, b) => a + b, 0);
    const count = (site: string) => draws.sites[site].data.length / draws.draws;
    const apart = rows.map(({ site, mean, sd }, i) => {
      const at = i - rows.findIndex((row) => row.site === site);
      const { data, axes } = draws.sites[site];
      const known = parameters[axes.length === 0 ? site : `${site}[${at + 1}]`];
      const size = count(site);
      const values = Float64Array.from({ length: draws.draws }, (_, d) => data[d * size + at]);
      const chains = { values, chains: draws.chains };
      const ofMean = Math.abs(mean - known.mean) / Math.hypot(mcseMean(chains), known.mcse_mean);
      const ofSd = Math.abs(sd - known.sd) / Math.hypot(mcseSd(chains), known.mcse_sd);
      return Math.max(ofMean, ofSd);
    });
    const rhat = Math.max(...rows.map((row) => row.rhat ?? Number.NaN));
    const ess = Math.min(...rows.map((row) => row.essBulk ?? Number.NaN));
    const told = [`R-hat ${rhat.toFixed(4)}`, `ESS ${ess.toFixed(0)}`, `divergent ${divergent}`];
    console.log(`${name}: ${told.join(", ")}, ${Math.max(...apart).toFixed(2)} errors apart`);
    if (hard) return;
    expect(rhat).toBeLessThan(1.01);
    expect(divergent).toBeLessThanOrEqual(0.001 * draws.draws);
    expect(Math.max(...apart)).toBeLessThan(MOST_ERRORS);
  });
});
