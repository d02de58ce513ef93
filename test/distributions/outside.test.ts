/** No family gives a density to what no draw can be, also where values exist only inside the program. */
import { describe, expect, test } from "vitest";
import { isOutside } from "../../src/distributions/internal.ts";
import { REGISTRY } from "../../src/distributions/registry.ts";
import { compile } from "../../src/runtime/index.ts";
import { axis, input, isFloat } from "../../src/tensor/internal.ts";

const NUMBERS = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1e6,
  -2,
  -1,
  -0.5,
  0.5,
  1.5,
  2,
  255,
  1e6,
];

describe.each(["float32", "float64"] as const)("%s", (dtype) => {
  test.each(Object.entries(REGISTRY))("%s", (_, { example }) => {
    const distribution = example(dtype);
    const within = distribution.dimensions;
    const numbers = isFloat(distribution.dtype) ? NUMBERS : NUMBERS.filter(Number.isInteger);
    const each = axis("each", numbers.length);
    const x = input("x", [each, ...within], distribution.dtype);
    const outside = isOutside(distribution.support, x);
    if (outside === undefined) return;
    const size = within.reduce((n, a) => n * a.size, 1);
    const data = numbers.flatMap((number) => Array.from({ length: size }, () => number));
    const outputs = { logProb: distribution.logProb(x), outside };
    for (const backend of ["wasm", "oracle"] as const) {
      const found = compile({ outputs }, { backend }).run({ inputs: { x: data } });
      numbers.forEach((number, i) => {
        const share = found.outside.data.length / numbers.length;
        if (found.outside.data.slice(share * i, share * (i + 1)).every((o) => o === 0)) return;
        const density = found.logProb.data[i];
        const what = `log density at ${number}: ${density}`;
        if (Number.isFinite(number)) expect(density, what).toBe(Number.NEGATIVE_INFINITY);
        else expect(Number.isNaN(density) || density === Number.NEGATIVE_INFINITY, what).toBe(true);
      });
    }
  });
});
