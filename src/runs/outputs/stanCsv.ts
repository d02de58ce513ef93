/**
 * Draws of chains as CmdStan writes them: a CSV file for each chain in a folder, with comments that Stan's
 * `stansummary`, CmdStanR, CmdStanPy and ArviZ (`from_cmdstan`) read.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { SiteDraws, StatisticName } from "../../inference/index.ts";
import { positionsAt, SurmiseError, sizeOf } from "../../tensor/internal.ts";
import { writeDraft, writeInPieces } from "../files.ts";
import type { DrawsToSave, WriteProgress } from "./draws.ts";

/** The columns of the sampler, in their order. */
const SAMPLER: readonly (readonly [string, StatisticName])[] = [
  ["lp__", "logDensity"],
  ["accept_stat__", "acceptance"],
  ["stepsize__", "stepSize"],
  ["treedepth__", "depth"],
  ["n_leapfrog__", "leapfrogs"],
  ["divergent__", "diverging"],
  ["energy__", "energy"],
];

/** Numbers that are written at a time. */
const PIECE = 50_000;

/**
 * Writes `chain-1.csv`, `chain-2.csv`, ... into the folder `path`. Elements are numbered from 1, the first axis fastest:
 * `theta.2.1`. What Stan's names do not have becomes `_`.
 *
 * @throws SurmiseError if the draws are not those of chains, or the files cannot be written.
 */
export function writeStanCsv(
  path: string,
  draws: DrawsToSave,
  progress: WriteProgress = () => {},
): Promise<void> {
  const { chains, statistics, sites } = draws;
  if (chains === undefined || statistics === undefined) {
    throw new SurmiseError(
      "Stan CSV files are of Markov chains: choose a sampler, such as --method nuts, or another format",
    );
  }
  const each = draws.draws / chains;
  const columns = columnsOf(sites);
  const names = [...SAMPLER.map(([name]) => name), ...columns.map(({ name }) => name)];
  return writeDraft(path, async (draft) => {
    await mkdir(draft);
    for (let chain = 0; chain < chains; chain++) {
      await writeInPieces(join(draft, `chain-${chain + 1}.csv`), async (append) => {
        const { attributes = {} } = draws;
        await append(`${headOf(each, chain + 1, attributes)}${names.join(",")}\n`);
        const stepSize = statistics.stepSize[chain * each];
        await append(`# Adaptation terminated\n# Step size = ${stepSize}\n`);
        let piece: string[] = [];
        for (let i = 0; i < each; i++) {
          const d = chain * each + i;
          const row = [
            ...SAMPLER.map(([, name]) => statistics[name][d]),
            ...columns.map(({ site, at, size }) => site.data[d * size + at]),
          ];
          piece.push(`${row.map(number).join(",")}\n`);
          if (piece.length * row.length < PIECE && i < each - 1) continue;
          await append(piece.join(""));
          piece = [];
          progress((d + 1) / draws.draws);
        }
      });
    }
  });
}

/** What CmdStan says of itself and its settings, as far as readers look at it. */
function headOf(
  draws: number,
  chain: number,
  attributes: Readonly<Record<string, string | number>>,
): string {
  const lines = [
    "stan_version_major = 2",
    "stan_version_minor = 35",
    "stan_version_patch = 0",
    "model = model",
    "method = sample (Default)",
    "  sample",
    `    num_samples = ${draws}`,
    "    num_warmup = 0",
    "    save_warmup = 0",
    "    thin = 1 (Default)",
    "    adapt",
    "      engaged = 1 (Default)",
    "    algorithm = hmc (Default)",
    "      hmc",
    "        engine = nuts (Default)",
    "        metric = diag_e (Default)",
    `id = ${chain}`,
    ...Object.entries(attributes).map(([name, value]) => `${name} = ${value}`),
  ];
  return lines.map((line) => `# ${line}\n`).join("");
}

interface StanColumn {
  readonly name: string;
  readonly site: SiteDraws;
  readonly at: number;
  readonly size: number;
}

/** The elements of each site, the first axis fastest. */
function columnsOf(sites: DrawsToSave["sites"]): readonly StanColumn[] {
  const taken = new Set(SAMPLER.map(([name]) => name));
  return Object.entries(sites).flatMap(([original, site]) => {
    let name = original.replace(/[^\p{L}\p{N}_]/gu, "_");
    while (taken.has(name)) name += "_";
    taken.add(name);
    const size = sizeOf(site.axes);
    return Array.from({ length: size }, (_, i) => {
      const positions = positionsAt(site.axes.toReversed(), i).reverse();
      const at = positions.reduce((place, p, k) => place * site.axes[k].size + p, 0);
      return { name: [name, ...positions.map((p) => p + 1)].join("."), site, at, size };
    });
  });
}

/** As C++ reads it. */
function number(x: number): string {
  if (Number.isFinite(x)) return String(x);
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}
