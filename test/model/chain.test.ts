/** Chains against the same model with a site for each step. */

import { describe, expect, test } from "vitest";
import { bernoulli, categorical, mixture, normal } from "../../src/distributions/index.ts";
import { massivelyParallel, traceModelAndGuide } from "../../src/inference/internal.ts";
import {
  condition,
  draw,
  type Latent,
  type Model,
  paramStore,
  replay,
  type Sites,
  trace,
  unobserved,
} from "../../src/model/index.ts";
import { compile } from "../../src/runtime/index.ts";
import { broadcast } from "../../src/runtime/internal.ts";
import {
  axis,
  cast,
  constant,
  exp,
  fold,
  gather,
  key,
  scan,
  select,
  sum,
  type Tensor,
  tensor,
} from "../../src/tensor/index.ts";
import { normal as logNormal } from "../densities.ts";

const time = axis("time", 5);
const Y = [0.3, -0.2, 0.9, 1.4, 0.1];
const PUSH = [0, 1, 0.5, 0, -1];
const y = tensor(Y, [time]);
const push = tensor(PUSH, [time]);
const draws = axis("draw", 3);
const once = axis("once", 1);
const group = axis("group", 2);
const shares = tensor([0.3, 0.7], [axis("kind", 2)]);

/** A level and a slope, both pushed. */
const trend: Model<undefined, { level: Tensor }> = ({ chain, sample, observe }) =>
  chain(time, { level: constant(1), slope: constant(0.5) }, (previous, { at }) => {
    const slope = sample("slope", normal(previous.slope, 0.3));
    const level = sample("level", normal(previous.level.add(slope).add(at(push)), 0.7));
    observe("y", normal(level, 0.4), at(y));
    return { level, slope };
  });

/** The numbers of each tensor, over `draws` and `time` as far as it has them. */
function numbers<Name extends string>(outputs: Record<Name, Tensor>): Record<Name, number[]> {
  const found = compile({ outputs }, { steps: 1 }).run();
  const flat = Object.entries(found).map(([name, values]) => {
    const axes = [draws, time, once].filter((a) => outputs[name as Name].has(a));
    return [name, [...broadcast(values, axes)]];
  });
  return Object.fromEntries(flat);
}

describe("a chain", () => {
  const seen = trace(trend, undefined, draw(key(1), [draws]));
  const [slope, level] = seen.latents;
  const [observed] = seen.observed;

  test("draws each step given the step before, and knows the density of all steps", () => {
    const found = numbers({
      slope: slope.value,
      level: level.value,
      ofSlope: slope.logProb(),
      ofLevel: level.logProb(),
      ofY: observed.logProb(),
      returned: seen.result.level,
    });
    expect(found.returned).toEqual(found.level);
    for (let d = 0; d < draws.size; d++) {
      const at = (xs: readonly number[], t: number) => xs[d * time.size + t];
      for (let t = 0; t < time.size; t++) {
        const [s, l] = t === 0 ? [0.5, 1] : [at(found.slope, t - 1), at(found.level, t - 1)];
        expect(at(found.ofSlope, t)).toBeCloseTo(logNormal(at(found.slope, t), s, 0.3), 4);
        const mean = l + at(found.slope, t) + PUSH[t];
        expect(at(found.ofLevel, t)).toBeCloseTo(logNormal(at(found.level, t), mean, 0.7), 4);
        expect(at(found.ofY, t)).toBeCloseTo(logNormal(Y[t], at(found.level, t), 0.4), 4);
      }
    }
    expect(new Set(found.slope).size).toBe(draws.size * time.size);
  });

  test("is told of at its sites", () => {
    expect(level.plates).toEqual([{ axis: time, total: 5, chain: true }]);
    expect(level.steps?.axis).toBe(time);
    expect([...seen.sites.keys()]).toEqual(["slope", "level", "y"]);
  });

  test("is replayed, conditioned, and drawn with what it observes", () => {
    const again = trace(trend, undefined, replay(seen, draw(key(2))));
    const given = condition({ level: y }, draw(key(3)));
    const conditioned = trace(trend, undefined, given);
    const dreamt = trace(unobserved(trend), undefined, draw(key(1), [draws]));
    const found = numbers({
      before: level.logProb(),
      after: again.latents[1].logProb(),
      ofLevel: conditioned.observed[0].logProb(),
      slope: conditioned.latents[0].value,
      dreamt: (dreamt.sites.get("level") as Latent).value,
      level: level.value,
      y: (dreamt.sites.get("y") as Latent).value,
    });
    expect(found.after).toEqual(found.before);
    expect(conditioned.observed.map(({ name }) => name)).toEqual(["level", "y"]);
    found.ofLevel.forEach((p, t) => {
      const mean = (t === 0 ? 1 : Y[t - 1]) + found.slope[t] + PUSH[t];
      expect(p).toBeCloseTo(logNormal(Y[t], mean, 0.7), 4);
    });
    expect(found.dreamt).toEqual(found.level);
    expect(new Set(found.y).size).toBe(15);
  });

  test("splits its density into that of the first step and those of the others", () => {
    const steps = level.steps;
    const found = numbers({
      all: level.logProb(),
      first: steps?.first() as Tensor,
      later: steps?.later() as Tensor,
    });
    found.all.forEach((p, i) => {
      expect(i % time.size === 0 ? found.first[i] : found.later[i]).toBe(p);
    });
  });

  test("of one step is that step", () => {
    const one: Model = ({ chain, sample }) => {
      chain(once, constant(2), (previous) => sample("x", normal(previous, 1)));
    };
    const [x] = trace(one, undefined, draw(key(4))).latents;
    const found = numbers({ x: x.value, p: x.logProb() });
    expect(x.value.axes).toEqual([once]);
    expect(found.p[0]).toBeCloseTo(logNormal(found.x[0], 2, 1), 5);
  });

  test("stands in plates and holds plates, and knows where it starts and where it is", () => {
    const [user, item] = [axis("user", 2), axis("item", 3)];
    const nested: Model = ({ chain, sample, observe, plate }) =>
      plate(user, () =>
        chain(time, constant(0), (previous, { first, position }) => {
          const x = sample("x", normal(previous, 1));
          plate(item, () => sample("z", normal(x, 1)));
          observe("first", normal(x, 1), gather(y, time, position));
          expect(first.dtype).toBe("uint8");
          return x;
        }),
      );
    const { latents, observed } = trace(nested, undefined, draw(key(5)));
    expect(latents.map(({ value }) => value.axes.map(({ name }) => name).sort())).toEqual([
      ["time", "user"],
      ["item", "time", "user"],
    ]);
    expect(observed[0].logProb().axes).toHaveLength(2);
  });
});

describe("a step", () => {
  const feature = axis("feature", 2);

  test("is called once, with a state that holds no values", () => {
    let calls = 0;
    const walk: Model = ({ chain, sample, observe }) => {
      chain(time, constant(0), (previous, { at }) => {
        calls++;
        const x = sample("x", normal(previous, 1));
        observe("y", normal(x, 1), at(y));
        return x;
      });
    };
    trace(walk, undefined, draw(key(1), [draws]));
    expect(calls).toBe(1);
  });

  const sdAt = (x: number) => Math.exp(0.1 * x);
  const spread = (previous: Tensor) =>
    normal(previous.mul(0.5), exp(previous.mul(0.1))).event(feature);
  const alone = tensor([1], [axis("component", 1)]);

  test.each([
    ["", spread],
    [" of the components of a mixture", (previous: Tensor) => mixture(alone, spread(previous))],
  ])("is called once more where the initial state lacks event axes%s", (_, next) => {
    let calls = 0;
    const wide: Model = ({ chain, sample }) => {
      chain(time, constant(0.5), (previous) => {
        calls++;
        return sample("x", next(previous));
      });
    };
    const [x] = trace(wide, undefined, draw(key(1), [draws])).latents;
    expect(calls).toBe(2);
    const outputs = { x: x.value, p: x.logProb(), first: x.steps?.first() as Tensor };
    const found = compile({ outputs }, { steps: 1 }).run();
    const values = broadcast(found.x, [draws, time, feature]);
    const [p, first] = [found.p, found.first].map((each) => broadcast(each, [draws, time]));
    for (let d = 0; d < draws.size; d++) {
      for (let t = 0; t < time.size; t++) {
        const at = (step: number, f: number) =>
          step < 0 ? 0.5 : values[(d * time.size + step) * feature.size + f];
        const of = (f: number) => logNormal(at(t, f), 0.5 * at(t - 1, f), sdAt(at(t - 1, f)));
        expect(p[d * time.size + t]).toBeCloseTo(of(0) + of(1), 3);
      }
      expect(first[d * time.size]).toBeCloseTo(p[d * time.size], 5);
    }
  });

  test("may go along another axis, with what it is given", () => {
    const turns = axis("turn", 3);
    const looping: Model = ({ chain, sample }) => {
      chain(time, constant(1), (previous, { position, at }) => {
        const pushed = at(push);
        const { last } = scan(turns, { sum: constant(0) }, ({ sum }) => ({
          carries: { sum: sum.add(previous).add(cast(position, "float32")).add(pushed) },
        }));
        return sample("x", normal(last.sum, 0.5));
      });
    };
    const [x] = trace(looping, undefined, draw(key(1), [draws])).latents;
    const found = numbers({ x: x.value, p: x.logProb() });
    found.p.forEach((p, i) => {
      const t = i % time.size;
      const mean = 3 * ((t === 0 ? 1 : found.x[i - 1]) + t + PUSH[t]);
      expect(p).toBeCloseTo(logNormal(found.x[i], mean, 0.5), 2);
    });
  });

  test("may look back along the data, at the first step in vain", () => {
    const lagged: Model = ({ chain, sample }) => {
      chain(time, constant(0), (_, { first, position }) =>
        sample("x", normal(select(first, 0, gather(push, time, position.sub(1))), 1)),
      );
    };
    const [x] = trace(lagged, undefined, draw(key(1))).latents;
    const found = numbers({ x: x.value, p: x.logProb() });
    found.p.forEach((p, t) => {
      expect(p).toBeCloseTo(logNormal(found.x[t], t === 0 ? 0 : PUSH[t - 1], 1), 4);
    });
  });

  test("takes whole numbers at positions that it has sampled, and at its own", () => {
    const kinds = axis("kinds", 2);
    const table = tensor(Int32Array.of(3, 5), [kinds]);
    const counts = tensor(Int32Array.of(0, 1, 2, 3, 4), [time]);
    const model: Model = ({ chain, sample, deterministic }) => {
      chain(time, constant(0, "int32"), (_, { position }) => {
        const k = sample("k", categorical(tensor([0.5, 0.5], [kinds])));
        const b = sample("b", bernoulli({ probs: 0.5 }));
        deterministic("of k", gather(table, kinds, k));
        deterministic("of b", gather(table, kinds, cast(b, "int32")));
        deterministic("of t", gather(counts, time, position));
        return k;
      });
    };
    const { sites } = trace(model, undefined, draw(key(2)));
    const found = numbers(
      Object.fromEntries([...sites].map(([name, site]) => [name, (site as Latent).value])),
    );
    expect(found["of t"]).toEqual([0, 1, 2, 3, 4]);
    expect(found["of k"]).toEqual(found.k.map((k) => [3, 5][k]));
    expect(found["of b"]).toEqual(found.b.map((b) => [3, 5][b]));
  });

  test("records deterministic values and parameters among its other statements", () => {
    const told: Model = ({ chain, sample, deterministic, param }) => {
      chain(time, constant(0), (previous) => {
        const drift = param("drift", [], { init: () => constant(0.5) });
        const x = sample("x", normal(previous.add(drift), 1));
        deterministic("twice", x.mul(2));
        return x;
      });
    };
    const { sites, params, latents } = trace(told, undefined, draw(key(1)));
    expect([...sites.keys()]).toEqual(["drift", "x", "twice"]);
    expect(params).toHaveLength(1);
    const twice = (sites.get("twice") as { value: Tensor }).value;
    expect(twice.axes).toEqual([time]);
    const found = compile({ outputs: { x: latents[0].value, twice } }, { steps: 1 });
    found.write("drift", Float32Array.of(0.5));
    const { x, twice: two } = found.run();
    expect([...two.data]).toEqual([...x.data].map((value) => 2 * value));
  });
});

test("the program of a chain of a thousand steps is as large as that of ten", () => {
  const kernels = (length: number) => {
    const long = axis("long", length);
    const walk: Model = ({ chain, sample }) => {
      chain(long, constant(0), (previous) => sample("x", normal(previous, 1)));
    };
    const [x] = trace(walk, undefined, draw(key(1), [draws])).latents;
    const program = compile({ outputs: { total: sum(x.logProb()) } }, { backend: "wasm" });
    return program.explain().split("\n").length;
  };
  expect(kernels(1000)).toBe(kernels(10));
});

describe("says what does not fit", () => {
  const of = (body: (sites: Sites) => void) => () =>
    trace((sites: Sites) => body(sites), undefined, draw(fold(key(1), "bad")));

  test("a state that remembers more than one step, with particles of each step", () => {
    const sums: Model = ({ chain, sample }) => {
      chain(time, constant(0), (previous) => previous.add(sample("x", normal(0, 1))));
    };
    const pair = {
      model: sums,
      guide: sums,
      data: undefined,
      key: key(1),
      parameters: paramStore(),
    };
    expect(() => traceModelAndGuide(pair, massivelyParallel(2))).toThrow(
      /chain 'time': a step hands on the state that it was given.* latent of its own/,
    );
  });

  test("data of all steps in the place of those of one", () => {
    const whole = of(({ chain, sample }) => {
      chain(time, constant(0), (previous) => sample("x", normal(previous.add(push), 1)));
    });
    expect(whole).toThrow(
      "sample 'x': its normal varies along 'time', the axis of the chain: take the elements of the " +
        "step with at(...)",
    );
  });

  test("a state of another type, or none", () => {
    const other = of(({ chain, sample }) => {
      chain(time, constant(0, "float64"), () => sample("x", normal(constant(0), 1)));
    });
    expect(other).toThrow(
      "chain 'time': the state is float64 at first, and a step returns float32",
    );
    const none = of(({ chain, sample }) => {
      chain(time, constant(0), (previous) => {
        sample("x", normal(previous, 1));
        return undefined as unknown as Tensor;
      });
    });
    expect(none).toThrow("the state is float32 at first, and a step returns none");
  });

  test("what is of one step, outside of it", () => {
    const outside = (use: (sites: Sites, x: Tensor) => void) =>
      of((sites) => {
        let kept = constant(0);
        sites.chain(time, constant(0), (previous) => {
          kept = sites.sample("x", normal(previous, 1));
          return kept;
        });
        use(sites, kept);
      });
    const message = "uses what is of one step of chain 'time', outside of the step";
    expect(outside(({ sample }, x) => sample("z", normal(x, 1)))).toThrow(`sample 'z' ${message}`);
    expect(outside(({ observe }, x) => observe("z", normal(0, 1), x))).toThrow(
      `observe 'z' ${message}`,
    );
    expect(outside(({ deterministic }, x) => deterministic("z", x))).toThrow(
      `deterministic 'z' ${message}`,
    );
  });

  test("an initial state that is no parameter, or no position", () => {
    const sd = of(({ chain, sample }) => {
      chain(time, constant(-1), (previous) => sample("x", normal(0, previous)));
    });
    expect(sd).toThrow("normal: sd must be greater than 0 and finite, not -1");
    const place = of(({ chain, sample }) => {
      chain(time, constant(5, "int32"), (previous) =>
        sample("x", categorical(gather(tensor([0.2, 0.8], [group]), group, previous).add(shares))),
      );
    });
    expect(place).toThrow("gather along 'group' (size 2): the position is 5");
  });

  test("chains inside chains, names used twice", () => {
    const inside = of(({ chain, sample }) => {
      chain(time, constant(0), (x) => chain(axis("b", 2), x, (z) => sample("z", normal(z, 1))));
    });
    expect(inside).toThrow("chain 'b' stands inside chain 'time'");
    const twice = of(({ chain, sample }) => {
      sample("x", normal(0, 1));
      chain(time, constant(0), (previous) => sample("x", normal(previous, 1)));
    });
    expect(twice).toThrow("two sites are named 'x'");
  });
});
