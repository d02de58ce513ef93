/**
 * Estimators draw by draw, to rounding: of two layers of latents in a plate that holds a minibatch, with a parameter that
 * both layers of the guide share, by differences of the weights written out in plain numbers.
 */
import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  bound,
  broadcast,
  type Gradient,
  type Particles,
  particles,
  scaledScore,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import { axis, constant, exp, grad, key, tanh, tensor } from "../../../src/tensor/index.ts";

const X = [1.1, -0.5, 0.8];
const TOTAL = 7;
const AT = { w: 0.8, v: -0.3, m: 0.3, s: -0.1, c: 0.5, d: 0.4, t: -0.5 };
type Values = typeof AT;
type Name = keyof Values;
const NAMES = Object.keys(AT) as Name[];

const datum = axis("datum", X.length);
const x = tensor(X, [datum], "float64");
const f64 = (value: number) => constant(value, "float64");
const declared = (param: Parameters<Model>[0]["param"]) => (name: Name) =>
  param(name, [], { init: () => f64(AT[name]), dtype: "float64" });

const model: Model = ({ sample, observe, plate, param }) => {
  const [w, v] = (["w", "v"] as const).map(declared(param));
  const inside = () => {
    const a = sample("a", normal(f64(0), 1));
    const b = sample("b", normal(tanh(a.mul(w)), 0.7));
    observe("x", normal(b, exp(v)), x);
  };
  plate(datum, inside, { total: TOTAL });
};
const guide: Model = ({ sample, plate, param }) => {
  const [m, s, c, d, t] = (["m", "s", "c", "d", "t"] as const).map(declared(param));
  const inside = () => {
    const a = sample("a", normal(x.mul(m), exp(s)));
    const mean = x.mul(c).add(tanh(a).mul(d)).add(m.mul(0.3));
    sample("b", normal(mean, exp(t.add(a.mul(0.1)))));
  };
  plate(datum, inside, { total: TOTAL });
};

/** A particle of a datum. */
interface Draw {
  readonly a: number;
  readonly b: number;
}
const logNormal = (z: number, mean: number, logSd: number) =>
  -0.5 * ((z - mean) / Math.exp(logSd)) ** 2 - logSd - 0.5 * Math.log(2 * Math.PI);
const ofA = ({ m, s }: Values, xi: number) => [m * xi, s] as const;
const ofB = ({ m, c, d, t }: Values, xi: number, a: number) =>
  [c * xi + d * Math.tanh(a) + 0.3 * m, t + 0.1 * a] as const;

interface Setting {
  readonly particles: Particles;
  readonly draws: number;
  readonly weighted: number;
  readonly alpha?: number;
  readonly beta?: number;
}
const { single, average, global, local } = particles;
const SETTINGS: Readonly<Record<string, Setting>> = {
  single: { particles: single(), draws: 1, weighted: 1 },
  average: { particles: average(3), draws: 3, weighted: 1 },
  "average, beta 0.4": { particles: average(2), draws: 2, weighted: 1, beta: 0.4 },
  "two weighted": { particles: global(2), draws: 1, weighted: 2 },
  "four weighted in the plate": { particles: local(4), draws: 1, weighted: 4 },
  "three weighted, averaged": { particles: average(2, global(3)), draws: 2, weighted: 3 },
  "Renyi 0.3": { particles: global(3), draws: 1, weighted: 3, alpha: 0.3 },
  "Renyi 2.5": { particles: global(3), draws: 1, weighted: 3, alpha: 2.5 },
};

/** The bound of a datum and what it is made of, of its draws. */
function ofDatum(xi: number, draws: readonly Draw[], { alpha = 0, beta = 1, weighted }: Setting) {
  const noise = draws.map(({ a, b }) => {
    const [[meanA, sdA], [meanB, sdB]] = [ofA(AT, xi), ofB(AT, xi, a)];
    return { a: (a - meanA) / Math.exp(sdA), b: (b - meanB) / Math.exp(sdB) };
  });
  const drawn = (at: Values, k: number): Draw => {
    const [meanA, sdA] = ofA(at, xi);
    const a = meanA + Math.exp(sdA) * noise[k].a;
    const [meanB, sdB] = ofB(at, xi, a);
    return { a, b: meanB + Math.exp(sdB) * noise[k].b };
  };
  const logP = ({ w, v }: Values, { a, b }: Draw) =>
    beta * (logNormal(a, 0, 0) + logNormal(b, Math.tanh(w * a), Math.log(0.7))) +
    logNormal(xi, b, v);
  const logQ = (at: Values, { a, b }: Draw, given = a) =>
    logNormal(a, ...ofA(at, xi)) + logNormal(b, ...ofB(at, xi, given));
  /** With the parameters of p, of the draws, and of log q, the latter perhaps of the draws as they are. */
  const weight = (p: Values, z: Values, q: Values, k: number, blocked = false) =>
    logP(p, drawn(z, k)) - beta * logQ(q, drawn(z, k), blocked ? draws[k].a : undefined);
  const all = Array.from({ length: weighted }, (_, k) => k);
  const combined = (ws: readonly number[]) =>
    Math.log(ws.reduce((sum, one) => sum + Math.exp((1 - alpha) * one), 0) / ws.length) /
    (1 - alpha);
  const value = (p: Values, z: Values, q: Values, blocked = false) =>
    combined(all.map((k) => weight(p, z, q, k, blocked)));
  const weights = all.map((k) => weight(AT, AT, AT, k));
  const powers = weights.map((one) => Math.exp((1 - alpha) * one));
  const sum = powers.reduce((a, b) => a + b);
  return { value, weight, logQ, combined, weights, shares: powers.map((one) => one / sum) };
}

const STEP = 1e-5;
const differences = (f: (at: Values) => number): number[] =>
  NAMES.map((name) => {
    const beside = (by: number) => f({ ...AT, [name]: AT[name] + by });
    return (beside(STEP) - beside(-STEP)) / (2 * STEP);
  });
const plus = (...all: readonly (readonly number[])[]) =>
  NAMES.map((_, j) => all.reduce((sum, one) => sum + one[j], 0));
const times = (by: number, g: readonly number[]) => g.map((one) => by * one);
const nothing = NAMES.map(() => 0);

type Cell = ReturnType<typeof ofDatum>;
/** What the parameters move by for one datum, of a draw of all its particles; `others` are the other draws of an average. */
type Expected = (
  cell: Cell,
  draws: readonly Draw[],
  setting: Setting,
  others: readonly Cell[],
) => number[];

const byP: Expected = ({ value }) => differences((at) => value(at, AT, AT));
/** The expectation of the derivative of log q under the weights, as often as it counts. */
const inside: Expected = ({ logQ, shares }, draws, { beta = 1 }) =>
  plus(
    ...draws.map((z, k) =>
      times(
        beta * shares[k],
        differences((at) => logQ(at, z)),
      ),
    ),
  );
const scored =
  (
    signal: (cell: Cell, k: number, setting: Setting, others: readonly Cell[]) => number,
  ): Expected =>
  (cell, draws, setting, others) => {
    const own = draws.map((z, k) => {
      const score = differences((at) => cell.logQ(at, z));
      return times(signal(cell, k, setting, others), score);
    });
    const off = setting.weighted > 1 ? times(-1, inside(cell, draws, setting, others)) : nothing;
    return plus(byP(cell, draws, setting, others), off, ...own);
  };
const total: Expected = ({ value }) => differences((at) => value(at, at, at));
const path: Expected = ({ value }) => differences((at) => value(at, at, AT));
const meanOf = (ws: readonly number[]) => ws.reduce((a, b) => a + b) / ws.length;

const EXPECTED: Readonly<Record<string, readonly [Gradient, Expected]>> = {
  total: ["total", total],
  path: ["path", path],
  pathBlocked: ["pathBlocked", ({ value }) => differences((at) => value(at, at, AT, true))],
  scaledScore: [
    scaledScore(0.3),
    (...given) => plus(times(0.7, path(...given)), times(0.3, total(...given))),
  ],
  doublyReparameterised: [
    "doublyReparameterised",
    (cell, draws, setting, others) => {
      const own = draws.map((_, k) =>
        times(
          cell.shares[k] ** 2,
          differences((at) => cell.weight(AT, at, AT, k)),
        ),
      );
      return plus(byP(cell, draws, setting, others), ...own);
    },
  ],
  score: ["score", scored(({ combined, weights }) => combined(weights))],
  scoreLeaveOneOut: [
    "scoreLeaveOneOut",
    scored(({ combined, weights }, k, { weighted }, others) => {
      if (weighted === 1) {
        return weights[0] - meanOf(others.map((other) => other.weights[0]));
      }
      const rest = meanOf(weights.filter((_, j) => j !== k));
      return combined(weights) - combined(weights.map((w, j) => (j === k ? rest : w)));
    }),
  ],
  wake: ["wake", (...given) => plus(byP(...given), inside(...given))],
  wakeP: ["wakeP", byP],
  wakeQ: ["wakeQ", inside],
};

/** What the requirements of the estimators refuse; `gradients.md` lists it. */
function isRefused(gradient: string, { alpha, particles: of }: Setting): boolean {
  if (gradient === "doublyReparameterised") return alpha !== undefined;
  return (
    gradient === "scoreLeaveOneOut" && (alpha !== undefined || of === SETTINGS.single.particles)
  );
}

describe.each(Object.entries(SETTINGS))("%s", (_, setting) => {
  const { particles: of, draws, weighted, alpha, beta } = setting;

  test.each(Object.entries(EXPECTED).filter(([name]) => !isRefused(name, setting)))(
    "%s",
    (_, [gradient, expected]) => {
      const store = paramStore();
      const choices = { particles: of, gradient, ...(alpha && { alpha }), ...(beta && { beta }) };
      const made = bound({
        ...{ model, guide, data: undefined, parameters: store, key: key(5), ...choices },
      });
      const params = store.list();
      const by = grad(
        made.bound,
        params.map(({ value }) => value),
      );
      const outputs = Object.fromEntries([
        ["bound", made.bound],
        ...by.map((g, i) => [`by ${params[i].name}`, g]),
        ...made.guideTrace.latents.map(({ name, value }) => [name, value]),
      ]);
      const program = compile({ outputs }, { dtype: "float64" });
      for (const name of NAMES) if (program.inputs.has(name)) program.write(name, [AT[name]]);
      const found = program.run();

      const axes = made.particles.map(({ axis }) => axis);
      const [a, b] = ["a", "b"].map((name) => broadcast(found[name], [...axes, datum]));
      const place = (draw: number, k: number, i: number) => (draw * weighted + k) * X.length + i;
      const all = Array.from({ length: draws }, (_, draw) =>
        X.map((xi, i) => {
          const own = Array.from({ length: weighted }, (_, k) => place(draw, k, i));
          const z = own.map((at) => ({ a: Number(a[at]), b: Number(b[at]) }));
          return { z, cell: ofDatum(xi, z, setting) };
        }),
      );
      const scale = TOTAL / X.length / draws;
      const value = all.flat().reduce((sum, { cell }) => sum + cell.value(AT, AT, AT), 0);
      expect(Number(found.bound.data[0])).toBeCloseTo(scale * value, 9);
      const parts = all.flatMap((data, draw) =>
        data.map(({ z, cell }, i) => {
          const others = all.filter((_, other) => other !== draw).map((each) => each[i].cell);
          return expected(cell, z, setting, others);
        }),
      );
      const moves = times(scale, plus(...parts));
      NAMES.forEach((name, j) => {
        const away = Math.abs(Number(found[`by ${name}`].data[0]) - moves[j]);
        expect(away / (1 + Math.abs(moves[j])), name).toBeLessThan(1e-7);
      });
    },
  );
});
