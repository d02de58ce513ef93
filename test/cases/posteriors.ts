/** Models that people wrote, in their own units, with what is known of their posteriors. */
import { resolve } from "node:path";
import { columnsOf, readTable } from "../../src/data/index.ts";
import {
  bernoulli,
  halfNormal,
  lkjCholesky,
  multivariateNormal,
  normal,
  poisson,
} from "../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  nameOf,
  samplePosterior,
  summarise,
} from "../../src/inference/index.ts";
import { type Model, model } from "../../src/model/index.ts";
import type { Columns } from "../../src/tables/index.ts";
import { axis, exp, gather, log, sum, tensor } from "../../src/tensor/index.ts";

/** Mean and standard deviation. */
type Moments = readonly [mean: number, sd: number];

/** A model, the table it is fitted to, and moments of its posterior. */
export interface KnownPosterior {
  readonly model: Model<Columns, unknown>;
  /** A file in `tables/`; none for a model that has its data. */
  readonly table?: string;
  /** By the names of elements. */
  readonly moments: Readonly<Record<string, Moments>>;
}

const yearly = model<Columns, void>(({ sample, observe, plate }, { row, column }) => {
  const intercept = sample("intercept", normal(0, 100));
  const slope = sample("slope", normal(0, 1));
  const sigma = sample("sigma", halfNormal(1));
  const at = intercept.add(slope.mul(column("year")));
  plate(row, () => observe("temp", normal(at, sigma), column("temp")));
});

const deaths = model<Columns, void>(({ sample, observe, plate }, { row, column }) => {
  const intercept = sample("intercept", normal(0, 10));
  const age = sample("age", normal(0, 1));
  const smoker = sample("smoker", normal(0, 2));
  plate(row, () => {
    const risk = intercept.add(age.mul(column("age"))).add(smoker.mul(column("smoker")));
    const rate = exp(log(column("population")).add(risk));
    observe("deaths", poisson(rate), column("deaths"));
  });
});

const covariate = axis("covariate", 4, ["age", "tenure", "income", "score"]);
const members = model<Columns, void>(
  ({ sample, observe, plate }, { row, column, columnsAlong }) => {
    const intercept = sample("intercept", normal(0, 5));
    const beta = sample("beta", normal(0, 5).event(covariate));
    plate(row, () => {
      const logits = intercept.add(sum(columnsAlong(covariate).mul(beta), covariate));
      observe("y", bernoulli({ logits }), column("y"));
    });
  },
);

const datum = axis("datum", 20);
const x = Float32Array.from({ length: 20 }, (_, i) => 100 + i);
const y = x.map((at, i) => 3 + 0.5 * at + Math.sin(7 * i));
const twoNumbers = model<Columns, void>(({ sample, observe, plate }) => {
  const a = sample("a", normal(0, 100));
  const b = sample("b", normal(0, 1));
  const at = a.add(b.mul(tensor(x, [datum])));
  plate(datum, () => observe("y", normal(at, 1), tensor(y, [datum])));
});

/** Two numbers with priors of this width. */
const wide = (width: number) =>
  model<Columns, void>(({ sample, observe, plate }, { row, column }) => {
    const a = sample("a", normal(0, width));
    const s = sample("s", halfNormal(width));
    plate(row, () => observe("temp", normal(a, s), column("temp").sub(14)));
  });

const effect = axis("effect", 2, ["intercept", "slope"]);
const other = axis("other", 2);
const sleep = model<Columns, void>(
  ({ sample, observe, plate, deterministic }, { row, axisOf, column, indexOf }) => {
    const subject = axisOf("Subject");
    const b0 = sample("b0", normal(298.5, 50));
    const b1 = sample("b1", normal(0, 10));
    const sigma = sample("sigma", halfNormal(50));
    const tau = sample("tau", halfNormal(tensor([50, 20], [effect])).event(effect));
    const L = sample("L", lkjCholesky(2, effect, other));
    deterministic("rho", gather(gather(L, effect, 1), other, 0));
    const u = plate(subject, () =>
      sample("u", multivariateNormal(0, { factor: L.mul(tau) }, effect, other)),
    );
    plate(row, () => {
      const own = gather(u, subject, indexOf("Subject"));
      const change = b1.add(gather(own, effect, 1)).mul(column("Days"));
      const mean = b0.add(gather(own, effect, 0)).add(change);
      observe("Reaction", normal(mean, sigma), column("Reaction"));
    });
  },
);

const a: Moments = [0.01629, 0.03459];
const s: Moments = [0.2885, 0.0251];

/** By name. Moments are of 4000 draws of an independent sampler, or closed forms. */
export const POSTERIORS = {
  yearly: {
    model: yearly,
    table: "yearly.csv",
    moments: { intercept: [-9.669, 1.765], slope: [0.011935, 0.00089], sigma: [0.1498, 0.0132] },
  },
  deaths: {
    model: deaths,
    table: "deaths.csv",
    moments: { intercept: [-9.849, 0.092], age: [0.04712, 0.00194], smoker: [0.4727, 0.0431] },
  },
  members: {
    model: members,
    table: "members.csv",
    moments: {
      intercept: [-0.6216, 0.1699],
      "beta[age]": [0.9363, 0.7857],
      "beta[tenure]": [-0.4951, 0.782],
      "beta[income]": [0.3143, 0.3949],
      "beta[score]": [0.9504, 0.2143],
    },
  },
  twoNumbers: { model: twoNumbers, moments: { a: [5.2758, 4.2451], b: [0.47972, 0.038714] } },
  width1: { model: wide(1), table: "yearly.csv", moments: { a, s } },
  width10: { model: wide(10), table: "yearly.csv", moments: { a, s } },
  width100: { model: wide(100), table: "yearly.csv", moments: { a, s } },
  width1000: { model: wide(1000), table: "yearly.csv", moments: { a, s } },
  sleep: {
    model: sleep,
    table: "sleep.csv",
    moments: {
      b0: [252.5, 7.2],
      b1: [10.0, 1.7],
      sigma: [25.88, 1.566],
      "tau[slope]": [6.55, 1.5],
      rho: [0.08, 0.28],
    },
  },
} as const satisfies Readonly<Record<string, KnownPosterior>>;

const DRAWS = 4000;

/**
 * The largest error of means, in standard deviations, over 0.1, and of standard deviations, as a share, over 0.1, of a
 * fit at default settings, but for Monte Carlo errors of three standard errors: at most 1 where the fit is right.
 */
export async function worstError(name: keyof typeof POSTERIORS, method: MethodName) {
  const known: KnownPosterior = POSTERIORS[name];
  const { table } = known;
  const data =
    table === undefined
      ? undefined
      : columnsOf(await readTable(resolve(import.meta.dirname, "tables", table)));
  const options = { model: known.model, data: data as Columns, dtype: "float64" } as const;
  const rows = summarise(samplePosterior(fit({ ...options, method }), { draws: DRAWS }));
  const found = new Map(rows.map((row) => [nameOf(row), row]));
  const errors = Object.entries(known.moments).map(([element, [mean, sd]]) => {
    const row = found.get(element);
    if (row === undefined) return Number.NaN;
    // The reference has as many draws.
    const worth = Math.min(DRAWS, row.ess ?? DRAWS) / 2;
    const noise = 3 / Math.sqrt(worth);
    return Math.max(
      Math.abs(row.mean - mean) / sd / (0.1 + noise),
      Math.abs(row.sd / sd - 1) / (0.1 + noise / Math.SQRT2),
    );
  });
  return Math.max(...errors);
}
