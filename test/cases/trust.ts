/** Fits that must be refused, or say that they cannot be trusted; and what draws are worth. */

import {
  bernoulli,
  halfNormal,
  improperUniform,
  normal,
  REAL,
} from "../../src/distributions/index.ts";
import {
  fit,
  type MethodName,
  reliabilityWarnings,
  samplePosterior,
  summarise,
} from "../../src/inference/index.ts";
import { type Model, model } from "../../src/model/index.ts";
import { axis, constant, sigmoid, tensor } from "../../src/tensor/index.ts";
import { effects, errors, school } from "../eightSchools.ts";
import type { Case } from "./case.ts";

const float64 = (f: Model<undefined, unknown>) =>
  model<undefined, unknown>(f, { dtype: "float64" });

const schools = (isCentred: boolean) =>
  float64(({ sample, observe, plate }) => {
    const mu = sample("mu", normal(0, 5));
    const tau = sample("tau", halfNormal(5));
    plate(school, () => {
      const theta = isCentred
        ? sample("theta", normal(mu, tau))
        : mu.add(tau.mul(sample("z", normal(0, 1))));
      observe("y", normal(theta, errors), effects);
    });
  });

const datum = axis("datum", 6);
const separated = float64(({ sample, observe, plate }) => {
  const a = sample("a", improperUniform(REAL));
  const b = sample("b", improperUniform(REAL));
  const probs = sigmoid(a.add(b.mul(tensor([-3, -2, -1, 1, 2, 3], [datum]))));
  plate(datum, () => observe("y", bernoulli({ probs }), tensor([0, 0, 0, 1, 1, 1], [datum])));
});

/** Observed is a + b alone, as 3.5. */
const unidentified = float64(({ sample, observe }) => {
  const [a, b] = [sample("a", normal(0, 1e6)), sample("b", normal(0, 1e6))];
  observe("sum", normal(a.add(b), 0.41), constant(3.5));
});

const years = Array.from({ length: 70 }, (_, i) => 1950 + i);
const year = axis("year", 70);
const yearly = float64(({ sample, observe, plate }) => {
  const intercept = sample("intercept", normal(0, 100));
  const slope = sample("slope", normal(0, 1));
  const temperatures = years.map((x, i) => 13.5 + 0.012 * (x - 1950) + 0.15 * Math.sin(9 * i));
  plate(year, () => {
    const mean = intercept.add(slope.mul(tensor(years, [year])));
    observe("y", normal(mean, 0.15), tensor(temperatures, [year]));
  });
});

const drawn = (p: Model<undefined, unknown>, method: MethodName) =>
  samplePosterior(fit({ model: p, data: undefined, method, seed: 1 }), { seed: 1 });

const warnings = (p: Model<undefined, unknown>, method: MethodName) =>
  reliabilityWarnings(drawn(p, method).reliability ?? {}).join("; ");

/** See above. */
export const TRUST: readonly Case[] = [
  {
    id: "A9",
    input: "eight schools by iwae: the largest ESS of 1000 draws, at most 1000",
    run: () =>
      Math.max(0, ...summarise(drawn(schools(false), "iwae")).map(({ ess = 0 }) => ess - 1000)),
    right: 0,
  },
  ...(["laplace", "map"] as const).map(
    (method, i): Case => ({
      id: `A10${["", "b"][i]}`,
      input: `centred eight schools by ${method}`,
      run: () => drawn(schools(true), method),
      right: /no maximum|does not fall/,
    }),
  ),
  {
    id: "A11",
    // The normal at the mode alone has 12.9 standard deviations more; 16000 draws of NUTS say 3.28, with the sd 2.46.
    input: "eight schools by laplace: the mean of tau, without a warning",
    run: () => {
      const draws = drawn(schools(false), "laplace");
      const said = reliabilityWarnings(draws.reliability ?? {});
      return summarise(draws).find(({ site }) => site === "tau" && said.length === 0)?.mean;
    },
    right: 3.28,
    within: 0.4,
  },
  {
    id: "A12",
    input:
      "eight schools by iwae: how far the log evidence is from that by quadrature, in standard errors",
    run: () => {
      const { value = 0, standardError = 0 } =
        drawn(schools(false), "iwae").reliability?.evidence ?? {};
      return (value - EVIDENCE) / standardError;
    },
    right: 0,
    within: 5,
  },
  {
    id: "A12b",
    input: "log evidence under flat priors",
    run: () => {
      const flat = float64(({ sample, observe }) => {
        observe("y", normal(sample("z", improperUniform(REAL)), 1), constant(1.2));
      });
      return `${drawn(flat, "vi").logEvidence} ${drawn(flat, "laplace").logEvidence}`;
    },
    right: /^undefined undefined$/,
  },
  {
    id: "A16",
    input: "map on a ridge: the intercept",
    run: () => drawn(yearly, "map").sites.intercept.data[0],
    right: leastSquares(),
    within: 0.02,
  },
  ...(["laplace", "map"] as const).map(
    (method, i): Case => ({
      id: `A17${["", "b"][i]}`,
      input: `separated outcomes under flat priors by ${method}`,
      run: () => drawn(separated, method),
      right: /does not fall along latent '[ab]'.*improper|no maximum/,
    }),
  ),
  {
    id: "A18",
    input: "an unidentified sum by vi and iwae: 3.5, or a warning",
    run: () => {
      const said = (["vi", "iwae"] as const).map((method) => {
        const { sites, draws } = drawn(unidentified, method);
        let sum = 0;
        for (let d = 0; d < draws; d++) sum += sites.a.data[d] + sites.b.data[d];
        return Math.abs(sum / draws - 3.5) < 0.1 || warnings(unidentified, method) !== "";
      });
      return said.join(" ");
    },
    right: /^true true$/,
  },
];

/** By quadrature over mu and tau, in nats. */
const EVIDENCE = quadrature();

function quadrature(): number {
  const [y, s] = [effects, errors].map(({ operation }) =>
    operation.op === "literal" ? Array.from(operation.data) : [],
  );
  const density = (x: number, variance: number) =>
    Math.exp((-0.5 * x ** 2) / variance) / Math.sqrt(2 * Math.PI * variance);
  const step = 0.1;
  let total = 0;
  for (let tau = step / 2; tau < 40; tau += step) {
    for (let mu = -30; mu <= 30; mu += step) {
      let each = 2 * density(tau, 25) * density(mu, 25);
      for (let j = 0; j < 8; j++) each *= density(y[j] - mu, s[j] ** 2 + tau ** 2);
      total += each * step * step;
    }
  }
  return Math.log(total);
}

/** The mode of the intercept of `yearly`, by the normal equations. */
function leastSquares(): number {
  const w = 1 / 0.15 ** 2;
  const at = (i: number) => 13.5 + 0.012 * i + 0.15 * Math.sin(9 * i);
  const sum = (f: (x: number, y: number) => number) =>
    years.reduce((total, x, i) => total + w * f(x, at(i)), 0);
  const [aa, ab, bb] = [sum(() => 1) + 1e-4, sum((x) => x), sum((x) => x * x) + 1];
  const [ya, yb] = [sum((_, y) => y), sum((x, y) => x * y)];
  return (ya * bb - yb * ab) / (aa * bb - ab * ab);
}
