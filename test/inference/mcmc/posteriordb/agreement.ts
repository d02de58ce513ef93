/** How far the draws of a sampler are from a reference. */
import {
  type ChainDraws,
  chainWarnings,
  mcseMean,
  mcseSd,
  summarise,
} from "../../../../src/inference/index.ts";

/** Of the elements of a site in row-major order: mean, standard deviation, and the Monte Carlo standard errors of both. */
export type ReferenceMoments = readonly (readonly [
  mean: number,
  sd: number,
  mcseMean: number,
  mcseSd: number,
])[];

/** What draws are judged by. */
export interface Agreement {
  /** Of the elements that the reference knows, the largest. */
  readonly rhat: number;
  /** Whether R-hat is no reason for a warning: what exceeds 1.01 may be chance where there are few effective draws. */
  readonly isMixed: boolean;
  /** The smallest, of bulk and tail. */
  readonly ess: number;
  /** Draws at the end of a divergent trajectory. */
  readonly divergent: number;
  /** Steps of a draw. */
  readonly leapfrogs: number;
  /** The largest distance of a mean or a standard deviation, in standard errors of both. */
  readonly apart: number;
}

/** Compares draws with what is known of sites. */
export function agreement(
  draws: ChainDraws,
  reference: Readonly<Record<string, ReferenceMoments>>,
): Agreement {
  const rows = summarise(draws).filter(({ site }) => Object.hasOwn(reference, site));
  const apart = rows.map(({ site, mean, sd }, i) => {
    const at = i - rows.findIndex((row) => row.site === site);
    const [knownMean, knownSd, errorOfMean, errorOfSd] = reference[site][at];
    const { data } = draws.sites[site];
    const size = data.length / draws.draws;
    const values = Float64Array.from({ length: draws.draws }, (_, d) => data[d * size + at]);
    const chains = { values, chains: draws.chains };
    const ofMean = Math.abs(mean - knownMean) / Math.hypot(mcseMean(chains), errorOfMean);
    const ofSd = Math.abs(sd - knownSd) / Math.hypot(mcseSd(chains), errorOfSd);
    return Math.max(ofMean, ofSd);
  });
  const { diverging, leapfrogs } = draws.statistics;
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  return {
    isMixed: !chainWarnings(draws, rows).some((warning) => warning.startsWith("R-hat")),
    rhat: Math.max(...rows.map((row) => row.rhat ?? Number.NaN)),
    ess: Math.min(
      ...rows.map((row) => Math.min(row.essBulk ?? Number.NaN, row.essTail ?? Number.NaN)),
    ),
    divergent: sum(diverging),
    leapfrogs: sum(leapfrogs) / draws.draws,
    apart: Math.max(...apart),
  };
}

/** Lines of a table, collected while tests run. */
export class AgreementTable {
  private readonly rows: string[][] = [];

  add(name: string, { rhat, ess, divergent, leapfrogs, apart }: Agreement, seconds: number): void {
    this.rows.push([
      ...[name, rhat.toFixed(4), ess.toFixed(0), `${divergent}`, leapfrogs.toFixed(1)],
      ...[apart.toFixed(2), seconds.toFixed(1)],
    ]);
  }

  /** What to print. */
  lines(): readonly string[][] {
    return this.rows;
  }
}

/** Of its columns. */
export const AGREEMENT_COLUMNS = [
  "model",
  "R-hat",
  "ESS",
  "divergent",
  "steps a draw",
  "errors apart",
  "seconds",
];
