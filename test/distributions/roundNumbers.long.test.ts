/**
 * Derivatives of log densities and of tails where parameters and values are round numbers: what is 0 by chance has a
 * derivative, and so has what lies where one formula is exchanged for another.
 */
import { expect, test } from "vitest";
import { evaluate } from "../../src/compiler/oracle/index.ts";
import { isDiscrete } from "../../src/distributions/internal.ts";
import { axis, grad, input, sum, type Tensor } from "../../src/tensor/internal.ts";
import { build } from "./build.ts";

/** Families by what they are given; what is a count is not moved. */
const FAMILIES: readonly (readonly [family: string, ...names: string[]])[] = [
  ["normal", "mean", "sd"],
  ["lognormal", "mean", "sd"],
  ["halfNormal", "scale"],
  ["cauchy", "location", "scale"],
  ["halfCauchy", "scale"],
  ["studentT", "degrees", "location", "scale"],
  ["halfStudentT", "degrees", "scale"],
  ["skewNormal", "location", "scale", "shape"],
  ["laplace", "location", "scale"],
  ["logistic", "location", "scale"],
  ["gumbel", "location", "scale"],
  ["exponential", "rate"],
  ["gamma", "shape", "rate"],
  ["chiSquare", "degrees"],
  ["inverseGamma", "shape", "scale"],
  ["weibull", "shape", "scale"],
  ["gompertz", "shape", "rate"],
  ["pareto", "shape", "scale"],
  ["beta", "alpha", "beta"],
  ["zeroOneInflatedBeta", "alpha", "beta", "ends", "one"],
  ["uniform", "low", "high"],
  ["vonMises", "location", "concentration"],
  ["truncatedNormal", "mean", "sd", "lower"],
  ["truncatedNormal", "mean", "sd", "upper"],
  ["truncated", "shape", "rate", "lower"],
  ["bernoulli", "logits"],
  ["binomial", "total", "logits"],
  ["binomial", "total", "probs"],
  ["betaBinomial", "total", "alpha", "beta"],
  ["betaBinomial", "total", "mean", "concentration"],
  ["geometric", "logits"],
  ["poisson", "rate"],
  ["poisson", "logRate"],
  ["negativeBinomial", "total", "logits"],
  ["negativeBinomial", "mean", "dispersion"],
  ["negativeBinomial", "logMean", "dispersion"],
  ["zeroInflated", "rate", "probs"],
  ["zeroInflated", "rate", "logits"],
  ["hurdle", "rate", "probs"],
  ["hurdle", "mean", "dispersion", "logits"],
];

const NUMBERS = [0, 0.5, 1, 2, 3, 7, 8];
const FEW = [0, 0.5, 1, 2, 8];
const H = 1e-5;

/** Those of which tails are looked at too, at fewer numbers. */
const TAILS: readonly string[] = [
  "normal",
  "cauchy",
  "studentT",
  "logistic",
  "gumbel",
  "gamma",
  "weibull",
  "beta",
  "poisson",
  "negativeBinomial",
];

test.each(FAMILIES)("of a %s by %s, %s are those of differences", (family, ...names) => {
  const list = names.length > 2 ? FEW : NUMBERS;
  const points = ["x", ...names].reduce<number[][]>(
    (found) => found.flatMap((point) => list.map((x) => [...point, x])),
    [[]],
  );
  const point = axis("point", points.length);
  const inputs = names.map((name) => input(name, [point], "float64"));
  const given = Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
  const member = build(family, given, "float64");
  const value = input("value", [point], "float64");
  const all = [value, ...inputs];
  const moved = [
    ...(isDiscrete(member.support) ? [] : [value]),
    ...inputs.filter((_, i) => !isTotal(family, names[i])),
  ];
  const at = (xs: readonly Tensor[], shifted?: Tensor, by = 0) => {
    const data = all.map((x, i) => {
      const numbers = Float64Array.from(points, (each) => each[i] + (x === shifted ? by : 0));
      return [i === 0 ? "value" : names[i - 1], numbers] as const;
    });
    return evaluate(xs, new Map(data)).map(({ values }) => values);
  };
  const whole = member.logProb(value);
  const tails = TAILS.includes(family) ? [member.logCdf(value), member.logSurvival(value)] : [];
  let compared = 0;
  for (const y of [whole, ...tails]) {
    const slopes = grad(sum(y), moved);
    const found = at([y, ...slopes]);
    moved.forEach((x, k) => {
      const [less] = at([y], x, -H);
      const [more] = at([y], x, H);
      points.forEach((numbers, i) => {
        const here = found[0][i];
        const [left, right] = [(here - less[i]) / H, (more[i] - here) / H];
        const scale = Math.max(1, Math.abs(left));
        // At an edge of the support, or a corner, there is no derivative.
        if (!(Math.abs(left - right) < 1e-2 * scale)) return;
        const slope = found[1 + k][slopes[k].axes.length === 0 ? 0 : i];
        const where = `${family} at ${numbers}, by ${x.operation.op === "input" && x.operation.name}`;
        const between = Math.abs(left - right);
        const error = Math.abs(slope - (more[i] - less[i]) / (2 * H));
        expect(error, where).toBeLessThan(1e-4 * scale + between);
        compared++;
      });
    });
  }
  expect(compared).toBeGreaterThan(0);
});

/** Whether a parameter is a number of trials. */
function isTotal(family: string, name: string): boolean {
  return name === "total" && family !== "negativeBinomial";
}
