/** The models of posteriordb whose reference draws are in the data folder, as their Stan programs write them. */
import {
  halfCauchy,
  improperUniform,
  normal,
  POSITIVE,
  REAL,
  uniform,
} from "../../../../src/distributions/index.ts";
import type { Model } from "../../../../src/model/index.ts";
import {
  axis,
  constant,
  gather,
  index,
  scan,
  sqrt,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../../../src/tensor/index.ts";

/** The data of a posterior, as they stand in its data.json. */
export type PosteriorData = Readonly<Record<string, number & readonly number[]>>;

type Plain = Model<undefined, unknown>;

/** A posterior: its model, and what the reference calls the elements of a site. */
export interface ReferencePosterior {
  /** The model given the data. */
  readonly model: (data: PosteriorData) => Plain;
  /** Sites that the reference knows, by the name that it gives them; all others are not compared. */
  readonly sites: readonly string[];
  /** Not all that is asked of the others can be asked of it: it is meant to diverge. */
  readonly hard?: true;
}

/** A linear regression with flat coefficients beta, and sigma from `spread`. */
const regression =
  (
    outcome: (data: PosteriorData) => readonly number[],
    predictors: (data: PosteriorData) => readonly (readonly number[] | 1)[],
    spread = improperUniform(POSITIVE),
  ) =>
  (data: PosteriorData): Plain => {
    const values = outcome(data);
    const given = predictors(data).map((column) => (column === 1 ? values.map(() => 1) : column));
    const [row, coefficient] = [axis("row", values.length), axis("coefficient", given.length)];
    const x = tensor(given.flat(), [coefficient, row]);
    return ({ sample, observe, plate }) => {
      const beta = sample("beta", improperUniform(REAL).event(coefficient));
      const sigma = sample("sigma", spread);
      const mean = sum(beta.mul(x), coefficient);
      plate(row, () => observe("y", normal(mean, sigma), tensor(values, [row])));
    };
  };

const logs = (values: readonly number[]) => values.map(Math.log);
const times = (a: readonly number[], b: readonly number[]) => a.map((x, i) => x * b[i]);
const is = (values: readonly number[], one: number) => values.map((x) => (x === one ? 1 : 0));

const schools =
  (centred: boolean) =>
  ({ J, y, sigma }: PosteriorData): Plain => {
    const school = axis("school", J);
    return ({ sample, observe, plate, deterministic }) => {
      const mu = sample("mu", normal(0, 5));
      const tau = sample("tau", halfCauchy(5));
      plate(school, () => {
        const theta = centred
          ? sample("theta", normal(mu, tau))
          : deterministic("theta", mu.add(tau.mul(sample("eta", normal(0, 1)))));
        observe("y", normal(theta, tensor(sigma, [school])), tensor(y, [school]));
      });
    };
  };

const autoregression = ({ K, T, y }: PosteriorData): Plain => {
  const [lag, all, time] = [axis("lag", K), axis("all", T), axis("time", T - K)];
  const series = tensor(y, [all]);
  // y_(t-k), of t = K + time and k = lag + 1.
  const before = gather(
    series,
    all,
    index(time)
      .add(K - 1)
      .sub(index(lag)),
  );
  return ({ sample, observe, plate }) => {
    const alpha = sample("alpha", normal(0, 10));
    const beta = sample("beta", normal(0, 10).event(lag));
    const sigma = sample("sigma", halfCauchy(2.5));
    plate(time, () => {
      const mean = alpha.add(sum(beta.mul(before), lag));
      observe("y", normal(mean, sigma), gather(series, all, index(time).add(K)));
    });
  };
};

const garch = ({ T, y, sigma1 }: PosteriorData): Plain => {
  const time = axis("time", T);
  const series = tensor(y, [time]);
  return ({ sample, observe, plate }) => {
    const mu = sample("mu", improperUniform(REAL));
    const alpha0 = sample("alpha0", improperUniform(POSITIVE));
    const alpha1 = sample("alpha1", uniform(0, 1));
    const high = constant(1).sub(alpha1);
    const beta1 = sample("beta1", improperUniform({ kind: "interval", low: constant(0), high }));
    const { outputs } = scan(time, { s2: constant((sigma1 as number) ** 2) }, ({ s2 }, { at }) => {
      const next: Tensor = alpha0.add(alpha1.mul(square(at(series).sub(mu)))).add(beta1.mul(s2));
      return { carries: { s2: next }, outputs: { s2 } };
    });
    plate(time, () => observe("y", normal(mu, sqrt(outputs.s2)), series));
  };
};

/** By their names in posteriordb. */
export const POSTERIORS: Readonly<Record<string, ReferencePosterior>> = {
  "arK-arK": { model: autoregression, sites: ["alpha", "beta", "sigma"] },
  "earnings-logearn_height": {
    model: regression(
      ({ earn }) => logs(earn),
      ({ height }) => [1, height],
    ),
    sites: ["beta", "sigma"],
  },
  "eight_schools-eight_schools_centered": {
    model: schools(true),
    sites: ["theta", "mu", "tau"],
    hard: true,
  },
  "eight_schools-eight_schools_noncentered": {
    model: schools(false),
    sites: ["theta", "mu", "tau"],
  },
  "garch-garch11": { model: garch, sites: ["mu", "alpha0", "alpha1", "beta1"] },
  "kidiq-kidscore_interaction": {
    model: regression(
      ({ kid_score }) => kid_score,
      ({ mom_hs, mom_iq }) => [1, mom_hs, mom_iq, times(mom_hs, mom_iq)],
      halfCauchy(2.5),
    ),
    sites: ["beta", "sigma"],
  },
  "kidiq-kidscore_momiq": {
    model: regression(
      ({ kid_score }) => kid_score,
      ({ mom_iq }) => [1, mom_iq],
      halfCauchy(2.5),
    ),
    sites: ["beta", "sigma"],
  },
  "mesquite-logmesquite": {
    model: regression(
      ({ weight }) => logs(weight),
      ({ diam1, diam2, canopy_height, total_height, density, group }) => [
        1,
        ...[diam1, diam2, canopy_height, total_height, density].map(logs),
        group,
      ],
    ),
    sites: ["beta", "sigma"],
  },
  "nes1980-nes": {
    model: regression(
      ({ partyid7 }) => partyid7,
      ({ real_ideo, race_adj, age_discrete, educ1, gender, income }) => [
        ...[1 as const, real_ideo, race_adj],
        ...[2, 3, 4].map((age) => is(age_discrete, age)),
        ...[educ1, gender, income],
      ],
    ),
    sites: ["beta", "sigma"],
  },
};
