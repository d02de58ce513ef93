/** Gaussian processes: unknown functions, by a kernel, exactly. */
import {
  ANYTHING,
  type Axis,
  axis,
  checkArguments,
  cholesky,
  describeAxes,
  either,
  epsilon,
  FUNCTION,
  maximum,
  OPERAND,
  type Operand,
  oncePerAxis,
  optional,
  optionsWith,
  type Precision,
  realNumber,
  rename,
  SurmiseError,
  solveLower,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../tensor/internal.ts";
import type { Distribution } from "../distribution.ts";
import { multivariateNormal } from "../families/multivariateNormal.ts";
import { normal } from "../families/normal.ts";
import { checkParameter } from "../parameters.ts";
import { NOT_NEGATIVE } from "../support/support.ts";
import { columnOf, KERNEL, type Kernel } from "./kernel.ts";

/** What a Gaussian process has beside its kernel. */
export interface ProcessOptions {
  /** The mean of the values, a function of the inputs or the same everywhere; 0 unless given. */
  readonly mean?: Operand | ((x: Tensor) => Operand);
  /** The standard deviation of noise that is added to each value, if it is not part of the kernel; 0 unless given. */
  readonly noise?: Operand;
  /**
   * What is added to the diagonal of covariances so that they have a Cholesky factor in spite of rounding, in parts of
   * the mean variance. Unless given, it is 1e-7 for each place, which lets chains of draws move; where there is noise,
   * what rounding asks for: 2^-23 for each place, and in float64 2^-52.
   */
  readonly jitter?: number;
}

/** A Gaussian process: values of an unknown function at any places, jointly normal. */
export interface GaussianProcess {
  /**
   * The distribution of the values at the places of `x` along `place`, with their noise:
   * a multivariate normal of mean(x) and covariance k(x, x') + noise^2. The work is n^3 / 3 operations for n places.
   *
   * @throws SurmiseError if `x` lacks an axis.
   */
  at(x: Tensor, place: Axis): Distribution;
  /**
   * Such values made of independent standard normal noise along `place` (the non-centred parametrisation):
   * mean(x) + L noise with L the Cholesky factor of their covariance.
   *
   * @throws SurmiseError if `x` or `noise` lack an axis.
   */
  values(noise: Tensor, x: Tensor, place: Axis): Tensor;
  /**
   * The process given that its values with their noise at the places of `x` along `place` are `y`.
   *
   * @throws SurmiseError if `x` or `y` lack an axis.
   */
  given(y: Tensor, x: Tensor, place: Axis): ConditionalProcess;
}

/** A Gaussian process given some of its values: predictions at new places. Noise of theirs they have none. */
export interface ConditionalProcess {
  /**
   * The joint distribution of the values at the places of `x` along `place`: normal with mean
   * m(x) + K (K' + noise^2)^-1 (y - m(x')) and covariance k - K (K' + noise^2)^-1 K^T (Rasmussen and Williams 2006,
   * equations 2.23 and 2.24), by triangular solves.
   *
   * @throws SurmiseError if `x` lacks an axis.
   */
  at(x: Tensor, place: Axis): Distribution;
  /** The distribution of the value at each place of `x` along `place` on its own: normals, in n^2 operations for each. */
  each(x: Tensor, place: Axis): Distribution;
}

/**
 * Jitter for each place of a process without noise, in parts of the mean variance: with less, chains of its values hardly
 * move.
 */
const JITTER_PER_PLACE = 1e-7;

/**
 * A Gaussian process with the given kernel: a distribution of functions, whose values at any places are jointly
 * normal. `at` is their distribution, to be observed or sampled; `values` are these made of independent normals, which
 * mixes better where data are few (the non-centred form); `given` are predictions.
 *
 * @throws SurmiseError if a known noise or the jitter is negative.
 *
 * @example
 * const f = gaussianProcess(squaredExponential({ scale, lengthscale }), { noise });
 * observe("y", f.at(x, place), y);
 * deterministic("new mean", f.given(y, x, place).each(newX, newPlace).mean());
 */
export function gaussianProcess(kernel: Kernel, options: ProcessOptions = {}): GaussianProcess {
  checkArguments("gaussianProcess", { kernel }, KERNEL);
  checkArguments(
    "gaussianProcess",
    { options },
    optionsWith<ProcessOptions>({
      mean: optional(either(FUNCTION, OPERAND)),
      noise: optional(OPERAND),
      jitter: ANYTHING,
    }),
  );
  const { mean: centre = 0, noise = 0, jitter: given } = options;
  checkParameter("gaussianProcess: noise", noise, NOT_NEGATIVE);
  if (given !== undefined) realNumber("gaussianProcess: jitter", given, { least: 0 });
  const isNoisy = noise !== 0 || kernel.hasNoise;
  const jitterOf = (x: Tensor, place: Axis, haveNoise: boolean) => {
    const average = kernel.averageVariance(x, place);
    if (given !== undefined) return average.mul(given);
    const each = haveNoise ? epsilon(average.dtype as Precision) : JITTER_PER_PLACE;
    return average.mul(place.size).mul(each);
  };
  const mean = (x: Tensor) => (typeof centre === "function" ? centre(x) : centre);
  const noiseVariance = typeof noise === "number" ? noise * noise : square(noise);
  const covariance = (x: Tensor, place: Axis) =>
    kernel.matrix(x, place, jitterOf(x, place, isNoisy).add(noiseVariance));
  return {
    at: (x, place) =>
      multivariateNormal(mean(x), { covariance: covariance(x, place) }, place, columnOf(place)),
    values(z, x, place) {
      requireAxis("values: noise", z, place);
      const column = columnOf(place);
      const factor = cholesky(covariance(x, place), place, column);
      return sum(factor.mul(rename(z, place, column)), column).add(mean(x));
    },
    given(y, x, place) {
      requireAxis("given: y", y, place);
      requireAxis("given: x", x, place);
      const from = knownAxis(place);
      const [known, values] = [rename(x, place, from), rename(y, place, from)];
      const column = columnOf(from);
      const factor = cholesky(covariance(known, from), from, column);
      const whiten = (b: Tensor) => solveLower(factor, b, from, column);
      const residual = whiten(values.sub(mean(known)));
      const predict = (at: Tensor, along: Axis) => {
        const explained = whiten(kernel.between(known, from, at, along));
        return { explained, mean: sum(explained.mul(residual), column).add(mean(at)) };
      };
      return {
        at(at, along) {
          const { explained, mean } = predict(at, along);
          const other = columnOf(along);
          const prior = kernel.matrix(at, along, jitterOf(at, along, kernel.hasNoise));
          const taken = sum(explained.mul(rename(explained, along, other)), column);
          return multivariateNormal(mean, { covariance: prior.sub(taken) }, along, other);
        },
        each(at, along) {
          const { explained, mean } = predict(at, along);
          const left = sum(square(explained), column).neg().add(kernel.variance(at, along));
          return normal(mean, sqrt(maximum(left, 0).add(jitterOf(at, along, isNoisy))));
        },
      };
    },
  };
}

/** An axis for known places, apart from that of new ones, which may be the same. */
const knownAxis = oncePerAxis((place) => axis(`${place.name} (known)`, place.size));

function requireAxis(what: string, x: Tensor, place: Axis): void {
  if (x.has(place)) return;
  throw new SurmiseError(
    `gaussianProcess, ${what} has axes ${describeAxes(x.axes)} and lacks '${place.name}'`,
  );
}
