/** Draws in the form that ArviZ reads: `arviz.from_json("posterior.json")`, in Python. */
import type {
  ChainDraws,
  PosteriorDraws,
  SiteDraws,
  StatisticName,
} from "../../inference/index.ts";
import type { Axis } from "../../tensor/index.ts";

type Nested = number | readonly Nested[];

/** What ArviZ calls what is known of each draw. */
const STATISTICS: Readonly<Record<StatisticName, string>> = {
  logDensity: "lp",
  energy: "energy",
  acceptance: "acceptance_rate",
  stepSize: "step_size",
  leapfrogs: "n_steps",
  depth: "tree_depth",
  diverging: "diverging",
};

/**
 * The posterior group as nested lists, by variable: chains (one, if the draws are of none), draws, then the axes of the
 * site; and of chains, the group of sample statistics.
 * `coords` holds the labels, or places, along each axis, `dims` the axes of each variable.
 */
export function arviz(
  {
    draws,
    chains = 1,
    sites,
    statistics,
  }: PosteriorDraws & Partial<Pick<ChainDraws, "statistics">>,
  attributes: Readonly<Record<string, string | number>>,
) {
  const names = dimensionNames(Object.values(sites));
  const nested = ({ axes, data }: SiteDraws): Nested =>
    nest(data, [chains, draws / chains, ...axes.map(({ size }) => size)]);
  const entries = Object.entries(sites);
  return {
    posterior: Object.fromEntries(entries.map(([name, site]) => [name, nested(site)])),
    ...(statistics && {
      sample_stats: Object.fromEntries(
        Object.entries(STATISTICS).map(([name, theirs]) => {
          const data = statistics[name as StatisticName];
          return [theirs, nest(data, [chains, draws / chains])];
        }),
      ),
    }),
    coords: Object.fromEntries(
      [...names].map(([{ size, labels }, name]) => [
        name,
        labels ?? Array.from({ length: size }, (_, i) => i),
      ]),
    ),
    dims: Object.fromEntries(
      entries.map(([name, { axes }]) => [name, axes.map((a) => names.get(a))]),
    ),
    attrs: attributes,
  };
}

/** A name for each axis; different axes of one name are numbered. */
function dimensionNames(sites: readonly SiteDraws[]): ReadonlyMap<Axis, string> {
  const names = new Map<Axis, string>();
  for (const a of sites.flatMap(({ axes }) => axes)) {
    if (names.has(a)) continue;
    const taken = [...names.keys()].filter(({ name }) => name === a.name).length;
    names.set(a, taken === 0 ? a.name : `${a.name}_${taken + 1}`);
  }
  return names;
}

/** A number in no more digits than tell it apart: nine do among those of float32. */
function shortest(x: number): number {
  return Math.fround(x) === x ? Number(x.toPrecision(9)) : x;
}

/** Flat values, last axis fastest, as nested lists. */
function nest(data: Float64Array, shape: readonly number[], from = 0): Nested {
  const [size, ...rest] = shape;
  if (size === undefined) return shortest(data[from]);
  const stride = rest.reduce((a, b) => a * b, 1);
  return Array.from({ length: size }, (_, i) => nest(data, rest, from + i * stride));
}
