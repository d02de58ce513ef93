/** Path derivatives: zero where the guide is the posterior, right in expectation where they are said to be. */
import { describe, expect, test } from "vitest";
import { bernoulli, normal } from "../../../src/distributions/index.ts";
import {
  average,
  bound,
  GRADIENTS,
  type Gradient,
  global,
  massivelyParallel,
  type Particles,
  STEP,
  scaledScore,
  single,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { stepDecay } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  allocate,
  exp,
  fold,
  grad,
  input,
  key,
  sizeOf,
  type Tensor,
} from "../../../src/tensor/internal.ts";
import { FIVE_SIGMA, meanAndError } from "../../distributions/values.ts";
import { all, type Data, posterior as exact, f64, localMeans, oneMean, S } from "../gaussians.ts";

const [mean, logSd] = ["mean", "logSd"].map((name) => input(name, [], "float64"));
/** One normal for the mean of all data. */
const oneGuide: Model<Data> = ({ sample }) => {
  sample("z", normal(mean, exp(logSd)));
};
/** q(z_i) = normal(mean x_i, exp(logSd)) of each datum. */
const localGuide: Model<Data> = ({ sample, plate }, { datum, x }) => {
  plate(datum, () => sample("z", normal(x.mul(mean), exp(logSd))));
};
/** z as the sum of two latents that are independent a priori, the second given the first in the guide. */
const twoMeans: Model<Data> = ({ sample, observe, plate }, { x, datum }) => {
  const a = sample("a", normal(f64(0), 0.6));
  const b = sample("b", normal(a, 0.8));
  plate(datum, () => observe("x", normal(b, S), x));
};
const twoGuide: Model<Data> = ({ sample }) => {
  const b = sample("b", normal(mean, exp(logSd)));
  sample("a", normal(b.mul(0.36), 0.48));
};

/** The derivatives of the bound by mean and log sd for each of many draws, and its value. */
function draws(
  [model, guide]: readonly [Model<Data>, Model<Data>],
  particles: Particles,
  gradient: Gradient,
  at: readonly [mean: number, logSd: number],
  count: number,
) {
  const drawKey = fold(key(11), input("draw", [], "int32"));
  const pair = { model, guide, data: all, particles, gradient, key: drawKey };
  const found = bound({ ...pair, parameters: paramStore() });
  const [byMean, byLogSd] = grad(found.bound, [mean, logSd]);
  const { state = { initial: {}, updates: [] } } = found;
  const outputs = { value: found.bound, byMean, byLogSd };
  const program = compile({ outputs, updates: [...state.updates] });
  for (const name of Object.keys(state.initial)) {
    const { dtype, axes } = program.inputs.get(name) as Tensor;
    program.write(name, allocate(dtype, sizeOf(axes)));
  }
  program.write("mean", at[0]);
  program.write("logSd", at[1]);
  return Array.from({ length: count }, (_, draw) => {
    if (program.inputs.has(STEP)) program.write(STEP, draw);
    const { value, byMean: m, byLogSd: l } = program.run({ inputs: { draw } });
    return { value: value.data[0], byMean: m.data[0], byLogSd: l.data[0] };
  });
}

const ONE = [oneMean as Model<Data>, oneGuide] as const;
const LOCAL = [localMeans as Model<Data>, localGuide] as const;
const TWO = [twoMeans, twoGuide] as const;
const atPosterior = [exact.mean, Math.log(exact.sd)] as const;
const localPosterior = [1 / (1 + S * S), Math.log(S / Math.sqrt(1 + S * S))] as const;
const elsewhere = [0.2, -0.4] as const;

describe("where the guide is the posterior", () => {
  const rounding = 1e-10;
  test.each<[string, readonly [Model<Data>, Model<Data>], Particles, readonly [number, number]]>([
    ["the ELBO", ONE, single(), atPosterior],
    ["an average", ONE, average(5), atPosterior],
    ["weighted particles", ONE, global(5), atPosterior],
    ["massively parallel particles", LOCAL, massivelyParallel(4), localPosterior],
    // b is the mean of the data as the one mean is, for a and b have together its prior.
    ["a guide of two latents", TWO, single(), atPosterior],
  ])("%s: the path derivative is zero for every draw, the total one is not", (_, pair, of, at) => {
    for (const { byMean, byLogSd } of draws(pair, of, "path", at, 20)) {
      expect(Math.abs(byMean)).toBeLessThan(rounding);
      expect(Math.abs(byLogSd)).toBeLessThan(rounding);
    }
    const sizes = draws(pair, of, "total", at, 20).map(({ byMean }) => Math.abs(byMean));
    expect(Math.max(...sizes)).toBeGreaterThan(0.01);
  });
});

describe("elsewhere", () => {
  /** How far two estimators of one derivative are apart, in standard errors of their difference. */
  function apart(
    [one, other]: readonly [Gradient, Gradient],
    particles: Particles,
    pair: readonly [Model<Data>, Model<Data>],
    count: number,
  ) {
    const [a, b] = [one, other].map((gradient) =>
      draws(pair, particles, gradient, elsewhere, count),
    );
    return (["byMean", "byLogSd"] as const).map((by) => {
      // Common random numbers: the difference draw by draw.
      const { mean: difference, error } = meanAndError(a.map((draw, i) => draw[by] - b[i][by]));
      return Math.abs(difference) / error;
    });
  }

  test.each<[string, readonly [Model<Data>, Model<Data>], Particles]>([
    ["the ELBO", ONE, single()],
    ["an average", ONE, average(5)],
    ["a guide of two latents", TWO, single()],
    ["one particle for each of several latents", LOCAL, massivelyParallel(1)],
  ])("%s: path and total have one expectation", (_, pair, particles) => {
    for (const z of apart(["path", "total"], particles, pair, 4000)) {
      expect(z).toBeLessThan(FIVE_SIGMA);
    }
  });

  test.each<[string, readonly [Model<Data>, Model<Data>], Particles]>([
    ["weighted particles", ONE, global(5)],
    ["weighted particles of each datum", LOCAL, massivelyParallel(5)],
    ["weighted particles of a guide of two latents", TWO, global(5)],
  ])("%s: doubly reparameterised and total have one expectation, path another", (_, pair, of) => {
    for (const z of apart(["doublyReparameterised", "total"], of, pair, 20_000)) {
      expect(z).toBeLessThan(FIVE_SIGMA);
    }
    const [byMean] = apart(["path", "total"], of, pair, 20_000);
    expect(byMean).toBeGreaterThan(2 * FIVE_SIGMA);
  });

  test.each<[string, readonly [Model<Data>, Model<Data>], Particles, Gradient]>([
    ["one latent", ONE, single(), "score"],
    ["an average", ONE, average(3), "score"],
    ["an average", ONE, average(3), "scoreLeaveOneOut"],
    ["weighted particles", ONE, global(3), "score"],
    ["weighted particles", ONE, global(3), "scoreScalar"],
    ["weighted particles", ONE, global(3), "scoreLeaveOneOut"],
    ["weighted particles, averaged", ONE, average(2, global(3)), "scoreLeaveOneOut"],
    ["a guide of two latents", TWO, single(), "score"],
    ["weighted particles of a guide of two latents", TWO, global(3), "scoreLeaveOneOut"],
    ["a latent for each datum", LOCAL, single(), "scorePerDatum"],
    ["weighted particles of each datum", LOCAL, massivelyParallel(3), "score"],
    ["weighted particles of each datum", LOCAL, massivelyParallel(3), "scoreLeaveOneOut"],
    ["weighted particles of all data together", LOCAL, global(3), "scoreLeaveOneOut"],
    ["a guide of two latents", TWO, single(), "pathBlocked"],
  ])("%s, %#: total and another estimator have one expectation", (_, pair, of, gradient) => {
    for (const z of apart(["total", gradient], of, pair, 20_000)) {
      expect(z).toBeLessThan(FIVE_SIGMA);
    }
  });

  test("with one layer pathBlocked is path; where the guide is the posterior of two it is not zero", () => {
    const [a, b] = (["pathBlocked", "path"] as const).map((gradient) =>
      draws(ONE, global(3), gradient, elsewhere, 5),
    );
    expect(a).toEqual(b);
    const blocked = draws(TWO, single(), "pathBlocked", atPosterior, 20);
    expect(Math.max(...blocked.map(({ byMean }) => Math.abs(byMean)))).toBeGreaterThan(0.01);
  });

  test("a scale on the score term of 0 is path, of 1 total", () => {
    const ends: [number, Gradient][] = [
      [0, "path"],
      [1, "total"],
    ];
    for (const [scale, gradient] of ends) {
      const [a, b] = [scaledScore(scale), gradient].map((g) =>
        draws(TWO, global(3), g, elsewhere, 5),
      );
      for (const [i, { byMean, byLogSd }] of a.entries()) {
        expect(byMean).toBeCloseTo(b[i].byMean, 12);
        expect(byLogSd).toBeCloseTo(b[i].byLogSd, 12);
      }
    }
  });

  test("a scale that is a schedule follows the steps of the training", () => {
    const ends = stepDecay(1, { every: 2, factor: 1e-300 });
    const of = (gradient: Gradient) => draws(TWO, global(3), gradient, elsewhere, 4);
    const [annealed, first, then] = [scaledScore(ends), "total" as const, "path" as const].map(of);
    for (const [i, { byMean, byLogSd }] of annealed.entries()) {
      const right = i < 2 ? first[i] : then[i];
      expect(byMean).toBeCloseTo(right.byMean, 12);
      expect(byLogSd).toBeCloseTo(right.byLogSd, 12);
    }
  });

  test("with one particle doubly reparameterised is path", () => {
    const [a, b] = (["doublyReparameterised", "path"] as const).map((gradient) =>
      draws(ONE, global(1), gradient, elsewhere, 5),
    );
    for (const [i, { byMean, byLogSd }] of a.entries()) {
      expect(byMean).toBeCloseTo(b[i].byMean, 10);
      expect(byLogSd).toBeCloseTo(b[i].byLogSd, 10);
    }
  });

  test("the value is the same for every estimator", () => {
    // That of qem is about guides that are given by moments.
    const estimators = Object.keys(GRADIENTS).filter((name) => name !== "qem");
    const values = estimators.map((gradient) => {
      const [{ value }] = draws(ONE, global(3), gradient as keyof typeof GRADIENTS, elsewhere, 1);
      return value;
    });
    for (const value of values) expect(value).toBeCloseTo(values[0], 12);
  });
});

describe("what cannot be combined is refused, with what to do", () => {
  const options = { data: all, key: key(1), parameters: paramStore() };

  test("discrete latents", () => {
    const coin: Model<Data> = ({ sample }) => {
      sample("up", bernoulli({ probs: 0.5 }));
    };
    for (const gradient of ["total", "path", "doublyReparameterised"] as const) {
      expect(() => bound({ ...options, model: coin, guide: coin, gradient })).toThrow(
        /latent 'up': draws of a bernoulli have no derivative .* train by gradient: "wake"/,
      );
    }
  });

  test("closed divergences, and guides that depend on other latents", () => {
    const [model, guide] = ONE;
    expect(() => bound({ ...options, model, guide, kl: "closed", gradient: "path" })).toThrow(
      /gradient: "path" is about log q at the draw, which kl: "closed" has not: use kl: "sampled"/,
    );
    const [two, given] = TWO;
    expect(() => bound({ ...options, model: two, guide: given, kl: "closed" })).toThrow(
      /latent 'b': the model draws it given 'a', which the guide draws given it, .* use kl: "entropy" or "sampled"/,
    );
    for (const gradient of ["doublyReparameterised", "score"] as const) {
      const particles = massivelyParallel(2);
      expect(() => bound({ ...options, model: two, guide: given, gradient, particles })).toThrow(
        /latent 'a': its guide depends on other latents, .*: use particles.global, or/,
      );
    }
  });
});
