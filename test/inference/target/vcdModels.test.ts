/** The contrastive divergence of models with several plates and discrete latents, against plain arithmetic. */
import { describe, expect, test } from "vitest";
import { categorical, lognormal, normal } from "../../../src/distributions/index.ts";
import {
  controls,
  hoffman,
  Loop,
  particles,
  refine,
  type Training,
  training,
  VCD,
  vcd,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore, subsampled } from "../../../src/model/internal.ts";
import { constantInit } from "../../../src/nn/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import {
  axis,
  constant,
  exp,
  gather,
  grad,
  key,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { valuesOf } from "../../distributions/values.ts";

const f64 = (x: number) => constant(x, "float64");
const X = [0.7, -1.2, 2.1];
const row = axis("row", X.length);
const x = tensor(X, [row], "float64");
const part = axis("part", 2);
const SHARES = [0.3, 0.7];
const CENTRES = [-1, 0.5];

/** Of all data a mean and a positive scale, of each row a value and a hidden one of two shifts. */
const model: Model = ({ sample, observe, plate }) => {
  const mean = sample("mean", normal(f64(0), 2));
  const scale = sample("scale", lognormal(f64(0), 1));
  plate(row, () => {
    const z = sample("z", normal(mean, scale));
    const which = sample("which", categorical({ probs: tensor(SHARES, [part], "float64") }, part));
    const shift = gather(tensor(CENTRES, [part], "float64"), part, which);
    observe("x", normal(z.add(shift), 0.8), x);
  });
};
const AT = { m: 0.3, s: -0.4, a: 0.2, b: -0.7, c: 0.6, d: -0.2 };
/** The parameters of the guide are inputs, by name. */
const guide: Model = ({ sample, param, plate }) => {
  const at = Object.fromEntries(
    Object.entries(AT).map(([name, value]) => [
      name,
      param(name, [], { init: constantInit(value), dtype: "float64" }),
    ]),
  ) as Record<keyof typeof AT, Tensor>;
  const mean = sample("mean", normal(at.m, exp(at.s)));
  sample("scale", lognormal(at.a, exp(at.b)));
  plate(row, () => {
    sample("z", normal(x.mul(at.c).add(mean.mul(0.5)), exp(at.d)));
  });
};

/** Mean, scale, and z of each row. */
type Point = readonly number[];
type Parameters = typeof AT;
const logNormal = (at: number, mean: number, sd: number) =>
  -0.5 * ((at - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

function logJoint([mean, scale, ...z]: Point): number {
  const ofZ = z.map((each, i) => {
    const parts = CENTRES.map((c, k) => SHARES[k] * Math.exp(logNormal(X[i], each + c, 0.8)));
    return logNormal(each, mean, scale) + Math.log(parts[0] + parts[1]);
  });
  const logScale = Math.log(scale);
  const priors = logNormal(mean, 0, 2) + logNormal(logScale, 0, 1) - logScale;
  return priors + ofZ.reduce((a, b) => a + b);
}

function logGuide([mean, scale, ...z]: Point, { m, s, a, b, c, d }: Parameters): number {
  const logScale = Math.log(scale);
  const ofZ = z.map((each, i) => logNormal(each, c * X[i] + 0.5 * mean, Math.exp(d)));
  return (
    logNormal(mean, m, Math.exp(s)) +
    (logNormal(logScale, a, Math.exp(b)) - logScale) +
    ofZ.reduce((p, q) => p + q)
  );
}

/** The point that noise makes, and the noise of a point. */
function drawOf(noise: Point, { m, s, a, b, c, d }: Parameters): Point {
  const mean = m + Math.exp(s) * noise[0];
  const scale = Math.exp(a + Math.exp(b) * noise[1]);
  return [mean, scale, ...X.map((xi, i) => c * xi + 0.5 * mean + Math.exp(d) * noise[i + 2])];
}
function noiseOf([mean, scale, ...z]: Point, { m, s, a, b, c, d }: Parameters): Point {
  return [
    (mean - m) / Math.exp(s),
    (Math.log(scale) - a) / Math.exp(b),
    ...z.map((each, i) => (each - c * X[i] - 0.5 * mean) / Math.exp(d)),
  ];
}

const difference = (f: (by: number) => number) => (f(1e-5) - f(-1e-5)) / 2e-5;

/** One trajectory of unit mass over units of `scales`, of mean, log scale and z, that is accepted. */
function trajectory(from: Point, momentum: Point, stepSize: number, leapfrogs: number): Point {
  const toPoint = ([mean, logScale, ...z]: Point): Point => [mean, Math.exp(logScale), ...z];
  const density = (u: Point) => logJoint(toPoint(u)) + u[1];
  const slope = (u: Point) =>
    u.map((_, i) => difference((h) => density(u.map((y, j) => (i === j ? y + h : y)))));
  let u: Point = [from[0], Math.log(from[1]), ...from.slice(2)];
  let r = momentum;
  const kick = (size: number) => {
    const here = slope(u);
    r = r.map((y, i) => y + size * here[i]);
  };
  for (let step = 0; step < leapfrogs; step++) {
    kick(stepSize / 2);
    u = u.map((y, i) => y + stepSize * r[i]);
    kick(stepSize / 2);
  }
  return toPoint(u);
}

const MOMENTUM = [0.8, -0.5, 0.3, -0.9, 0.6];
const noise = {
  momentum: (_: number, at: number, like: Tensor) =>
    at < 2
      ? like.mul(0).add(MOMENTUM[at])
      : like.mul(0).add(tensor(MOMENTUM.slice(2), [row], "float64")),
  uniform: () => f64(1e-300),
};
const chains = { iterations: 1, leapfrogs: 3, stepSize: 0.17, adaptation: 0, noise };
const DRAWS = 3;
const options = () => ({
  ...{ model, guide, data: undefined, key: key(4), parameters: paramStore() },
  ...{ ...chains, particles: particles.average(DRAWS) },
});
const inputs = Object.fromEntries(
  Object.entries(AT).map(([name, value]) => [name, Float64Array.of(value)]),
);

/** Points of the draws, from the values of mean, scale and z, each over the draws. */
function pointsOf(values: readonly Float64Array[], drawsFirst: boolean): Point[] {
  const [mean, scale, z] = values;
  return Array.from({ length: DRAWS }, (_, k) => [
    mean[k],
    scale[k],
    ...X.map((_x, i) => z[drawsFirst ? k * X.length + i : i * DRAWS + k]),
  ]);
}

describe("latents in different plates, and a discrete one that is summed out", () => {
  const refined = refine(options(), VCD);
  const all = [...refined.draws, ...refined.improved];
  const found = valuesOf(all, { ...inputs, ...stateOf(refined) });
  const first = refined.draws[2].axes[0] !== row;
  const starts = pointsOf(found.slice(0, 3), first);
  const improved = pointsOf(found.slice(3), refined.improved[2].axes[0] !== row);

  test("move together, in one chain for each draw", () => {
    expect(refined.plates).toEqual([]);
    improved.forEach((point, k) => {
      const expected = trajectory(starts[k], MOMENTUM, chains.stepSize, chains.leapfrogs);
      point.forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 6);
      });
    });
  });

  const names = Object.keys(AT) as (keyof typeof AT)[];
  const moved = (name: keyof typeof AT, by: number) => ({ ...AT, [name]: AT[name] + by });
  const elboBy = (name: keyof typeof AT, start: Point) => {
    const e = noiseOf(start, AT);
    return difference((h) => {
      const z = drawOf(e, moved(name, h));
      return logJoint(z) - logGuide(z, moved(name, h));
    });
  };
  const scoreBy = (name: keyof typeof AT, at: Point) =>
    difference((h) => logGuide(at, moved(name, h)));
  const f = improved.map((point) => logJoint(point) - logGuide(point, AT));
  const mean = (of: (draw: number) => number) =>
    starts.reduce((total, _, k) => total + of(k), 0) / DRAWS;
  const others = (k: number) => (f.reduce((a, b) => a + b) - f[k]) / (DRAWS - 1);

  test.each([
    ["none", controls.none, () => 0],
    ["scalar, at its first step", controls.scalar, () => 0],
    ["leave-one-out", controls.leaveOneOut, others],
    ["the usual one of several draws", undefined, others],
  ] as const)("control %s: three parts of the gradient", (_, control, taken) => {
    const given = options();
    const made = vcd({ ...given, ...(control && { control }) });
    const params = given.parameters.list();
    const gradients = valuesOf(
      grad(
        made.bound,
        params.map(({ value }) => value),
      ),
      { ...inputs, ...stateOf(made) },
    );
    params.forEach(({ name }, i) => {
      const by = name as keyof typeof AT;
      const expected = mean(
        (k) =>
          elboBy(by, starts[k]) +
          scoreBy(by, improved[k]) -
          (f[k] - taken(k)) * scoreBy(by, starts[k]),
      );
      expect(gradients[i][0]).toBeCloseTo(expected, 5);
    });
    expect(params.map(({ name }) => name)).toEqual(names);
  });

  test("Hoffman's method moves the guide by the ELBO alone, and the divergence is told", () => {
    const given = options();
    const made = hoffman(given);
    const params = given.parameters.list();
    const outputs = [
      ...grad(
        made.bound,
        params.map(({ value }) => value),
      ),
      made.bound,
      made.metrics?.divergence as Tensor,
    ];
    const values = valuesOf(outputs, { ...inputs, ...stateOf(made) });
    params.forEach(({ name }, i) => {
      expect(values[i][0]).toBeCloseTo(
        mean((k) => elboBy(name as keyof typeof AT, starts[k])),
        5,
      );
    });
    const elbos = starts.map((point) => logJoint(point) - logGuide(point, AT));
    expect(values[params.length][0]).toBeCloseTo(
      mean((k) => elbos[k]),
      9,
    );
    expect(values[params.length + 1][0]).toBeCloseTo(
      mean((k) => f[k] - elbos[k]),
      6,
    );
  });
});

/** The inputs that hold what is carried, as they begin. */
function stateOf({ state }: Pick<ReturnType<typeof vcd>, "state">) {
  const initial = Object.entries(state?.initial ?? {});
  const values = valuesOf(initial.map(([, start]) => start));
  return Object.fromEntries(initial.map(([name], i) => [name, values[i]]));
}

/** The state after `steps`. */
function trained(algorithm: Training, steps: number) {
  const loop = new Loop({ algorithm, steps, recordEvery: steps });
  for (const _ of loop.calls());
  return loop.state();
}

test("the metric `spread` comes to the standard deviations of the guide's draws", () => {
  const parameters = paramStore();
  const made = training({
    objective: (_step, stepKey) =>
      vcd({ ...options(), parameters, key: stepKey, metric: "spread", iterations: 1 }),
    parameters,
    optimiser: sgd(1e-300),
    seed: 3,
  });
  const state = trained(made, 2000);
  const ofMean = Math.sqrt(state["mean#spread"].data[0]);
  const ofLogScale = Math.sqrt(state["scale#spread"].data[0]);
  // Of the last 50 steps with 3 draws each; neighbouring differences share a draw: about 1 / sqrt(2 * 75) each.
  expect(ofMean / Math.exp(AT.s)).toBeGreaterThan(0.65);
  expect(ofMean / Math.exp(AT.s)).toBeLessThan(1.35);
  expect(ofLogScale / Math.exp(AT.b)).toBeGreaterThan(0.65);
  expect(ofLogScale / Math.exp(AT.b)).toBeLessThan(1.35);
});

describe("what is refused", () => {
  const few = axis("few", 2);
  const rows = tensor([0, 2], [few], "int32");

  test("a minibatch of a plate that not all sites stand in", () => {
    const part = (whole: Model) => subsampled(whole, row, { axis: few, rows });
    expect(() => vcd({ ...options(), model: part(model), guide: part(guide) })).toThrow(
      /vcd: '(z|x)' stands in plate 'row', which holds a minibatch.*train by bound/,
    );
  });

  test("what only a bound is told, weighted particles, and a control for data that are not known", () => {
    for (const [choice, value] of Object.entries({ kl: "closed", gradient: "path", beta: 2 })) {
      expect(() => vcd({ ...options(), [choice]: value })).toThrow(
        new RegExp(`vcd: ${choice} is for a bound`),
      );
    }
    expect(() => hoffman({ ...options(), particles: particles.global(3) })).toThrow(
      /hoffman has a chain for each draw.*particles.average/,
    );
    const one = { ...options(), particles: particles.single(), control: controls.leaveOneOut };
    expect(() => vcd(one)).toThrow(/needs several particles/);
  });

  test("a discrete latent in the guide, which leaves it out", () => {
    const both: Model = (sites) => {
      guide(sites, undefined);
      sites.plate(row, () => {
        sites.sample("which", categorical({ probs: tensor(SHARES, [part], "float64") }, part));
      });
    };
    expect(() => vcd({ ...options(), guide: both })).toThrow(
      /latent 'which': vcd moves draws.*leave it out of the guide/,
    );
  });
});
