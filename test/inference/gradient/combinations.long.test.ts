/**
 * All combinations of guide, particles, order of the bound, form of the divergence and gradient estimator: values against
 * the evidence by quadrature, the total derivative against differences, and every estimator that is said to be unbiased
 * against it.
 */
import { describe, expect, test } from "vitest";
import { mixture, normal } from "../../../src/distributions/index.ts";
import {
  automaticGuide,
  bound,
  broadcast,
  type FlowKind,
  flow,
  GRADIENTS,
  type GuideFamily,
  jointMixture,
  type KlForm,
  type Particles,
  particles,
  structured,
} from "../../../src/inference/internal.ts";
import { type Model, paramStore, type Sites } from "../../../src/model/index.ts";
import { compile, type Program } from "../../../src/runtime/index.ts";
import {
  axis,
  constant,
  exp,
  fold,
  grad,
  input,
  key,
  SurmiseError,
  sizeOf,
  type Tensor,
  tanh,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA, meanAndError } from "../../distributions/values.ts";

const DRAWS = 2000;
const X = [1.1, -0.5, 0.8];
const datum = axis("datum", X.length);
const x = tensor(X, [datum], "float64");
const f64 = (value: number) => constant(value, "float64");

/** Scalar parameters by name, each with its value. */
function scalars<Name extends string>(param: Sites["param"], at: Readonly<Record<Name, number>>) {
  const declared = Object.entries<number>(at).map(([name, value]) => [
    name,
    param(name, [], { init: () => f64(value), dtype: "float64" }),
  ]);
  return Object.fromEntries(declared) as Record<Name, Tensor>;
}

const W = { w: 0.8 };
/** Two latents for each datum. */
const local: Model = ({ sample, observe, plate, param }) => {
  const { w } = scalars(param, W);
  plate(datum, () => {
    const a = sample("a", normal(f64(0), 1));
    const b = sample("b", normal(tanh(a.mul(w)), 0.7));
    observe("x", normal(b, 0.5), x);
  });
};
/** A latent of all data, and one for each. */
const mixed: Model = ({ sample, observe, plate, param }) => {
  const { w } = scalars(param, W);
  const a = sample("a", normal(f64(0), 1));
  plate(datum, () => {
    const b = sample("b", normal(a.mul(w), 0.7));
    observe("x", normal(b, 0.5), x);
  });
};
/** Three layers, of all data. */
const three: Model = ({ sample, observe, plate, param }) => {
  const { w } = scalars(param, W);
  const a = sample("a", normal(f64(0), 1));
  const b = sample("b", normal(tanh(a.mul(w)), 0.7));
  const last = sample("last", normal(tanh(b).add(a.mul(0.3)), 0.6));
  plate(datum, () => observe("x", normal(last, 0.8), x));
};

const density = (at: number, mean: number, sd: number) =>
  Math.exp(-0.5 * ((at - mean) / sd) ** 2) / (sd * Math.sqrt(2 * Math.PI));
const product = (xs: readonly number[]) => xs.reduce((a, b) => a * b, 1);
/** By the trapezoidal rule, for what falls as normals do. */
function integral(f: (z: number) => number): number {
  const h = 0.05;
  let total = 0;
  for (let z = -9; z <= 9; z += h) total += h * f(z);
  return total;
}
const ofBoth = Math.hypot(0.7, 0.5);
const EVIDENCE = new Map<Model, number>([
  [
    local,
    product(
      X.map((xi) => integral((a) => density(a, 0, 1) * density(xi, Math.tanh(W.w * a), ofBoth))),
    ),
  ],
  [mixed, integral((a) => density(a, 0, 1) * product(X.map((xi) => density(xi, W.w * a, ofBoth))))],
  [
    three,
    integral((a) => {
      const likelihood = (c: number) => product(X.map((xi) => density(xi, c, 0.8)));
      const given = (b: number) =>
        integral((c) => density(c, Math.tanh(b) + 0.3 * a, 0.6) * likelihood(c));
      return density(a, 0, 1) * integral((b) => density(b, Math.tanh(W.w * a), 0.7) * given(b));
    }),
  ],
]);

const AT = { m: 0.3, s: -0.1, c: 0.5, d: 0.4, t: -0.5 };
/** Guides written by hand: of latents on their own, and each given the other. */
const independent: Model = ({ sample, plate, param }) => {
  const { m, s, c, t } = scalars(param, AT);
  plate(datum, () => {
    sample("a", normal(x.mul(m), exp(s)));
    sample("b", normal(x.mul(c), exp(t)));
  });
};
const forwards: Model = ({ sample, plate, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  plate(datum, () => {
    const a = sample("a", normal(x.mul(m), exp(s)));
    sample("b", normal(x.mul(c).add(tanh(a).mul(d)), exp(t.add(a.mul(0.1)))));
  });
};
const backwards: Model = ({ sample, plate, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  plate(datum, () => {
    const b = sample("b", normal(x.mul(c), exp(t)));
    sample("a", normal(tanh(b).mul(d).add(m), exp(s.add(b.mul(0.1)))));
  });
};
const mixedForwards: Model = ({ sample, plate, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  const a = sample("a", normal(m, exp(s)));
  plate(datum, () => {
    sample("b", normal(x.mul(c).add(tanh(a).mul(d)), exp(t)));
  });
};
const threeForwards: Model = ({ sample, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  const a = sample("a", normal(m, exp(s)));
  const b = sample("b", normal(tanh(a).mul(d).add(c), exp(t)));
  sample("last", normal(tanh(b).mul(m).add(a.mul(d)), exp(t.add(a.mul(0.2)))));
};
const threeBackwards: Model = ({ sample, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  const last = sample("last", normal(c, exp(t)));
  const b = sample("b", normal(tanh(last).mul(d), exp(t.add(last.mul(0.2)))));
  sample("a", normal(tanh(b).mul(m).add(last.mul(d)), exp(s)));
};
const component = axis("component", 2);
const ends = (low: number, high: number) => tensor([low, high], [component], "float64");
/** A mixture for each datum, and a mixture of all latents that one component makes. */
const localMixture: Model = ({ sample, plate, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  const logits = ends(0.4, -0.2).mul(m);
  plate(datum, () => {
    const a = sample("a", mixture({ logits }, normal(ends(-1, 1).mul(d).add(x.mul(m)), exp(s))));
    sample("b", normal(x.mul(c).add(tanh(a).mul(d)), exp(t)));
  });
};
const mixedMixture: Model = ({ sample, plate, param }) => {
  const { m, s, c, d, t } = scalars(param, AT);
  const logits = ends(0.4, -0.2).mul(m);
  const a = sample("a", mixture({ logits }, normal(ends(-1, 1).mul(d).add(m), exp(s))));
  plate(datum, () => {
    sample("b", normal(x.mul(c).add(tanh(a).mul(d)), exp(t)));
  });
};

const FLOWS: readonly FlowKind[] = ["planar", "coupling", "autoregressive", "spline"];
const flowOf = (kind: FlowKind) => flow({ kind, layers: 2, hidden: 3, sd: 0.7 });

/** A model, its guide, what of the settings it has no estimator for, and whether it is drawn from each of its components. */
interface Pair {
  readonly model: Model;
  readonly guide: Model;
  readonly refused?: readonly string[];
  readonly strata?: true;
}

/** Forms of the divergence, which mixtures and flows have not, and particles that not all latents share. */
const FORMS = ["one draw, kl closed", "one draw, kl entropy"];
const ON_THEIR_OWN = ["massively parallel", "tensor Monte Carlo", "Renyi 0.5, massively parallel"];
const TOGETHER = [...FORMS, ...ON_THEIR_OWN, "weighted particles in plates"];

const PAIRS: Readonly<Record<string, Pair>> = {
  "latents on their own": { model: local, guide: independent },
  "as the model draws them": { model: local, guide: forwards },
  "in the other order": { model: local, guide: backwards, refused: ["one draw, kl closed"] },
  "across a plate": { model: mixed, guide: mixedForwards },
  "three layers": { model: three, guide: threeForwards },
  "three layers in the other order": {
    ...{ model: three, guide: threeBackwards, refused: ["one draw, kl closed"] },
  },
  "a mixture for each datum": {
    ...{ model: local, guide: localMixture, refused: [...FORMS, ...ON_THEIR_OWN], strata: true },
  },
  "a mixture across a plate": {
    ...{ model: mixed, guide: mixedMixture, refused: [...FORMS, ...ON_THEIR_OWN], strata: true },
  },
  "a mixture of all latents": {
    model: mixed,
    guide: automaticGuide(mixed, jointMixture({ components: 2, sd: 0.7 })),
    ...{ refused: TOGETHER, strata: true },
  },
  ...Object.fromEntries(
    FLOWS.map((kind): [string, Pair] => [
      `a flow, ${kind}`,
      { model: mixed, guide: automaticGuide(mixed, flowOf(kind)), refused: TOGETHER },
    ]),
  ),
};

interface Setting {
  readonly particles: Particles;
  readonly alpha?: number;
  readonly kl?: KlForm;
}
const { single, average, global, local: inPlates, massivelyParallel, stratified } = particles;
/** Whether log weights are averaged, so that the path derivative is unbiased too. */
const AVERAGED: Readonly<Record<string, Setting>> = {
  "one draw": { particles: single() },
  "an average": { particles: average(3) },
  "one draw, kl closed": { particles: single(), kl: "closed" },
  "one draw, kl entropy": { particles: single(), kl: "entropy" },
};
const WEIGHTED: Readonly<Record<string, Setting>> = {
  "weighted particles": { particles: global(3) },
  "weighted particles, averaged": { particles: average(2, global(3)) },
  "weighted particles in plates": { particles: inPlates(3) },
  "massively parallel": { particles: massivelyParallel(3) },
  "tensor Monte Carlo": { particles: massivelyParallel(3, { parents: "independent" }) },
  "Renyi 0.5": { particles: global(3), alpha: 0.5 },
  "Renyi -1, averaged": { particles: average(2, global(3)), alpha: -1 },
  "Renyi 0.5, massively parallel": { particles: massivelyParallel(3), alpha: 0.5 },
};
const STRATIFIED: Readonly<Record<string, Setting>> = {
  "each component": { particles: stratified() },
  "each component, averaged": { particles: stratified(average(2)) },
};

/** Estimators whose mean is the derivative of the expected bound: of averages, path derivatives too. */
const UNBIASED = Object.entries(GRADIENTS)
  .filter(([, { unbiased }]) => unbiased)
  .map(([name]) => name as keyof typeof GRADIENTS);
const WHERE_AVERAGED = [...UNBIASED, "path", "pathBlocked"] as const;

interface Draws {
  readonly bound: Float64Array;
  /** Of each estimator that is not refused, of each draw, the derivatives by all elements of the parameters. */
  readonly gradients: Readonly<Record<string, Float64Array[]>>;
  /** The parameter that each of these elements belongs to. */
  readonly names: readonly string[];
  /** The derivative of the bound of a draw in a direction, by differences. */
  difference(draw: number, along: Float64Array): number;
}

/** Before the names of the parameters of a guide that is a model. */
const OF_P = "of p: ";

/** Values of the parameters of a model and its guide: those that they begin at, and vectors a little beside. */
function valuesOf(store: ReturnType<typeof paramStore>): Map<string, Float64Array> {
  const params = store.list();
  const starts = params.map(({ name, axes, dtype, init }) => [
    name,
    init(fold(key(9), name.replace(OF_P, "")), axes, dtype),
  ]);
  const found = compile({ outputs: Object.fromEntries(starts) }, { dtype: "float64" }).run();
  return new Map(
    params.map(({ name, axes }) => {
      const { data } = found[name];
      const at = (i: number) => Number(data[data.length === 1 ? 0 : i]);
      const moved = axes.length === 0 ? 0 : 0.12;
      const values = Float64Array.from(
        { length: sizeOf(axes) },
        (_, i) => at(i) + moved * Math.sin(2.1 * i + name.replace(OF_P, "").length),
      );
      return [name, values];
    }),
  );
}

function drawsOf(
  { model, guide }: Pick<Pair, "model" | "guide">,
  setting: Setting,
  names: readonly (keyof typeof GRADIENTS)[],
  count = DRAWS,
): Draws {
  const store = paramStore();
  const options = { model, guide, data: undefined, parameters: store, ...setting };
  const draw = fold(key(3), input("draw", [], "int32"));
  const made = names.flatMap((gradient) => {
    try {
      return [{ gradient, ...bound({ ...options, key: draw, gradient }) }];
    } catch (error) {
      if (error instanceof SurmiseError) return [];
      throw error;
    }
  });
  const params = store.list();
  const values = valuesOf(store);
  const sizes = params.map(({ axes }) => sizeOf(axes));
  const run: Record<string, Float64Array[]> = {};
  // Control variates of two estimators have states of one name.
  const groups = [
    made.filter(({ gradient }) => gradient !== "scorePerDatum"),
    made.filter(({ gradient }) => gradient === "scorePerDatum"),
  ].filter((group) => group.length > 0);
  const bounds = new Float64Array(count);
  const programs = groups.map((group) => {
    const outputs: Record<string, Tensor> = { bound: group[0].bound };
    for (const { gradient, bound: value } of group) {
      const by = grad(
        value,
        params.map((param) => param.value),
      );
      by.forEach((g, i) => {
        outputs[`${gradient} ${i}`] = g;
      });
    }
    const updates = group.flatMap(({ state }) => state?.updates ?? []);
    const program = compile({ outputs, updates }, { dtype: "float64", steps: count });
    for (const name of group.flatMap(({ state }) => Object.keys(state?.initial ?? {}))) {
      program.write(name, new Float64Array(sizeOf(program.inputs.get(name)?.axes ?? [])));
    }
    writeAll(program, values);
    for (let i = 0; i < count; i++) {
      const found = program.run({ inputs: { draw: i } });
      bounds[i] = found.bound.data[0];
      for (const { gradient } of group) {
        const all = sizes.flatMap((size, at) => {
          const flat = broadcast(found[`${gradient} ${at}`], params[at].axes);
          return Array.from({ length: size }, (_, j) => Number(flat[j]));
        });
        run[gradient] ??= [];
        run[gradient].push(Float64Array.from(all));
      }
    }
    return program;
  });
  const [program] = programs;
  const movedBound = (at: number, along: Float64Array, by: number) => {
    let place = 0;
    const moved = new Map(
      params.map(({ name }, i) => {
        const here = (values.get(name) as Float64Array).map((v, j) => v + by * along[place + j]);
        place += sizes[i];
        return [name, here];
      }),
    );
    writeAll(program, moved);
    return program.run({ inputs: { draw: at } }).bound.data[0];
  };
  return {
    bound: bounds,
    gradients: run,
    names: params.flatMap(({ name }, i) => Array.from({ length: sizes[i] }, () => name)),
    difference(at, along) {
      const h = 1e-5 / Math.hypot(...along);
      return (movedBound(at, along, h) - movedBound(at, along, -h)) / (2 * h);
    },
  };
}

function writeAll(program: Program, values: ReadonlyMap<string, Float64Array>): void {
  for (const [name, data] of values) if (program.inputs.has(name)) program.write(name, data);
}

/** How far two estimators are apart, at most, in standard errors of the difference draw by draw. */
function apart(a: readonly Float64Array[], b: readonly Float64Array[]): number {
  const each = Array.from(a[0], (_, i) => {
    const { mean, error } = meanAndError(a.map((row, draw) => row[i] - b[draw][i]));
    const size = Math.abs(meanAndError(a.map((row) => row[i])).mean);
    return Math.abs(mean) < 1e-9 * (1 + size) ? 0 : Math.abs(mean) / error;
  });
  return Math.max(...each);
}

const settingsOf = (isMixture: boolean) =>
  Object.entries({ ...AVERAGED, ...WEIGHTED, ...(isMixture && STRATIFIED) });

describe.each(Object.entries(PAIRS))("%s", (_, pair) => {
  const { model, strata = false, refused = [] } = pair;

  test.each(settingsOf(strata))("%s", (name, setting) => {
    const isStratified = Object.hasOwn(STRATIFIED, name);
    const isAveraged = isStratified || Object.hasOwn(AVERAGED, name);
    const found = drawsOf(pair, setting, isAveraged ? WHERE_AVERAGED : UNBIASED);
    const [first, ...others] = Object.keys(found.gradients);
    expect(first === undefined).toBe(refused.includes(name));
    if (first === undefined) return;
    if (!isAveraged && !name.includes("averaged") && setting.alpha === undefined) {
      const { mean, error } = meanAndError(found.bound.map(Math.exp));
      const evidence = EVIDENCE.get(model) as number;
      expect(Math.abs(mean - evidence)).toBeLessThan(FIVE_SIGMA * error);
    }
    if (first === "total") {
      for (const draw of [0, 1, 2]) {
        const along = found.gradients.total[draw];
        const expected = along.reduce((sum, g) => sum + g * g, 0);
        expect(Math.abs(found.difference(draw, along) - expected)).toBeLessThan(1e-4 * expected);
      }
    }
    for (const other of others) {
      const away = apart(found.gradients[first], found.gradients[other]);
      expect(away, other).toBeLessThan(FIVE_SIGMA);
    }
    if (isStratified || setting.kl !== undefined) {
      // What is known of single draws: of a mixture by the score function alone.
      const estimator = strata ? "score" : "total";
      const single = drawsOf(pair, AVERAGED["one draw"], [estimator]).gradients[estimator];
      expect(apart(single, found.gradients.total), estimator).toBeLessThan(FIVE_SIGMA);
    }
  });
});

describe("where the guide is the posterior", () => {
  /** The guide with its parameters under other names as a model of the latents: without data it is its own posterior. */
  const asModel =
    (guide: Model): Model =>
    (sites, data) =>
      guide({ ...sites, param: (name, ...rest) => sites.param(OF_P + name, ...rest) }, data);
  const families: Readonly<Record<string, GuideFamily>> = {
    "a joint normal": structured(),
    "a mixture": jointMixture({ components: 2, sd: 0.7 }),
    ...Object.fromEntries(FLOWS.map((kind) => [`a flow, ${kind}`, flowOf(kind)])),
  };

  test.each(Object.entries(families))(
    "%s: path derivatives are zero for every draw",
    (name, family) => {
      const guide = automaticGuide(mixed, family);
      const settings =
        name === "a mixture"
          ? Object.values(STRATIFIED)
          : [AVERAGED["one draw"], AVERAGED["an average"], WEIGHTED["weighted particles"]];
      for (const setting of settings) {
        const estimators = ["total", "path", "doublyReparameterised"] as const;
        const found = drawsOf({ model: asModel(guide), guide }, setting, estimators, 20);
        const largest = (estimator: string) =>
          Math.max(
            ...found.gradients[estimator].map((row) =>
              row.reduce(
                (most, g, i) => Math.max(most, found.names[i].startsWith(OF_P) ? 0 : Math.abs(g)),
                0,
              ),
            ),
          );
        for (const value of found.bound) expect(Math.abs(value)).toBeLessThan(1e-8);
        expect(largest("path")).toBeLessThan(1e-8);
        expect(largest("doublyReparameterised")).toBeLessThan(1e-8);
        expect(largest("total")).toBeGreaterThan(0.01);
      }
    },
  );
});
