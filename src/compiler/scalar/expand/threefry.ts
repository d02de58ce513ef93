import { threefryWords } from "../../../tensor/internal.ts";
import type { Scalar, ScalarBuilder } from "../language.ts";

/** One word of Threefry-2x32-20 of int32 values. */
export function expandThreefry(
  b: ScalarBuilder,
  k0: Scalar,
  k1: Scalar,
  c0: Scalar,
  c1: Scalar,
  word: 0 | 1,
): Scalar {
  const words = threefryWords<Scalar>(
    {
      constant: (value) => b.constant("i32", value),
      add: (x, y) => b.add(x, y),
      xor: (x, y) => b.xor(x, y),
      rotate: (x, bits) => b.or(b.shl(x, bits), b.shrU(x, 32 - bits)),
    },
    k0,
    k1,
    c0,
    c1,
  );
  return words[word];
}
