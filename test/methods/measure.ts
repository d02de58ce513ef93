/** One method on one model: how far its answer is from the known one, and what it says of itself. */
import { existsSync, readFileSync } from "node:fs";
import {
  chainWarnings,
  fit,
  type MethodName,
  nameOf,
  reliabilityWarnings,
  SAMPLERS,
  type SamplerName,
  type Summary,
  sample,
  samplePosterior,
  summarise,
} from "../../src/inference/index.ts";
import { draw, trace } from "../../src/model/index.ts";
import { key, SurmiseError } from "../../src/tensor/index.ts";
import type { KnownModel } from "./known.ts";
import type { Moments } from "./quadrature.ts";

/** What came out. */
export interface Row {
  readonly model: string;
  readonly method: string;
  /** Time of fit and draws, compiling included. */
  readonly seconds: number;
  /** Instead of an answer. */
  readonly refusal?: string;
  /** The largest error of a mean, in standard deviations of the posterior. */
  readonly error?: number;
  /** The smallest and the largest standard deviation, over the right one; none of a point. */
  readonly ratios?: readonly [least: number, most: number];
  /** The largest error over what is allowed: 0.1 sd or a tenth of the sd, and three standard errors. */
  readonly overAllowed?: number;
  readonly kHat?: number;
  readonly warnings?: readonly string[];
}

/** The methods that are measured. */
export const MEASURED = [
  ...([
    "vi",
    "structured",
    "flow",
    "mixture",
    "vcd",
    "iwae",
    "rws",
    "mp",
    "laplace",
    "pathfinder",
    "map",
  ] as const),
  "nuts",
] as const satisfies readonly (MethodName | SamplerName)[];

const REFERENCES = new URL("references.json", import.meta.url);

/** Of models without closed forms: the moments of long runs, by model. */
export function references(): Record<string, Record<string, Moments>> {
  return existsSync(REFERENCES) ? JSON.parse(readFileSync(REFERENCES, "utf8")) : {};
}

/** Draws, as the command line makes by default. */
const DRAWS = 1000;
/** What draws are taken to be worth at least: fewer are no excuse. */
const LEAST_WORTH = 400;
/** Elements of a site that are compared, and of long runs kept. */
const MOST_ELEMENTS = 40;
/** Of the long runs. */
const LONG = { chains: 4, warmup: 1000, draws: 5000, targetAccept: 0.95, seed: 11 };

/** The moments of a long run of chains: of all continuous latents, and what its R-hat is at most. */
export async function longRun({ load, from }: KnownModel) {
  const { model, data } = await load();
  const traced = trace(model, data as never, draw(key(0)));
  const continuous = new Set(
    traced.latents.flatMap(({ name, distribution: { dtype } }) =>
      dtype === "float32" || dtype === "float64" ? [name] : [],
    ),
  );
  const rows = summarise(
    await sample(model, data as never, { ...LONG, ...(from && { init: from }) }),
  );
  const counts = new Map<string, number>();
  const kept = rows.filter(({ site }) => {
    counts.set(site, (counts.get(site) ?? 0) + 1);
    return continuous.has(site) && (counts.get(site) as number) <= MOST_ELEMENTS;
  });
  const short = (x: number) => Number(x.toPrecision(5));
  return {
    moments: Object.fromEntries(
      kept.map((row) => [nameOf(row), [short(row.mean), short(row.sd)] as const]),
    ),
    rHat: Math.max(...kept.map(({ rhat = 1 }) => rhat)),
  };
}

/** Fits by one method at default settings, and compares. */
export async function measure(
  name: string,
  known: KnownModel,
  method: (typeof MEASURED)[number],
  draws = DRAWS,
): Promise<Row> {
  const { model, data } = await known.load();
  const moments = known.moments ?? references()[name];
  if (moments === undefined) throw new Error(`${name}: no known moments`);
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  try {
    const { summary, warnings, kHat } = Object.hasOwn(SAMPLERS, method)
      ? await sampled(model, data, draws)
      : fitted(model, data, method as MethodName, draws);
    const row = { model: name, method, seconds: elapsed() };
    return {
      ...row,
      ...errorsOf(byElement(summary), moments, method === "map"),
      ...(kHat !== undefined && { kHat }),
      warnings,
    };
  } catch (cause) {
    const isRefusal = cause instanceof SurmiseError;
    const refusal = isRefusal ? cause.message : `FAULT: ${(cause as Error).stack}`;
    return { model: name, method, seconds: elapsed(), refusal };
  }
}

type Loaded = Awaited<ReturnType<KnownModel["load"]>>;

async function sampled(model: Loaded["model"], data: Loaded["data"], count: number) {
  const draws = await sample(model, data as never, { draws: count });
  const summary = summarise(draws);
  return { summary, warnings: chainWarnings(draws, summary), kHat: undefined };
}

function fitted(model: Loaded["model"], data: Loaded["data"], method: MethodName, count: number) {
  const trained = fit({ model, data: data as never, method, dtype: "float64" });
  const draws = samplePosterior(trained, { draws: count });
  const { reliability = {} } = draws;
  const summary = summarise(draws);
  return { summary, warnings: reliabilityWarnings(reliability), kHat: reliability.kHat };
}

function byElement(rows: readonly Summary[]): ReadonlyMap<string, Summary> {
  return new Map(rows.map((row) => [nameOf(row), row]));
}

/** The moments of draws, and how many independent ones they are worth, if that is known. */
type Found = Pick<Summary, "mean" | "sd" | "ess" | "essBulk">;

/** How far moments, by the names of elements, are from the known ones. */
export function errorsOf(
  found: ReadonlyMap<string, Found>,
  moments: Readonly<Record<string, Moments>>,
  isPoint = false,
): Pick<Row, "error" | "ratios" | "overAllowed"> {
  let [error, least, most, overAllowed] = [0, Number.POSITIVE_INFINITY, 0, 0];
  for (const [element, [mean, sd]] of Object.entries(moments)) {
    // The corner of a Cholesky factor of correlations is 0, and 1.
    if (sd === 0) continue;
    const row = found.get(element);
    if (row === undefined) throw new Error(`there is no element '${element}'`);
    const away = Math.abs(row.mean - mean) / sd;
    const ratio = row.sd / sd;
    const noise = 3 / Math.sqrt(Math.max(LEAST_WORTH, row.ess ?? row.essBulk ?? DRAWS));
    error = Math.max(error, away);
    [least, most] = [Math.min(least, ratio), Math.max(most, ratio)];
    overAllowed = Math.max(overAllowed, away / (0.1 + noise), Math.abs(ratio - 1) / (0.1 + noise));
  }
  return isPoint ? { error } : { error, ratios: [least, most], overAllowed };
}
