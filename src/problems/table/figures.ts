/** Sections of a report that show draws: chains, approximations, predictions. */
import {
  type ChainDraws,
  eBfmi,
  type FittedDraws,
  MOST_RELIABLE_K,
  nameOf,
  type Observations,
  type PosteriorDraws,
  type Summary,
} from "../../inference/internal.ts";
import {
  type ChainVariable,
  densityChart,
  energyChart,
  type Figure,
  kHatChart,
  pairChart,
  pitChart,
  predictiveChart,
  type ReportSection,
  rankChart,
  renderChart,
  traceChart,
  type VegaLiteSpec,
} from "../../report/index.ts";
import { labelsAt, sizeOf } from "../../tensor/internal.ts";
import type { Predicted } from "./predictions.ts";

/** Numbers that traces, ranks and densities show, and that pairs show. */
const [MOST_SHOWN, MOST_IN_PAIRS] = [6, 4];

async function figure(chart: VegaLiteSpec, caption: string): Promise<Figure> {
  return { svg: await renderChart(chart), caption };
}

/** How the draws were made, as far as pictures say so: of chains, or of an approximation. */
export async function drawsSection(
  draws: ChainDraws | FittedDraws,
  summary: readonly Summary[],
): Promise<readonly ReportSection[]> {
  if (draws.draws < 10) return [];
  const rows = worthShowing(draws, summary);
  if (rows.length === 0) return [];
  const variables = rows.slice(0, MOST_SHOWN).map((row) => variableOf(draws, row));
  const most =
    rows.length > MOST_SHOWN
      ? ` ${MOST_SHOWN} of ${rows.length}: single numbers first, then the elements of least effective sample size.`
      : "";
  if ("statistics" in draws) return [await chainsSection(draws, variables, most)];
  return [await approximationSection(draws, variables, most)];
}

async function chainsSection(
  { chains, statistics }: ChainDraws,
  variables: readonly ChainVariable[],
  most: string,
): Promise<ReportSection> {
  const of = { chains, variables };
  const figures = [
    await figure(
      traceChart(of),
      `The draws in their order: chains should lie on one another.${most}`,
    ),
  ];
  if (chains > 1) {
    figures.push(
      await figure(
        rankChart(of),
        "Where the draws of each chain, in its colour, stand among those of all, from the least to the largest: bars should be " +
          "alike. The grey band holds 99% of the bars of independent draws; those of a chain lie less evenly.",
      ),
    );
  }
  figures.push(await figure(densityChart(of), "Where the draws of each chain lie."));
  if (variables.length > 1) {
    const few = { chains, variables: variables.slice(0, MOST_IN_PAIRS) };
    const bad = statistics.diverging.reduce((a, b) => a + b, 0);
    figures.push(
      await figure(
        pairChart(few, statistics.diverging),
        `Each number against each other${bad > 0 ? "; orange: draws that ended in a divergence" : ""}.`,
      ),
    );
  }
  if (statistics.energy.some((x) => x !== statistics.energy[0])) {
    const each = statistics.energy.length / chains;
    const found = Array.from({ length: chains }, (_, c) =>
      eBfmi(statistics.energy.subarray(c * each, (c + 1) * each)).toFixed(2),
    );
    figures.push(
      await figure(
        energyChart(statistics.energy, chains),
        `Where changes are much narrower than energies, the tails are explored slowly. E-BFMI of each chain: ${found.join(", ")} ` +
          "(good above 0.3).",
      ),
    );
  }
  return { title: "Chains", figures };
}

async function approximationSection(
  draws: FittedDraws,
  variables: readonly ChainVariable[],
  most: string,
): Promise<ReportSection> {
  const chart = densityChart({ chains: 1, variables });
  const figures = [await figure(chart, `Where the draws lie.${most}`)];
  const { sites, threshold = MOST_RELIABLE_K } = draws.reliability ?? {};
  const kHat = Object.values(sites ?? {}).flatMap((each) => [...each]);
  if (kHat.length > 0) {
    figures.push(
      await figure(
        kHatChart("k-hat of each element", "element, in the order of the table", kHat, threshold),
        "Whether the approximation covers the posterior of each element of the latents well enough for its mean and standard " +
          "deviation: below the line it does.",
      ),
    );
  }
  return { title: "Approximation", figures };
}

/** Rows of continuous latents that vary: single numbers first, and those of least effective sample size. */
function worthShowing({ sites }: PosteriorDraws, summary: readonly Summary[]): readonly Summary[] {
  const known = summary.filter(({ site, sd, notFinite }) => {
    const { kind, values } = sites[site];
    return kind === "latent" && values === undefined && sd > 0 && notFinite === undefined;
  });
  const worth = ({ ess, essBulk, essTail }: Summary) =>
    Math.min(
      ess ?? Number.POSITIVE_INFINITY,
      essBulk ?? Number.POSITIVE_INFINITY,
      essTail ?? Number.POSITIVE_INFINITY,
    );
  const byWorth = (rows: readonly Summary[]) => [...rows].sort((a, b) => worth(a) - worth(b));
  const single = known.filter(({ element }) => element.length === 0);
  const others = known.filter(({ element }) => element.length > 0);
  const chosen = [...(single.length <= MOST_SHOWN ? single : byWorth(single)), ...byWorth(others)];
  const shown = new Set(chosen.slice(0, MOST_SHOWN));
  return [...known.filter((row) => shown.has(row)), ...chosen.slice(MOST_SHOWN)];
}

function variableOf({ draws, sites }: PosteriorDraws, row: Summary): ChainVariable {
  const { axes, data } = sites[row.site];
  const size = sizeOf(axes);
  const label = row.element.join("\n");
  const at = Array.from({ length: size }, (_, i) => i).find(
    (i) => labelsAt(axes, i).join("\n") === label,
  );
  const values = Float64Array.from({ length: draws }, (_, d) => data[d * size + (at ?? 0)]);
  return { name: nameOf(row), values };
}

/** Draws of each site in a picture; sites in pictures. */
const [MOST_DRAWS, MOST_SITES] = [40, 4];

/** Data beside what the fitted model makes, and how well each observation is predicted that is left out. */
export async function predictionsSection(
  { predictive, pit, kHat, result }: Predicted,
  observations: Observations,
): Promise<ReportSection> {
  const figures: Figure[] = [];
  const compared = Object.keys(predictive.sites).filter((site) =>
    result.checks.some((check) => check.site === site),
  );
  for (const site of compared.slice(0, MOST_SITES)) {
    const { data, counts } = observations[site];
    const seen = (values: Float64Array) => values.filter((_, i) => counts[i] !== 0);
    const size = data.length;
    const count = Math.min(MOST_DRAWS, predictive.draws);
    const draws = Array.from({ length: count }, (_, k) => {
      const d = Math.floor((k * predictive.draws) / count);
      return seen(predictive.sites[site].data.subarray(d * size, (d + 1) * size));
    });
    figures.push(
      await figure(
        predictiveChart(site, seen(data), draws),
        `The data of ${site} beside ${count} data sets that the fitted model makes (posterior predictive check).`,
      ),
    );
  }
  for (const { site, values } of pit.slice(0, MOST_SITES)) {
    if (values.length < 5) continue;
    figures.push(
      await figure(
        pitChart(site, values),
        `Which share of its predictions, made without it, lies below each observation of ${site} (LOO-PIT): its distribution less ` +
          "the uniform one. A right model stays in the band in 99% of data sets.",
      ),
    );
  }
  const { elpd, standardError, parameters, limit, above } = result.loo;
  figures.push(
    await figure(
      kHatChart("k-hat of leaving one out", "observation", kHat, limit),
      "Above the line an observation is too influential for the posterior without it to be had by weights.",
    ),
  );
  const short = (x: number) => Number(x.toPrecision(4));
  return {
    title: "Predictions",
    text:
      `Expected log predictive density, each of ${result.observations} observations left out: ${elpd.toFixed(2)} ± ` +
      `${standardError.toFixed(2)} nats, with ${parameters.toFixed(2)} effective parameters; k-hat is too large for ${above}. ` +
      "The table holds the data against data that the fitted model makes: quantiles over the draws, and p, the share of the " +
      "draws above the data, which should be neither near 0 nor near 1.",
    figures,
    ...(result.checks.length > 0 && {
      table: {
        columns: ["", "data", "5%", "50%", "95%", "p"],
        rows: result.checks.map(({ site, statistic, data, q5, median, q95, pValue }) => [
          `${statistic} of ${site}`,
          ...[data, q5, median, q95].map(short),
          pValue.toFixed(2),
        ]),
      },
    }),
  };
}
