/** Differential equations against Taylor series at 30 digits: solutions, and derivatives by all that they start from. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compile } from "../../src/runtime/index.ts";
import {
  axis,
  cast,
  constant,
  cos,
  type DType,
  grad,
  input,
  type OdeOptions,
  SurmiseError,
  solveOde,
  square,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { expectClose } from "../close.ts";

interface Reference {
  readonly initial: readonly number[];
  readonly parameters: readonly number[];
  readonly times: readonly number[];
  /** By time and component. */
  readonly values: readonly number[];
  /** By time, component and direction: initial values, then parameters. */
  readonly slopes: readonly number[];
}
const REFERENCE = JSON.parse(
  readFileSync(new URL("reference/ode.json", import.meta.url), "utf8"),
) as Readonly<Record<string, Reference>>;

type State = Readonly<Record<string, Tensor>>;
type Rates = (state: State, t: Tensor, parameters: State) => State;
type Method = NonNullable<OdeOptions<string, string>["method"]>;

interface Model {
  readonly rates: Rates;
  readonly state: readonly string[];
  readonly parameters: readonly string[];
}

const MODELS: Readonly<Record<string, Model>> = {
  lotkaVolterra: {
    state: ["prey", "predator"],
    parameters: ["birth", "eaten", "death", "fed"],
    rates: ({ prey, predator }, _, { birth, eaten, death, fed }) => ({
      prey: prey.mul(birth.sub(eaten.mul(predator))),
      predator: predator.mul(fed.mul(prey).sub(death)),
    }),
  },
  michaelisMenten: {
    state: ["gut", "blood"],
    parameters: ["ka", "vmax", "km"],
    rates: ({ gut, blood }, _, { ka, vmax, km }) => {
      const absorbed = ka.mul(gut);
      return { gut: absorbed.neg(), blood: absorbed.sub(vmax.mul(blood).div(km.add(blood))) };
    },
  },
  robertson: {
    state: ["a", "b", "c"],
    parameters: ["k1", "k2", "k3"],
    rates: ({ a, b, c }, _, { k1, k2, k3 }) => {
      const [first, second, third] = [k1.mul(a), k2.mul(b).mul(c), k3.mul(square(b))];
      return { a: second.sub(first), b: first.sub(second).sub(third), c: third };
    },
  },
};

/** Solution and derivatives of a model, as the reference has them. */
function solved(
  name: string,
  dtype: DType,
  backend: "c" | "wasm",
  options: { method?: Method; relative: number; absolute: number },
) {
  const { rates, state, parameters } = MODELS[name];
  const reference = REFERENCE[name];
  const time = axis("time", reference.times.length);
  const all = [...state, ...parameters].map((each) => input(each, [], dtype));
  const pick = (names: readonly string[], from: number) =>
    Object.fromEntries(names.map((each, i) => [each, all[from + i]]));
  const solution = solveOde(rates, {
    initial: pick(state, 0),
    parameters: pick(parameters, state.length),
    times: tensor(reference.times, [time]),
    along: time,
    ...options,
  });
  // Each value by itself has its derivatives.
  const which = input("which", [time], "float64");
  const outputs: Record<string, Tensor> = {};
  state.forEach((each, k) => {
    outputs[`value ${k}`] = solution[each];
    const one = sum(solution[each].mul(dtype === "float64" ? which : 1));
    if (dtype === "float64") {
      grad(one, all).forEach((slope, d) => {
        outputs[`slope ${k} ${d}`] = slope;
      });
    }
  });
  const program = compile({ outputs }, { backend, threads: 1 });
  const numbers = [...reference.initial, ...reference.parameters];
  all.forEach((x, i) => {
    const values = dtype === "float64" ? Float64Array : Float32Array;
    program.write(x.op === "input" ? [...state, ...parameters][i] : "", values.of(numbers[i]));
  });
  const values = new Array<number>(reference.values.length);
  const slopes = new Array<number>(reference.slopes.length);
  reference.times.forEach((_, i) => {
    const unit = Float64Array.from(reference.times, (_, j) => (i === j ? 1 : 0));
    if (program.inputs.has("which")) program.write("which", unit);
    const found = program.run();
    state.forEach((_, k) => {
      values[i * state.length + k] = found[`value ${k}`].data[i];
      all.forEach((_, d) => {
        const at = (i * state.length + k) * all.length + d;
        slopes[at] = found[`slope ${k} ${d}`]?.data[0];
      });
    });
  });
  return { values, slopes };
}

const TIGHT = { relative: 1e-10, absolute: 1e-10 };

describe("at tolerances of 1e-10, within 1e-8 of the reference, and so are derivatives", () => {
  test.each<[string, Method, "c" | "wasm"]>([
    ["lotkaVolterra", "dormandPrince", "c"],
    ["lotkaVolterra", "dormandPrince", "wasm"],
    ["lotkaVolterra", "rosenbrock", "c"],
    ["michaelisMenten", "dormandPrince", "wasm"],
    ["michaelisMenten", "rosenbrock", "c"],
    ["michaelisMenten", "rosenbrock", "wasm"],
  ])("%s by %s on %s", (name, method, backend) => {
    const { values, slopes } = solved(name, "float64", backend, { method, ...TIGHT });
    expectClose(values, REFERENCE[name].values, 1e-8);
    expectClose(slopes, REFERENCE[name].slopes, 1e-7);
  });
});

test("the default tolerances, in float32", () => {
  const [relative, absolute] = [1e-6, 1e-6];
  const given = { method: "dormandPrince", relative, absolute } as const;
  const { values } = solved("michaelisMenten", "float32", "wasm", given);
  expectClose(values, REFERENCE.michaelisMenten.values, 2e-5);
});

test("is the same by the oracle", () => {
  const time = axis("time", 2);
  const { y } = solveOde(({ y }) => ({ y: y.neg() }), {
    ...{ initial: { y: 1 }, times: tensor([0.5, 1], [time]), along: time },
  });
  for (const backend of ["oracle", "wasm", "c"] as const) {
    const found = compile({ outputs: { y } }, { backend, threads: 1 }).run().y.data;
    expectClose([...found], [Math.exp(-0.5), Math.exp(-1)], 1e-6);
  }
});

test("a stiff system, over nine orders of magnitude, in few steps", () => {
  const options = { method: "rosenbrock", relative: 1e-8, absolute: 1e-12 } as const;
  const { values, slopes } = solved("robertson", "float64", "wasm", options);
  const { values: expected, slopes: expectedSlopes } = REFERENCE.robertson;
  values.forEach((x, i) => {
    expect(Math.abs(x - expected[i])).toBeLessThan(1e-7 * Math.abs(expected[i]));
  });
  expectClose(slopes, expectedSlopes, 1e-6);
});

/** The values of `outputs` in float64. */
function run<Name extends string>(
  outputs: Record<Name, Tensor>,
  inputs: Readonly<Record<string, readonly number[]>> = {},
) {
  const program = compile({ outputs }, { backend: "wasm", threads: 1, dtype: "float64", steps: 1 });
  for (const [name, values] of Object.entries(inputs))
    program.write(name, Float64Array.from(values));
  return program.run();
}

const METHODS = ["dormandPrince", "rosenbrock"] as const;

test.each(METHODS)("rates that depend on time, from another time than 0, by %s", (method) => {
  // y' = -k (y - cos t): y = (k cos t + sin t) k / (1 + k^2) + c exp(-k t).
  const time = axis("time", 3);
  const [k, from, times] = [3, 0.5, [0.5, 1, 4]];
  const exact = (t: number) => (k * (k * Math.cos(t) + Math.sin(t))) / (1 + k * k);
  const { y } = solveOde(({ y }, t, { k }) => ({ y: cos(t).sub(y).mul(k) }), {
    ...{ initial: { y: 2 }, from, times: tensor(times, [time]), along: time, parameters: { k } },
    ...{ method, ...TIGHT },
  });
  const expected = times.map((t) => exact(t) + (2 - exact(from)) * Math.exp(-k * (t - from)));
  expectClose([...run({ y }).y.data], expected, 1e-9);
});

describe("many elements at once", () => {
  const [patient, time] = [axis("patient", 3), axis("time", 4)];
  const rates = [0.1, 2, 40];
  const starts = [1, 5, 1e-3];
  const times = [0, 0.5, 0.5, 2];

  test.each(METHODS)("each with steps of its own, and derivatives of its own, by %s", (method) => {
    const [rate, start] = [input("rate", [patient]), input("start", [patient])];
    const { y } = solveOde(({ y }, _, { rate }) => ({ y: y.mul(rate).neg() }), {
      ...{ initial: { y: start }, parameters: { rate } },
      ...{ times: tensor(times, [time]), along: time, method, ...TIGHT },
    });
    const [byRate, byStart] = grad(sum(y), [rate, start]);
    const found = run({ y: sum(y, time), byRate, byStart }, { rate: rates, start: starts });
    const total = (f: (t: number, i: number) => number) =>
      rates.map((_, i) => times.reduce((all, t) => all + f(t, i), 0));
    const solution = (t: number, i: number) => starts[i] * Math.exp(-rates[i] * t);
    expectClose([...found.y.data], total(solution), 1e-8);
    expectClose(
      [...found.byRate.data],
      total((t, i) => -t * solution(t, i)),
      1e-8,
    );
    expectClose(
      [...found.byStart.data],
      total((t, i) => Math.exp(-rates[i] * t)),
      1e-8,
    );
  });

  test("a parameter that all share, and times that are computed and differ", () => {
    const [rate, shift] = [input("rate"), input("shift", [patient])];
    const { y } = solveOde(({ y }, _, { rate }) => ({ y: y.mul(rate).neg() }), {
      ...{ initial: { y: tensor(starts, [patient]) }, parameters: { rate } },
      ...{ times: tensor(times, [time]).add(shift), along: time, ...TIGHT },
    });
    const [byRate, byShift] = grad(sum(y), [rate, shift]);
    const shifts = [0, 0.25, 1];
    const found = run({ byRate, byShift }, { rate: [0.7], shift: shifts });
    const each = starts.map((y, i) =>
      times.map((t) => ({ t: t + shifts[i], y: y * Math.exp(-0.7 * (t + shifts[i])) })),
    );
    const sumOf = (xs: readonly number[]) => xs.reduce((a, b) => a + b, 0);
    expectClose([...found.byRate.data], [sumOf(each.flat().map(({ t, y }) => -t * y))], 1e-8);
    expectClose(
      [...found.byShift.data],
      each.map((row) => sumOf(row.map(({ y }) => -0.7 * y))),
      1e-8,
    );
  });
});

test("what cannot be reached is NaN, there and afterwards", () => {
  const time = axis("time", 3);
  const times = tensor([0.5, 2, 3], [time]);
  // y = 1 / (1 - t) has no value from 1 on.
  const { y } = solveOde(({ y }) => ({ y: square(y) }), { initial: { y: 1 }, times, along: time });
  const [first, ...rest] = run({ y }).y.data;
  expect(first).toBeCloseTo(2, 4);
  expect(rest).toEqual([Number.NaN, Number.NaN]);
  const stiff = (maxSteps: number) =>
    solveOde(({ y }) => ({ y: y.mul(-1000) }), { initial: { y: 1 }, times, along: time, maxSteps })
      .y;
  const found = run({ few: stiff(100), many: stiff(10_000) });
  expect([...found.few.data]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
  expect(found.many.data.every((x) => Math.abs(x) < 1e-5)).toBe(true);
});

describe("refusals", () => {
  const [time, other] = [axis("time", 2), axis("other", 2)];
  const times = tensor([1, 2], [time]);
  const given = { initial: { y: 1 }, times, along: time };
  const decay = ({ y }: { y: Tensor }) => ({ y: y.neg() });
  const spread = tensor([1, 2], [other]);
  test.each<[() => unknown, string]>([
    [
      () => solveOde(decay, { ...given, times: tensor([2, 1], [time]) }),
      "solveOde: time 2 along 'time' is 1, after 2: times must increase",
    ],
    [
      () => solveOde(decay, { ...given, from: 1.5 }),
      "solveOde: time 1 along 'time' is 1, after 1.5: times must increase",
    ],
    [
      () => solveOde(decay, { ...given, times: spread }),
      "solveOde: the times have axes {other: 2} and lack 'time'",
    ],
    [
      () => solveOde(decay, { ...given, initial: { y: times } }),
      "solveOde: 'y' varies over 'time', the axis of the times",
    ],
    [
      () => solveOde(() => ({ z: constant(1, "float64") }) as never, given),
      "solveOde: the rates are those of z; the state has y",
    ],
    [
      () =>
        solveOde(({ y }) => ({ y: y.sub(sum(y, other)) }), { ...given, initial: { y: spread } }),
      "solveOde: the rate of 'y' has a sum over elements of the state or of parameters: give each component a " +
        "name of its own, and take elements of parameters before",
    ],
    [
      () => solveOde(({ y }) => ({ y: y.mul(input("k", [], "float64")) }), given),
      "solveOde: the rate of 'y' is made of input{} float64, which is neither the state nor the time: give it as a " +
        "parameter",
    ],
    [
      () => solveOde(({ y }) => ({ y: y.mul(cast(spread, "float64")) }), given),
      "solveOde: the rate of 'y' is made of cast{other: 2} float64, which is neither the state nor the time: give it as " +
        "a parameter",
    ],
    [
      () => solveOde(({ y }) => ({ y: y.mul(spread) }), given),
      "solveOde: in the rates, mul of float64 {} and float32 {other: 2}: the types differ; cast one of them; tensors " +
        "from outside are given as parameters, which are float64 inside",
    ],
    [
      () => solveOde(decay, { ...given, method: "euler" as never }),
      'solveOde: there is no method "euler"; use one of dormandPrince, rosenbrock',
    ],
  ])("%#", (make, message) => {
    expect(make).toThrow(new SurmiseError(message));
  });
});
