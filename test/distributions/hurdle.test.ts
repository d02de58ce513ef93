/** Hurdles over counts that are hardly ever above 0, and their limits where they never are. */
import { expect, test } from "vitest";
import * as d from "../../src/distributions/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { constant, grad, input, type Tensor } from "../../src/tensor/index.ts";

type Type = "float32" | "float64";
const DIGITS = { float32: 5, float64: 8 } as const;

/** Expressions of one number, and their derivatives, at any. */
function curves<Name extends string>(dtype: Type, made: Record<Name, (x: Tensor) => Tensor>) {
  const x = input("x", [], dtype);
  const names = Object.keys(made) as Name[];
  const outputs = names.flatMap((name) => {
    const y = made[name](x);
    return [[name, y] as const, [`${name}'`, grad(y, [x])[0]] as const];
  });
  const program = compile({ outputs: Object.fromEntries(outputs) }, { backend: "wasm" });
  return (at: number) => {
    const found = program.run({ inputs: { x: [at] } });
    const of = (name: string) => found[name].data[0];
    return Object.fromEntries(names.map((name) => [name, [of(name), of(`${name}'`)]]));
  };
}

/** Of counts above 0 the first is left, and the second with so many times the parameter. */
const rare: [string, (x: Tensor) => d.Distribution, number][] = [
  ["poisson", (rate) => d.poisson(rate), 0.5],
  ["binomial", (probs) => d.binomial(10, { probs }), 4.5],
  ["negativeBinomial", (probs) => d.negativeBinomial({ total: 10, probs }), 5.5],
];

const OTHER = 1 / (1 + Math.exp(-1));

for (const dtype of ["float32", "float64"] as const) {
  test.each(rare)(`counts of a ${dtype} %s that are nearly all 0`, (name, make, second) => {
    const of = (x: Tensor) => d.hurdle(make(x), { logits: -1 });
    const run = curves(dtype, {
      logProb: (x) => of(x).logProb(constant(1, dtype)),
      mean: (x) => of(x).mean(),
      variance: (x) => of(x).variance(),
    });
    // E[x^2] = OTHER (1 + 3 second x).
    const right = {
      logProb: [Math.log(OTHER), -second],
      mean: [OTHER, OTHER * second],
      variance: [OTHER * (1 - OTHER), OTHER * second * (3 - 2 * OTHER)],
    };
    // A negative binomial of a chance of 0 is none.
    const least = name === "negativeBinomial" ? [] : [0];
    for (const x of [...least, 1e-37, 1e-18, 1e-12]) {
      for (const [what, [value, slope]] of Object.entries(run(x))) {
        const [v, s] = right[what as keyof typeof right];
        expect(value, `${what} at ${x}`).toBeCloseTo(v, DIGITS[dtype]);
        expect(slope / s, `slope of ${what} at ${x}`).toBeCloseTo(1, DIGITS[dtype] - 1);
      }
    }
  });
}

test("no trials leave zeros, whatever the logit", () => {
  const of = (l: Tensor) =>
    d.hurdle(d.binomial(constant(0, l.dtype), { logits: l }), { logits: 0 });
  const run = curves("float64", {
    zero: (l) => of(l).logProb(constant(0, l.dtype)),
    one: (l) => of(l).logProb(constant(1, l.dtype)),
  });
  for (const logit of [-2, 0, 3]) {
    const { zero, one } = run(logit);
    expect(zero[0]).toBeCloseTo(-Math.LN2, 14);
    expect(zero[1]).toBe(0);
    expect(one[0]).toBe(Number.NEGATIVE_INFINITY);
  }
});
