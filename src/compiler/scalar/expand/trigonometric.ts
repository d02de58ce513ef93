/**
 * sin and cos: x = n pi/2 + r with pi/2 in four parts, of which the first are short enough for exact
 * products with n (W. J. Cody and W. Waite, 1980), and minimax polynomials on |r| <= pi/4. The
 * bounds hold for |x| <= 1e4 (f32) and |x| <= 1e6 (f64). Beyond, digits of the angle are lost until
 * nothing of it is left; the result stays within [-1, 1].
 */
import type { FloatType, Scalar, ScalarBuilder } from "../language.ts";
import { atLeast, atMost, bitsOf, formatOf, integer, number, polynomial } from "./support.ts";

interface Coefficients {
  readonly parts: readonly number[];
  /** (sin(r) / r - 1) / r^2 and (cos(r) - 1 + r^2 / 2) / r^4, in powers of r^2. */
  readonly sin: readonly number[];
  readonly cos: readonly number[];
}

const TRIGONOMETRIC: Readonly<Record<FloatType, Coefficients>> = {
  f32: {
    parts: [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.5633440682570896e-12],
    sin: [-0.16666655242443085, 0.008332191035151482, -0.00019518598855938762],
    cos: [0.04166664555668831, -0.00138873013202101, 2.4430670237052254e-5],
  },
  f64: {
    parts: [1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32],
    sin: [
      -0.16666666666666632, 0.008333333333322472, -0.00019841269829835674, 2.755731369733318e-6,
      -2.5050758487632655e-8, 1.589679620492849e-10,
    ],
    cos: [
      0.0416666666666666, -0.0013888888888874457, 2.4801587289653092e-5, -2.7557314394036226e-7,
      2.0875728148498476e-9, -1.1359867676970849e-11,
    ],
  },
};

/** Whether the lowest bit of `n` is set. */
function odd(b: ScalarBuilder, x: Scalar, n: Scalar): Scalar {
  const format = formatOf(x);
  const bit = b.and(n, integer(b, format, 1));
  if (format.type === "f32") return b.convert(bit, "m32");
  return b.lt(number(b, x, 0), b.bitcast(b.shl(bit, 62), "f64"));
}

/** sin(x + quarters pi/2). */
function turned(b: ScalarBuilder, x: Scalar, quarters: 0 | 1): Scalar {
  const format = formatOf(x);
  const table = TRIGONOMETRIC[format.type];
  const shift = number(b, x, format.shift + quarters);
  const shifted = b.add(b.mul(x, number(b, x, 2 / Math.PI)), shift);
  const n = b.sub(shifted, shift);
  let r = x;
  for (const part of table.parts) r = b.sub(r, b.mul(n, number(b, x, part)));
  r = atLeast(b, atMost(b, r, 0.79), -0.79);

  const one = number(b, x, 1);
  const z = b.mul(r, r);
  const sine = b.mul(r, b.add(one, b.mul(z, polynomial(b, z, table.sin))));
  const bend = b.mul(b.mul(z, z), polynomial(b, z, table.cos));
  const cosine = b.sub(one, b.sub(b.mul(z, number(b, x, 0.5)), bend));

  const place = bitsOf(b, shifted);
  const value = b.select(odd(b, x, place), cosine, sine);
  const width = format.type === "f32" ? 32 : 64;
  const sign = b.shl(b.shrU(place, 1), width - 1);
  return b.bitcast(b.xor(bitsOf(b, value), sign), format.type);
}

/** The sine of x radians. */
export const sin = (b: ScalarBuilder, x: Scalar): Scalar => turned(b, x, 0);
/** The cosine of x radians. */
export const cos = (b: ScalarBuilder, x: Scalar): Scalar => turned(b, x, 1);
