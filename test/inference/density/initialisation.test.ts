/** Automatic guides begin at the centre of the prior and go in steps of its width. */
import { describe, expect, test } from "vitest";
import {
  beta,
  categorical,
  cauchy,
  type Distribution,
  dirichlet,
  gamma,
  halfCauchy,
  inverseGamma,
  lognormal,
  normal,
  studentT,
  uniform,
} from "../../../src/distributions/index.ts";
import { initialisations } from "../../../src/inference/density/initialisation.ts";
import {
  automaticGuide,
  average,
  compileAlgorithm,
  fullCovariance,
  lowRank,
  meanField,
  fit as train,
  training,
} from "../../../src/inference/internal.ts";
import { type Model, model, type ParamStore, paramStore } from "../../../src/model/index.ts";
import { constantInit, zeros } from "../../../src/nn/index.ts";
import { adam, stepDecay } from "../../../src/optim/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, gather, square, sum, type Tensor, tensor } from "../../../src/tensor/index.ts";

/** Centre and width of the named latent of a model. */
function found(p: Model<undefined, unknown>, name = "z") {
  const { location: centre, scale: width } = initialisations(p, undefined).get(name) ?? {};
  const outputs = { centre: centre as never, width: width as never };
  const values = compile({ outputs }, { steps: 1 }).run();
  return [[...values.centre.data], [...values.width.data]].map((x) => x.map((v) => +v.toFixed(4)));
}

const [part, k] = [axis("part", 3), axis("k", 2)];
const priors: [Distribution, number, number][] = [
  [normal(1000, 300), 1000, 300],
  [lognormal(2, 0.5), 2, 0.5],
  [studentT(1, 7, 3), 7, 3],
  [cauchy(7, 3), 7, 3],
  [halfCauchy(5), Math.log(5), 1],
  [gamma(3, 0.01), Math.log(300), 1],
  [beta(6, 2), Math.log(3), 1],
  [uniform(10, 30), 0, 1],
  [inverseGamma(0.5, 1), 0, 1],
  [dirichlet(2, part), 0, 1],
];

describe("the start", () => {
  test.each(priors)("of a prior: %#", (prior, centre, width) => {
    expect(found(({ sample }) => void sample("z", prior))).toEqual([
      [+centre.toFixed(4)],
      [+width.toFixed(4)],
    ]);
  });

  test("follows the centres of the latents before, parameters as they begin, and steps of chains", () => {
    const time = axis("time", 3);
    const p: Model = ({ sample, chain, param }) => {
      const from = sample("from", normal(param("at", [], { init: constantInit(20) }), 1));
      const step = sample("step", lognormal(Math.log(3), 1));
      chain(time, from, (before, { position }) =>
        sample("z", normal(before.add(gather(tensor([5, 6, 7], [time]), time, position)), step)),
      );
    };
    expect(found(p)).toEqual([[25, 31, 38], [3]]);
  });

  test("is at the first value of discrete latents", () => {
    const p: Model = ({ sample }) => {
      const kind = sample("kind", categorical(tensor([1, 2, 3], [part])));
      sample("z", normal(gather(tensor([4, 5, 6], [part]), part, kind), 1));
    };
    expect(found(p)).toEqual([[4], [1]]);
  });
});

describe("data in units of their own are fitted as well as if they were scaled", () => {
  const row = axis("row", 4);
  const y = tensor([2e5, 2.02e5, 1.99e5, 2.03e5], [row]);
  const options = {
    data: undefined,
    particles: average(10),
    optimiser: adam(stepDecay(0.05, { every: 100, factor: 0.7 }), { beta2: 0.95 }),
    steps: 2000,
  };

  test("one number", () => {
    const p = model(({ sample, observe, plate }) => {
      const level = sample("level", normal(0, 1e6));
      plate(row, () => observe("y", normal(level, 2e3), y));
    });
    const { parameters: q } = train({
      ...options,
      model: p,
      guide: automaticGuide(p, meanField()),
    });
    expect(Math.abs(q["level.mean"].data[0] - 2.01e5)).toBeLessThan(100);
    expect(Math.abs(Math.exp(q["level.logSd"].data[0]) / 1e3 - 1)).toBeLessThan(0.05);
  });

  test("vectors of correlated ones", () => {
    const units = tensor([1e6, 1e-2], [k]);
    const slopes = tensor([3e5, 2e-3], [k]);
    const x = tensor([1, 1, 1, -1, 1, 2, 0, 1], [row, k]).div(units);
    for (const family of [fullCovariance(), lowRank()]) {
      const p = model(({ sample, observe, plate }) => {
        const w = sample("w", normal(0, units).event(k));
        plate(row, () => observe("y", normal(sum(w.mul(x), k), 0.1), sum(slopes.mul(x), k)));
      });
      const guide = automaticGuide(p, family);
      const { parameters: q, bounds } = train({ ...options, model: p, guide });
      // X'X / 0.01 + 1 over the units is [[301, 200], [200, 701]], y is without noise.
      const det = 301 * 701 - 200 * 200;
      const b = [0.3 * 300 + 0.2 * 200, 0.3 * 200 + 0.2 * 700];
      const mean = [(701 * b[0] - 200 * b[1]) / det, (301 * b[1] - 200 * b[0]) / det];
      const found = q["w.mean"].data;
      expect(Math.abs(found[0] / 1e6 - mean[0])).toBeLessThan(0.005);
      expect(Math.abs(found[1] / 1e-2 - mean[1])).toBeLessThan(0.005);
      const squares = (0.5 ** 2 + 0.1 ** 2 + 0.7 ** 2 + 0.2 ** 2) / 0.01;
      const rest = squares - (b[0] * mean[0] + b[1] * mean[1]);
      const evidence = -2 * Math.log(2 * Math.PI * 0.01) - 0.5 * Math.log(det) - 0.5 * rest;
      expect(bounds.at(-1)?.bound).toBeCloseTo(evidence, 1);
    }
  });
});

test("a parameter with a unit goes as the number of units would", () => {
  const unit = tensor([10, 0.1], [k]);
  const goal = tensor([50, 0.2], [k]);
  const after30Steps = (x: (store: ParamStore) => Tensor) => {
    const store = paramStore();
    const program = compileAlgorithm(
      training({
        objective: () => ({ bound: sum(square(x(store).sub(goal).div(unit))).neg(), sites: {} }),
        parameters: store,
        optimiser: adam(0.1),
        seed: 1,
      }),
    );
    program.run({ steps: 30 });
    return [...program.read("x").data];
  };
  const found = after30Steps(
    (store) => store.declare("x", [k], { init: zeros, learningRateScale: unit }).value,
  );
  const units = after30Steps((store) => store.declare("x", [k], { init: zeros }).value.mul(unit));
  expect(found[0]).toBeCloseTo(10 * units[0], 3);
  expect(found[1]).toBeCloseTo(0.1 * units[1], 5);
});
