/** Particles of chains against the same model with a site for each step, in value and derivative. */
import { describe, expect, test } from "vitest";
import { categorical, normal } from "../../../src/distributions/index.ts";
import {
  average,
  eliminate,
  explainElimination,
  factorsOf,
  global,
  local,
  massivelyParallel,
  type Particles,
  posterior,
  single,
  sumOverPlates,
  traceModelAndGuide,
} from "../../../src/inference/internal.ts";
import type { Model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  gather,
  grad,
  index,
  input,
  key,
  mean,
  sum,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";
import { f64, store } from "../gaussians.ts";
import { run } from "../hierarchy.ts";
import { unroll } from "../unrolled.ts";

const time = axis("time", 3);
const item = axis("item", 2);
const level = axis("kind", 2);
const y = tensor([0.4, -0.3, 1.2], [time], "float64");
const w = tensor([0.1, 0.9, -0.5, 0.3, 1.4, 0.2], [time, item], "float64");
const spreads = tensor([0.6, 1.3], [level], "float64");
const a = input("a", [], "float64");

/**
 * A start and a kind outside the chain; a state of two parts; latents of each step in a plate; densities and
 * observations that know the step before.
 */
const model: Model = ({ chain, sample, observe, plate }) => {
  const kind = sample("kind", categorical(tensor([0.3, 0.7], [level], "float64")));
  const start = sample("start", normal(f64(0.2), 1));
  chain(time, { level: start, slope: f64(0.1) }, (previous, { at }) => {
    const slope = sample("slope", normal(previous.slope.mul(a), 0.5));
    const mean = previous.level.add(slope);
    const now = sample("level", normal(mean, gather(spreads, level, kind)));
    plate(item, () => {
      const z = sample("z", normal(now.add(previous.level.mul(0.2)), 1));
      observe("w", normal(z, 0.7), at(w));
    });
    observe("y", normal(now.add(previous.slope), 0.8), at(y));
    return { level: now, slope };
  });
};
const guide: Model = ({ chain, sample, plate }) => {
  sample("kind", categorical(tensor([0.5, 0.5], [level], "float64")));
  const start = sample("start", normal(f64(0.1), 0.9));
  chain(time, { level: start, slope: f64(0) }, (previous) => {
    const slope = sample("slope", normal(previous.slope.mul(0.4), 0.6));
    const now = sample("level", normal(previous.level.mul(a), 0.9));
    plate(item, () => sample("z", normal(now.mul(0.5), 1)));
    return { level: now, slope };
  });
};

const tracesOf = (particles: Particles) =>
  traceModelAndGuide(
    { model, guide, data: undefined, key: key(3), parameters: store() },
    particles,
  );

const STRATEGIES: Readonly<Record<string, Particles>> = {
  "a single draw": single(),
  "the mean over draws": average(3),
  "shared particles": global(3),
  "local particles": local(3),
  "particles of each latent": massivelyParallel(3),
  "independent parents": massivelyParallel(3, { parents: "independent" }),
  groups: massivelyParallel(3, { groups: [["slope", "level"]] }),
  "averages of particles of each latent": average(2, massivelyParallel(2)),
};

test.each(Object.entries(STRATEGIES))("the estimate with %s is that of separate steps", (_, of) => {
  const traces = tracesOf(of);
  const both = [traces, unroll(traces, model, guide, time)].map((each) => {
    const value = sum(sumOverPlates(eliminate(factorsOf(each), each.particles).weights));
    return { value, slope: grad(value, [a])[0] };
  });
  const [chained, separate] = both.map((each) => run(each, { a: Float64Array.of(0.7) }));
  expect(chained.value[0]).toBeCloseTo(separate.value[0], 10);
  expect(Math.abs(separate.slope[0])).toBeGreaterThan(0.01);
  expect(chained.slope[0]).toBeCloseTo(separate.slope[0], 9);
});

test("log depth gives what going step by step gives, for even and odd numbers of steps", () => {
  for (const steps of [2, 3, 6, 8]) {
    const along = axis("along", steps);
    const walk =
      (observing: boolean): Model =>
      ({ chain, sample, observe }) => {
        chain(along, f64(0), (previous) => {
          const x = sample("x", normal(previous.mul(a), 0.8));
          if (observing) observe("seen", normal(x, 0.5), f64(1));
          return x;
        });
      };
    const pair = { model: walk(true), guide: walk(false), data: undefined, key: key(4) };
    const traces = traceModelAndGuide({ ...pair, parameters: store() }, massivelyParallel(4));
    const [sequential, logDepth] = (["sequential", "logDepth"] as const).map((chains) => {
      const found = eliminate(factorsOf(traces), traces.particles, { chains });
      const value = sumOverPlates(found.weights);
      return run({ value, slope: grad(value, [a])[0] }, { a: Float64Array.of(0.9) });
    });
    expect(logDepth.value[0]).toBeCloseTo(sequential.value[0], 10);
    expect(logDepth.slope[0]).toBeCloseTo(sequential.slope[0], 8);
  }
});

describe("the posterior of a chain", () => {
  const options = { data: undefined, key: key(3), parameters: store(), model, guide };
  const particles = massivelyParallel(2);

  test("has the weights of separate steps, and draws that follow from them", () => {
    const found = posterior({ ...options, particles });
    const traces = traceModelAndGuide(options, particles);
    const separate = unroll(traces, model, guide, time);
    const factors = factorsOf(separate);
    const own = traces.particles.find(({ latents }) => latents.includes("level"))?.axis as Axis;
    const outputs: Record<string, Tensor> = {
      level: gather(
        traces.guide.latents.find(({ name }) => name === "level")?.value as Tensor,
        own,
        0,
      ),
    };
    for (let t = 0; t < time.size; t++) {
      const source = cast(index(separate.own(own, t)), "float64").mul(0);
      const all = [...factors, { site: "source", value: source, plates: [] }];
      const { weights } = eliminate(all, separate.particles);
      outputs[`separate${t}`] = gather(
        grad(sumOverPlates(weights), [source])[0],
        separate.own(own, t),
        0,
      );
      outputs[`chained${t}`] = gather(gather(found.weights("level"), time, t), own, 0);
    }
    // In the joint draws the first particle of each step is as frequent as its weight.
    const to = axis("to", 20_000);
    const drawn = found.draws(to, key(5)).level;
    outputs.frequency = mean(cast(drawn.eq(outputs.level), "float64"), to);
    const numbers = run(outputs, { a: Float64Array.of(0.7) });
    for (let t = 0; t < time.size; t++) {
      const [weight] = numbers[`chained${t}`];
      expect(weight).toBeCloseTo(numbers[`separate${t}`][0], 10);
      expect(Math.abs(weight - 0.5)).toBeLessThan(0.5);
      const error = Math.sqrt((weight * (1 - weight)) / to.size);
      expect(Math.abs(numbers.frequency[t] - weight)).toBeLessThan(FIVE_SIGMA * error);
    }
  });
});

test("a program is as large for a thousand steps as for ten, derivative included", () => {
  const kernels = (steps: number) => {
    const along = axis("along", steps);
    const walk =
      (observing: boolean): Model =>
      ({ chain, sample, observe }) => {
        chain(along, f64(0), (previous) => {
          const x = sample("x", normal(previous.mul(a), 0.8));
          if (observing) observe("seen", normal(x, 0.5), f64(1));
          return x;
        });
      };
    const pair = { model: walk(true), guide: walk(false), data: undefined, key: key(4) };
    const traces = traceModelAndGuide({ ...pair, parameters: store() }, massivelyParallel(4));
    const value = sumOverPlates(eliminate(factorsOf(traces), traces.particles).weights);
    const outputs = { value, slope: grad(value, [a])[0] };
    return compile({ outputs }, { backend: "wasm" }).explain().split("\n").length;
  };
  // Work on large arrays may be cut, and then stand in kernels of its own.
  expect(Math.abs(kernels(1000) - kernels(10))).toBeLessThan(8);
});

test("the steps of the elimination say what they cost", () => {
  const traces = tracesOf(massivelyParallel(3));
  const found = eliminate(factorsOf(traces), traces.particles);
  const row = explainElimination(found)
    .split("\n")
    .find((line) => line.startsWith("time: 3"));
  expect(row).toMatch(/^time: 3 +\{\} +\d+ +.*slope/);
});

describe("refuses", () => {
  const refused = (bad: Model, particles: Particles) => () => {
    const traces = traceModelAndGuide(
      { model: bad, guide: bad, data: undefined, key: key(1), parameters: store() },
      particles,
    );
    return eliminate(factorsOf(traces), traces.particles);
  };
  const walk: Model = ({ chain, sample }) => {
    sample("other", normal(f64(0), 1));
    chain(time, f64(0), (previous) => sample("x", normal(previous, 1)));
  };

  test("what stands outside a chain and knows its states, but not for paired steps", () => {
    const last: Model = ({ chain, sample }) => {
      const x = chain(time, f64(0), (previous) => sample("x", normal(previous, 1)));
      sample("z", normal(gather(x, time, 2), 1));
    };
    expect(refused(last, massivelyParallel(2))).toThrow(
      /site 'z' stands outside chain 'time' and depends on its latent 'x'.*masked.*global\(K\)/,
    );
    expect(refused(last, global(2))).not.toThrow();
  });

  test("groups of latents of a chain and others", () => {
    expect(refused(walk, massivelyParallel(2, { groups: [["other", "x"]] }))).toThrow(
      "particles: the group 'other', 'x' shares an axis, but not all of them are in the same chain",
    );
  });

  test("a higher cost than allowed", () => {
    const apart: Model = ({ chain, sample }) => {
      sample("other", normal(f64(0), 1));
      chain(time, f64(0), () => sample("x", normal(f64(0), 1)));
    };
    const under = (by: Model, maxCost: number) => () => {
      const options = { model: walk, guide: by, data: undefined, key: key(1), parameters: store() };
      const traces = traceModelAndGuide(options, massivelyParallel(3));
      return eliminate(factorsOf(traces), traces.particles, { maxCost });
    };
    expect(under(apart, 17)).toThrow(
      /eliminating 'time' in plates \{\} combines the sites x over .* more than maxCost = 17 elements/,
    );
    expect(under(apart, 18)).not.toThrow();
    // A guide whose steps know the step before is a mixture over its particles.
    expect(under(walk, 26)).toThrow(/site 'x': .* is a mixture .* more than maxCost = 26/);
    expect(under(walk, 27)).not.toThrow();
  });
});
