/**
 * Gaussian models with everything known in closed form, in float64.
 *
 * One mean:    z ~ normal(0, 1),  x_i ~ normal(z, s) for each datum i
 * Local means: z_i ~ normal(0, 1), x_i ~ normal(z_i, s) for each datum i
 */
import { normal } from "../../src/distributions/index.ts";
import { model, type ParamStore, paramStore } from "../../src/model/index.ts";
import {
  type Axis,
  axis,
  constant,
  fold,
  index,
  type Key,
  key,
  type Operand,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";

export const f64 = (x: number) => constant(x, "float64");

export const X = [0.9, -0.3, 2.1, 1.4];
export const S = 0.8;
export const datum = axis("datum", X.length);
export const x = tensor(X, [datum], "float64");

/** Independent repetitions of everything random: an axis that the key varies over. */
export const rep = axis("rep", 4000);
export const repeatedKey = (seed: number): Key => fold(key(seed), index(rep));

export interface Data {
  readonly x: Tensor;
  readonly datum: Axis;
  readonly total?: number;
}

export const all: Data = { x, datum };
const options = ({ total }: Data) => (total === undefined ? {} : { total });

export const oneMean = model(({ sample, observe, plate }, data: Data) => {
  const z = sample("z", normal(f64(0), 1));
  plate(data.datum, () => observe("x", normal(z, S), data.x), options(data));
});

export const oneMeanGuide = (mean: Operand, sd: Operand) =>
  model(({ sample }) => {
    sample("z", normal(mean, sd));
  });

export const localMeans = model(({ sample, observe, plate }, data: Data) => {
  plate(
    data.datum,
    () => {
      const z = sample("z", normal(f64(0), 1));
      observe("x", normal(z, S), data.x);
    },
    options(data),
  );
});

/** q(z_i) = normal(slope x_i, sd): the posterior at slope 1 / (1 + s^2), sd s / sqrt(1 + s^2). */
export const localGuide = (slope: Operand, sd: Operand) =>
  model(({ sample, plate }, data: Data) => {
    plate(data.datum, () => sample("z", normal(data.x.mul(slope), sd)));
  });

export const localPosterior = localGuide(f64(1 / (1 + S * S)), S / Math.sqrt(1 + S * S));

const N = X.length;
const SUM = X.reduce((a, b) => a + b);
const SQUARES = X.reduce((a, b) => a + b * b, 0);

/** Of the one mean. */
export const posterior = {
  mean: SUM / (S * S + N),
  sd: Math.sqrt(1 / (1 + N / (S * S))),
};

/** log p(x) of the one mean: x is normal with covariance s^2 I + 1 1'. */
export const logEvidence =
  -0.5 * N * Math.log(2 * Math.PI * S * S) -
  0.5 * Math.log(1 + N / (S * S)) -
  (0.5 * (SQUARES - SUM ** 2 / (S * S + N))) / (S * S);

/** log p(x_i) of the local means. */
export const localEvidence = X.map(
  (xi) => -0.5 * Math.log(2 * Math.PI * (1 + S * S)) - (0.5 * xi * xi) / (1 + S * S),
);

/** KL(normal(m, v^(1/2)) || normal(0, 1)). */
export const divergence = (m: number, sd: number) => 0.5 * (sd * sd + m * m - 1) - Math.log(sd);

/** The ELBO of the one mean with q = normal(m, sd). */
export const elbo = (m: number, sd: number) =>
  X.map(
    (xi) => -0.5 * Math.log(2 * Math.PI * S * S) - ((xi - m) ** 2 + sd * sd) / (2 * S * S),
  ).reduce((a, b) => a + b) - divergence(m, sd);

export const store = (): ParamStore => paramStore();
