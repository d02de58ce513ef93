/**
 * NUTS at its defaults, 4 chains of 1000 draws, against the reference draws of posteriordb in the folder SURMISE_DATA, and
 * against those of Stan for models of the same kinds. At the end a table is printed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { printTable } from "../../../../src/cli/terminal/table.ts";
import { sample } from "../../../../src/inference/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import {
  AGREEMENT_COLUMNS,
  AgreementTable,
  agreement,
  type ReferenceMoments,
} from "./agreement.ts";
import { KINDS } from "./kinds/index.ts";
import { POSTERIORS } from "./models.ts";

const folder = join(process.env.SURMISE_DATA ?? "", "posteriordb");

/** The most standard errors that a mean or a standard deviation may be away: both have errors. */
const MOST_ERRORS = 4;

const table = new AgreementTable();
afterAll(() => console.log(printTable(AGREEMENT_COLUMNS, table.lines())));

async function compared(
  name: string,
  model: Model<undefined, unknown>,
  reference: Readonly<Record<string, ReferenceMoments>>,
  perChain = 1000,
) {
  const begun = performance.now();
  const draws = await sample(model, undefined, { seed: 1, draws: perChain });
  const found = agreement(draws, reference);
  table.add(name, found, (performance.now() - begun) / 1000);
  return { ...found, draws: draws.draws };
}

describe.skipIf(!existsSync(folder))("NUTS agrees with the reference draws of", () => {
  test.each(Object.entries(POSTERIORS))("%s", async (name, { model, sites, hard }) => {
    const read = (file: string) => JSON.parse(readFileSync(join(folder, name, file), "utf8"));
    const { parameters } = read("reference.json");
    const moments = (site: string): ReferenceMoments =>
      Object.keys(parameters)
        .filter((key) => key === site || key.startsWith(`${site}[`))
        .map((_, i, all) => parameters[all.length === 1 ? all[0] : `${site}[${i + 1}]`])
        .map(({ mean, sd, mcse_mean, mcse_sd }) => [mean, sd, mcse_mean, mcse_sd]);
    const reference = Object.fromEntries(sites.map((site) => [site, moments(site)]));
    const found = await compared(name, model(read("data.json")), reference);
    if (hard) return;
    expect(found.rhat).toBeLessThan(1.01);
    expect(found.divergent).toBeLessThanOrEqual(0.001 * found.draws);
    expect(found.apart).toBeLessThan(MOST_ERRORS);
  });
});

/** Elements that are compared at once: of two hundred one is 4 errors apart once in a hundred runs. */
const MOST_OF_MANY = 5;

const references = JSON.parse(readFileSync(join(import.meta.dirname, "kinds.json"), "utf8"));

describe("NUTS agrees with Stan on", () => {
  test.each(Object.entries(KINDS))("%s", async (name, kind) => {
    const { model, hard, draws } = kind();
    const found = await compared(name, model, references[name], draws);
    if (hard) return;
    expect(found.isMixed).toBe(true);
    expect(found.apart).toBeLessThan(MOST_OF_MANY);
  });
});
