/** Matrices, supports that move, cutpoints and a family of one's own, joined with other words. */
import {
  axis,
  type Bijection,
  censored,
  constant,
  distribution,
  exp,
  gamma,
  gather,
  halfNormal,
  inverseWishartCholesky,
  lkjCholesky,
  log,
  mixture,
  model,
  multivariateNormal,
  multivariateStudentT,
  NOT_NEGATIVE,
  normal,
  ordered,
  orderedLogistic,
  POSITIVE,
  square,
  studentT,
  sum,
  type Tensor,
  tensor,
  transformed,
  truncated,
  uniform,
} from "../../../../src/index.ts";
import * as plain from "../../../densities.ts";
import { logistic } from "../../simulation.ts";
import type { Formulas, Values } from "../formula.ts";

const { total, rowsOf } = plain;
const place = axis("place", 6);
const where = [0, 0.7, 1.1, 2, 2.6, 3.5];
const counts = [0, 3, 1, 0, 6, 4];
const reals = [0.2, 1.4, -0.3, 2.1, 1.7, 0.1];
const flags = [0, 0, 1, 0, 1, 0];
const over = (x: readonly number[]) => tensor(x, [place]);
const marked = (x: readonly number[]) => tensor(Uint8Array.from(x), [place]);

/** Slopes that vary together by group, non-centred, with outliers in the outcome. */
function slopes() {
  const [group, effect, other] = [axis("group", 3), axis("effect", 2), axis("other", 2)];
  const of = [0, 1, 2, 0, 1, 2];
  const design = where.map((x) => [1, x]);
  return {
    model: model(({ sample, observe, plate }) => {
      const mean = sample("mean", normal(0, 1).event(effect));
      const sd = sample("sd", halfNormal(1).event(effect));
      const factor = sample("factor", lkjCholesky(2, effect, other)).mul(sd);
      const z = plate(group, () => sample("z", normal(0, 1).event(other)));
      const own = mean.add(sum(factor.mul(z), other));
      plate(place, () => {
        const here = gather(own, group, tensor(of, [place]));
        const line = sum(here.mul(tensor(design, [place, effect])), effect);
        observe("y", truncated(studentT(3, line, 1), { lower: -2 }), over(reals));
      });
    }),
    logDensity: ({ mean, sd, factor, z }: Values) => {
      const [rows, noise] = [rowsOf(factor, 2), rowsOf(z, 2)];
      const weights = plain.scaledRows(rows, sd);
      // The distribution function of a t of three degrees.
      const below = (t: number) => {
        const u = t / Math.sqrt(3);
        return 0.5 + (u / (1 + u ** 2) + Math.atan(u)) / Math.PI;
      };
      return (
        total(2, (k) => plain.normal(mean[k]) + plain.halfNormal(sd[k])) +
        plain.lkjCholesky(rows, 2) +
        total(6, (i) => plain.normal(z[i])) +
        total(6, (i) => {
          const own = [0, 1].map((k) => mean[k] + total(2, (j) => weights[k][j] * noise[of[i]][j]));
          const line = own[0] + own[1] * where[i];
          return plain.studentT(reals[i], 3, line, 1) - Math.log1p(-below(-2 - line));
        })
      );
    },
  };
}

/** A scatter matrix with an inverse Wishart prior, of values with outliers. */
function scatter() {
  const [part, other] = [axis("part", 2), axis("other", 2)];
  const y = reals.map((v, i) => [v, 0.5 * v - counts[i] / 4]);
  return {
    model: model(({ sample, observe, plate }) => {
      const unit = tensor([1, 0, 0.5, 1.2], [part, other]);
      const factor = sample("factor", inverseWishartCholesky(5, unit, part, other));
      const mean = sample("mean", multivariateNormal(0, { factor }, part, other));
      plate(place, () =>
        observe(
          "y",
          multivariateStudentT(4, mean, { factor }, part, other),
          tensor(y, [place, part]),
        ),
      );
    }),
    logDensity: ({ factor, mean }: Values) => {
      const lower = rowsOf(factor, 2);
      const unit = [
        [1, 0],
        [0.5, 1.2],
      ];
      const half = [0, 1].map((k) => plain.solveLower(lower, [unit[0][k], unit[1][k]]));
      const trace = half.flat().reduce((sum, v) => sum + v * v, 0);
      const logDet = (l: readonly (readonly number[])[]) => 2 * Math.log(l[0][0] * l[1][1]);
      const gamma2 = 0.5 * Math.log(Math.PI) + plain.logGamma(2.5) + plain.logGamma(2);
      const matrix = 2.5 * logDet(unit) - 5 * Math.LN2 - gamma2 - 4 * logDet(lower) - trace / 2;
      const jacobian = 2 * Math.LN2 + 2 * Math.log(lower[0][0]) + Math.log(lower[1][1]);
      return (
        matrix +
        jacobian +
        plain.multivariateNormal(mean, [0, 0], lower) +
        total(6, (i) => {
          const z = plain.solveLower(
            lower,
            y[i].map((v, k) => v - mean[k]),
          );
          return (
            plain.logGamma(3) -
            plain.logGamma(2) -
            Math.log(4 * Math.PI) -
            logDet(lower) / 2 -
            3 * Math.log1p((z[0] ** 2 + z[1] ** 2) / 4)
          );
        })
      );
    },
  };
}

/** Supports that depend on latents, one on the other, and a bijection of one's own. */
function movingSupports() {
  /** Greater than `start`: start + exp(2 u). */
  const beyond = (start: Tensor): Bijection => ({
    unconstrainedAxes: (axes) => axes,
    forward: (u) => start.add(exp(u.mul(2))),
    inverse: (v) => log(v.sub(start)).div(2),
    logJacobian: (u) => u.mul(2).add(Math.LN2),
  });
  return {
    model: model(({ sample, observe, plate }) => {
      const low = sample("low", normal(-2, 1));
      const high = sample("high", truncated(normal(3, 2), { lower: low.add(1) }));
      const middle = sample("middle", uniform(low, high));
      const far = sample("far", transformed(normal(0, 1), beyond(high)));
      plate(place, () => observe("y", normal(middle, far.sub(low)), over(reals)));
    }),
    logDensity: ({ low: [low], high: [high], middle: [middle], far: [far] }: Values) => {
      const u = Math.log(far - high) / 2;
      return (
        plain.normal(low, -2, 1) +
        plain.normal(high, 3, 2) -
        Math.log(1 - plain.normalCdf((low + 1 - 3) / 2)) -
        Math.log(high - low) +
        plain.normal(u) -
        Math.log(2 * (far - high)) +
        total(6, (i) => plain.normal(reals[i], middle, far - low))
      );
    },
  };
}

/** A family of one's own (Rayleigh) with its distribution function: censored, in a mixture, cut. */
function ownFamily() {
  const kind = axis("kind", 2);
  const rayleigh = (scale: Tensor) =>
    distribution({
      name: "rayleigh",
      parameters: { scale },
      constraints: { scale: POSITIVE },
      support: NOT_NEGATIVE,
      reparameterised: false,
      logProb: (x) =>
        log(x)
          .sub(log(scale).mul(2))
          .sub(square(x.div(scale)).mul(0.5)),
      sample: (_key, _axes) => scale,
      cdf: (x) => constant(1).sub(exp(square(x.div(scale)).mul(-0.5))),
    });
  const y = [0.3, 1.4, 0.8, 2.1, 1.7, 0.5];
  return {
    model: model(({ sample, observe, plate }) => {
      const scale = sample("scale", ordered(gamma(2, 1), kind));
      const both = mixture(tensor([0.4, 0.6], [kind]), rayleigh(scale), kind);
      plate(place, () =>
        observe("y", censored(truncated(both, { upper: 4 }), { right: marked(flags) }), over(y)),
      );
    }),
    logDensity: ({ scale }: Values) => {
      const mixed = (f: (s: number) => number) => 0.4 * f(scale[0]) + 0.6 * f(scale[1]);
      const below = (x: number) => mixed((s) => -Math.expm1(-0.5 * (x / s) ** 2));
      return (
        Math.LN2 +
        total(2, (k) => plain.gamma(scale[k], 2, 1)) +
        total(6, (i) => {
          const density = mixed((s) => (y[i] / s ** 2) * Math.exp(-0.5 * (y[i] / s) ** 2));
          return Math.log((flags[i] ? below(4) - below(y[i]) : density) / below(4));
        })
      );
    },
  };
}

/** Cutpoints of each group, which increase, around common ones. */
function cutsByGroup() {
  const [group, cut, grade] = [axis("group", 2), axis("cut", 2), axis("grade", 3)];
  const [of, y] = [
    [0, 1, 1, 0, 1, 0],
    [0, 2, 1, 1, 0, 2],
  ];
  return {
    model: model(({ sample, observe, plate }) => {
      const common = sample("common", ordered(normal(0, 2), cut));
      const cuts = plate(group, () => sample("cuts", ordered(normal(common, 1), cut)));
      const slope = sample("slope", normal(0, 1));
      plate(place, () => {
        const own = gather(cuts, group, tensor(of, [place]));
        const location = slope.mul(over(where));
        observe("y", orderedLogistic(location, own, { cut, category: grade }), over(y));
      });
    }),
    logDensity: ({ common, cuts, slope: [slope] }: Values) => {
      const rows = rowsOf(cuts, 2);
      return (
        Math.LN2 +
        plain.normal(slope) +
        total(2, (k) => plain.normal(common[k], 0, 2)) +
        total(2, (g) => total(2, (k) => plain.normal(rows[g][k], common[k], 1))) +
        total(6, (i) => {
          const own = rows[of[i]];
          const below = (k: number) =>
            k < 0 ? 0 : k > 1 ? 1 : logistic(own[k] - slope * where[i]);
          return Math.log(below(y[i]) - below(y[i] - 1));
        })
      );
    },
  };
}

export const MATRICES: Formulas = {
  slopes,
  scatter,
  movingSupports,
  ownFamily,
  cutsByGroup,
};
