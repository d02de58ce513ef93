/**
 * erf: an odd polynomial up to 1, and beyond 1 - exp(-x^2) G(x), where G(x) = exp(x^2) erfc(x) is a
 * quotient of polynomials, after W. J. Cody, "Rational Chebyshev approximation for the error
 * function" (1969); minimax coefficients of our own.
 */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";
import { expOfNegative } from "./exp.ts";
import { atMost, formatOf, number, polynomial, withSignOf } from "./support.ts";

interface Coefficients {
  /** Where erf is 1. */
  readonly highest: number;
  /** erf(x) / x - 1 in powers of x^2. */
  readonly near: readonly number[];
  /** G. */
  readonly numerator: readonly number[];
  readonly denominator: readonly number[];
}

const ERF: Readonly<Record<FloatType, Coefficients>> = {
  f32: {
    highest: 4,
    near: [
      0.12837916612625122, -0.3761262595653534, 0.11283578723669052, -0.026853347197175026,
      0.005187162198126316, -0.0007997853099368513, 7.806903886375949e-5,
    ],
    numerator: [0.9936109185218811, 0.41211023926734924, 0.0033749875146895647],
    denominator: [1, 1.5056867599487305, 0.7898004651069641],
  },
  f64: {
    highest: 6,
    near: [
      0.12837916709551256, -0.37612638903183343, 0.1128379167093695, -0.02686617064195895,
      0.0052239775967295714, -0.0008548325484265998, 0.00012055280451780446, -1.4924464069520535e-5,
      1.6444118455443518e-6, -1.6183615392650125e-7, 1.3614377336738353e-8, -7.601950133728217e-10,
    ],
    numerator: [
      0.9999998896849928, 1.3899816128331512, 0.9487799159212658, 0.3731567429434657,
      0.08420785264907268, 0.008909105175121402,
    ],
    denominator: [
      1, 2.5183596155430865, 2.7904503015142126, 1.7557171007712933, 0.6693584901966273,
      0.14925059785042424, 0.01579110132970085,
    ],
  },
};

/** The error function. */
export function erf(b: ScalarBuilder, x: Scalar): Scalar {
  const { highest, near, numerator, denominator } = ERF[formatOf(x).type];
  const a = atMost(b, b.abs(x), highest);
  const z = b.mul(a, a);
  const small = b.add(a, b.mul(a, polynomial(b, z, near)));
  const scaled = b.div(polynomial(b, a, numerator), polynomial(b, a, denominator));
  const one = number(b, x, 1);
  const large = b.sub(one, b.mul(expOfNegative(b, z), scaled));
  return withSignOf(b, x, b.select(b.lt(a, one), small, large));
}
