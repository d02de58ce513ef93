/** Derivatives of log densities where parameters and values are 0, 1 or 2: what is 0 by chance has a derivative. */
import { expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { grad, input, sum, type Tensor } from "../../src/tensor/internal.ts";
import { build } from "./build.ts";

const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  normal: ["mean", "sd"],
  lognormal: ["mean", "sd"],
  halfNormal: ["scale"],
  cauchy: ["location", "scale"],
  halfCauchy: ["scale"],
  studentT: ["degrees", "location", "scale"],
  halfStudentT: ["degrees", "scale"],
  skewNormal: ["location", "scale", "shape"],
  logistic: ["location", "scale"],
  gumbel: ["location", "scale"],
  exponential: ["rate"],
  gamma: ["shape", "rate"],
  chiSquare: ["degrees"],
  inverseGamma: ["shape", "scale"],
  weibull: ["shape", "scale"],
  gompertz: ["shape", "rate"],
  pareto: ["shape", "scale"],
  beta: ["alpha", "beta"],
  vonMises: ["location", "concentration"],
};
const NUMBERS = [0, 0.5, 1, 2];
const H = 1e-5;

test.each(Object.entries(FAMILIES))("of a %s are those of differences", (family, names) => {
  const inputs = names.map((name) => input(name, [], "float64"));
  const parameters = Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
  const value = input("value", [], "float64");
  const y = sum(build(family, parameters, "float64").logProb(value));
  const all = [...inputs, value];
  const gradients = grad(y, all);
  const at = (x: Tensor, numbers: readonly number[]) => {
    const given = all.map((_, i) => [names[i] ?? "value", Float64Array.of(numbers[i])] as const);
    return Number(evaluate([x], new Map(given))[0].values[0]);
  };
  let compared = 0;
  const points = all.reduce<number[][]>(
    (found, _) => found.flatMap((point) => NUMBERS.map((x) => [...point, x])),
    [[]],
  );
  for (const point of points) {
    for (let i = 0; i < all.length; i++) {
      const moved = (h: number) => point.map((x, k) => (k === i ? x + h : x));
      const [less, here, more] = [-H, 0, H].map((h) => at(y, moved(h)));
      const [left, right] = [(here - less) / H, (more - here) / H];
      const scale = Math.max(1, Math.abs(left));
      // At an edge of the support, or a corner, there is no derivative.
      if (!(Math.abs(left - right) < 1e-2 * scale)) continue;
      const where = `${family} at ${point}, by ${names[i] ?? "value"}`;
      const got = at(gradients[i], point);
      expect(Math.abs(got - (more - less) / (2 * H)), where).toBeLessThan(1e-4 * scale);
      compared++;
    }
  }
  expect(compared).toBeGreaterThan(0);
});
