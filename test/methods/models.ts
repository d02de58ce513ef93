/** Models with known answers, on which every method is measured: `npm run methods`. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { columnsOf, readTable } from "../../src/data/index.ts";
import type { Model } from "../../src/model/index.ts";
import { POSTERIORS as CASES, type KnownPosterior } from "../cases/posteriors.ts";
import { POSTERIORS as POSTERIORDB } from "../inference/mcmc/posteriordb/models.ts";
import { CLOSED_FORMS } from "./closedForms.ts";
import type { KnownModel } from "./known.ts";
import type { Moments } from "./quadrature.ts";
import { SERIES } from "./series.ts";

const examples = resolve(import.meta.dirname, "../../examples");
const tables = resolve(import.meta.dirname, "../cases/tables");
const posteriordb = join(process.env.SURMISE_DATA ?? "", "posteriordb");

async function table(path: string): Promise<unknown> {
  return columnsOf(await readTable(path));
}

/** The other mode of the mixture, with its kinds exchanged, has a share of exp(-16) of the posterior. */
const STARTS: Readonly<Record<string, KnownModel["from"]>> = {
  mixture: { share: [0.5, 0.5], centre: [-2, 2], width: [1, 1] },
};

/** An example, perhaps with its table. */
function example(name: string, csv?: string): KnownModel {
  const from = STARTS[name];
  return {
    load: async () => {
      const { default: model } = await import(join(examples, `${name}.ts`));
      return { model, data: csv && (await table(join(examples, csv))) };
    },
    ...(from && { from }),
  };
}

function ofCase({ model, table: csv, moments }: KnownPosterior): KnownModel {
  return {
    load: async () => ({
      model: model as Model<never, unknown>,
      data: csv && (await table(join(tables, csv))),
    }),
    moments,
  };
}

/** The elements of a reference of posteriordb count from 1. */
function ofReference(name: string): KnownModel {
  const { model, sites } = POSTERIORDB[name];
  const read = (file: string) => JSON.parse(readFileSync(join(posteriordb, name, file), "utf8"));
  const known: Record<string, { readonly mean: number; readonly sd: number }> =
    read("reference.json").parameters;
  const moments = Object.entries(known).flatMap(([element, { mean, sd }]) => {
    const [, site, number] = /^(\w+?)(?:\[(\d+)\])?$/.exec(element) as RegExpExecArray;
    const here = number === undefined ? site : `${site}[${Number(number) - 1}]`;
    return sites.includes(site) ? [[here, [mean, sd] as Moments] as const] : [];
  });
  return {
    load: async () => ({
      model: model(read("data.json")) as Model<never, unknown>,
      data: undefined,
    }),
    moments: Object.fromEntries(moments),
  };
}

/** Those of posteriordb, if its folder is in SURMISE_DATA. */
const referenced = existsSync(posteriordb) ? Object.keys(POSTERIORDB) : [];

const CASE_NAMES = ["yearly", "deaths", "members", "twoNumbers", "width1000", "sleep"] as const;

const LANGUAGE = [
  ...["censoring", "changePoint", "correlated", "curve", "grades", "hiddenMarkov", "kinds"],
  ...["missingCovariate", "lags", "volatility", "visits", "truncation"],
];

const WITH_TABLE = ["radon", "logistic", "nile", "mixture", "buses"];

/** By name; without posteriordb where it is not to be had. */
export const MODELS: Readonly<Record<string, KnownModel>> = {
  ...Object.fromEntries(referenced.map((name) => [name, ofReference(name)])),
  ...Object.fromEntries(CASE_NAMES.map((name) => [name, ofCase(CASES[name])])),
  ...Object.fromEntries(WITH_TABLE.map((name) => [name, example(name, `${name}.csv`)])),
  ...Object.fromEntries(LANGUAGE.map((name) => [name, example(join("language", name))])),
  ...CLOSED_FORMS,
  ...SERIES,
};
