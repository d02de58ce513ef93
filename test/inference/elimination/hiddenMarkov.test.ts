/** Chains of discrete latents that are summed out. */
import { describe, expect, test } from "vitest";
import {
  bernoulli,
  categorical,
  dirichlet,
  normal,
  uniform,
} from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/density/logDensity.ts";
import { reached } from "../../../src/inference/density/modes/mode.ts";
import { fit } from "../../../src/inference/index.ts";
import { Loop, prepare } from "../../../src/inference/internal.ts";
import { type Model, model } from "../../../src/model/index.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  axis,
  cast,
  constant,
  gather,
  index,
  key,
  rename,
  scan,
  select,
  type Tensor,
  tensor,
} from "../../../src/tensor/index.ts";
import { normal as logNormal, logSumExp } from "../../densities.ts";
import { expectDensity, f64, lists } from "./summing.ts";

const kind = axis("kind", 3, ["low", "middle", "high"]);

describe("hidden Markov models", () => {
  const time = axis("time", 6);
  const before = axis("before", 3);
  const word = axis("word", 4);
  const words = [0, 3, 1, 1, 2, 3];
  const start = [0.6, 0.3, 0.1];
  const moves = [0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.3, 0.5];
  const hidden = model(({ chain, sample, observe, plate }) => {
    const says = plate(kind, () => sample("says", dirichlet(constant(1.5, "float64"), word)));
    const move = tensor(moves, [before, kind], "float64");
    chain(time, constant(0, "int32"), (previous, { at, first }) => {
      const first3 = tensor(start, [kind], "float64");
      const z = sample(
        "z",
        categorical(select(first, first3, gather(move, before, previous)), kind),
      );
      const heard = tensor(Int32Array.from(words), [time]);
      observe("word", categorical(gather(says, kind, z), word), at(heard));
      return z;
    });
  }, f64);
  const logEvidence = (says: readonly number[]) => {
    const terms = [...lists(6, 3)].map((z) =>
      z.reduce(
        (s, k, t) =>
          s +
          Math.log(t === 0 ? start[k] : moves[3 * z[t - 1] + k]) +
          Math.log(says[4 * k + words[t]]),
        0,
      ),
    );
    return logSumExp(terms);
  };

  test("are sums over all paths", () => {
    const at = [0.3, -0.5, 0.1, 0.2, 0.9, -0.4, 0.7, -1.1, 0.05];
    const density = logDensity(hidden, undefined);
    const found = density.value(Float64Array.from(at));
    const prior = logDensity(
      model(({ sample, plate }) => {
        plate(kind, () => sample("says", dirichlet(constant(1.5, "float64"), word)));
      }, f64),
      undefined,
    ).value(Float64Array.from(at));
    const says = [...density.constrain(Float64Array.from(at)).says.data];
    expect(Math.abs(found - prior - logEvidence(says))).toBeLessThan(1e-10);
    const deep = logDensity(hidden, undefined, { chains: "logDepth" });
    expect(Math.abs(deep.value(Float64Array.from(at)) - found)).toBeLessThan(1e-10);

    const { z } = density.probabilities(Float64Array.from(at));
    const paths = [...lists(6, 3)];
    const all = logEvidence(says);
    for (const t of [0, 3, 5]) {
      for (const k of [0, 1, 2]) {
        const mass = paths
          .filter((path) => path[t] === k)
          .map((path) =>
            path.reduce(
              (s, j, i) =>
                s +
                Math.log(i === 0 ? start[j] : moves[3 * path[i - 1] + j]) +
                Math.log(says[4 * j + words[i]]),
              0,
            ),
          );
        expect(z.data[3 * t + k]).toBeCloseTo(Math.exp(logSumExp(mass) - all), 10);
      }
    }
  });
});

describe("three states, ten words and 2000 observations", () => {
  const [states, said, length] = [3, 10, 2000];
  const [from, to, term, at] = [
    axis("from", states),
    axis("to", states, ["a", "b", "c"]),
    axis("term", said),
    axis("at", length),
  ];
  let seed = 12345;
  const random = () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
  const pick = (p: readonly number[]) => {
    let left = random();
    const found = p.findIndex((x) => {
      left -= x;
      return left < 0;
    });
    return found < 0 ? p.length - 1 : found;
  };
  const move = [
    [0.8, 0.15, 0.05],
    [0.1, 0.8, 0.1],
    [0.1, 0.2, 0.7],
  ];
  const says = Array.from({ length: states }, () => {
    const raw = Array.from({ length: said }, () => random() ** 3 + 0.02);
    const total = raw.reduce((a, b) => a + b, 0);
    return raw.map((x) => x / total);
  });
  const truth: number[] = [];
  for (let t = 0; t < length; t++)
    truth.push(pick(t === 0 ? [1, 1, 1].map((x) => x / 3) : move[truth[t - 1]]));
  const heard = truth.map((z) => pick(says[z]));
  const parameters = ({ sample, plate }: Parameters<Model>[0]) => ({
    move: plate(from, () => sample("move", dirichlet(constant(1.5, "float64"), to))),
    says: plate(to, () => sample("says", dirichlet(constant(1, "float64"), term))),
  });
  const hidden = model((sites) => {
    const { sample, observe, chain } = sites;
    const { move, says } = parameters(sites);
    chain(at, constant(0, "int32"), (previous, step) => {
      const first = constant(1, "float64");
      const weights = select(step.first, first, gather(move, from, previous));
      const z = sample("z", categorical(weights, to));
      observe(
        "word",
        categorical(gather(says, to, z), term),
        step.at(tensor(Int32Array.from(heard), [at])),
      );
      return z;
    });
  }, f64);
  const density = logDensity(hidden, undefined);
  const prior = logDensity(
    model((sites) => void parameters(sites), f64),
    undefined,
  );

  /** The scaled forward algorithm. */
  const forward = (move: ArrayLike<number>, says: ArrayLike<number>) => {
    let total = 0;
    let alpha = [1, 1, 1].map((x, k) => (x / 3) * says[said * k + heard[0]]);
    for (let t = 0; ; t++) {
      const scale = alpha.reduce((a, b) => a + b, 0);
      total += Math.log(scale);
      if (t === length - 1) return total;
      const before = alpha.map((x) => x / scale);
      alpha = [0, 1, 2].map(
        (k) =>
          before.reduce((a, x, j) => a + x * move[states * j + k], 0) *
          says[said * k + heard[t + 1]],
      );
    }
  };

  test("the evidence is that of the forward algorithm", () => {
    for (const phase of [0, 1, 2]) {
      const x = Float64Array.from({ length: density.dimension }, (_, i) => Math.sin(i + phase));
      const found = density.constrain(x);
      const evidence = forward(found.move.data, found.says.data);
      expect(Math.abs(density.value(x) - prior.value(x) - evidence)).toBeLessThan(1e-10);
    }
  });

  test("a fit ends no lower than the truth, and its draws know most of the states", () => {
    const fitted = fit({ model: hidden, data: undefined, method: "map", steps: 600, seed: 1 });
    const atTruth = logDensity(hidden, undefined, { jacobian: false });
    const position = atTruth.unconstrain({ move, says });
    expect(fitted.bounds.at(-1)?.bound).toBeGreaterThan(atTruth.value(position));

    const wide = prepare({
      model: hidden,
      data: undefined,
      method: "laplace",
      steps: 600,
      seed: 1,
    });
    const loop = new Loop({ algorithm: wide.training, steps: 600, recordEvery: 600 });
    for (const _ of loop.calls());
    // Without the Jacobian the search does not stay where all states are alike; Newton's steps go on from its end.
    const end = reached(density, loop.state());
    expect(density.value(end.position)).toBeGreaterThan(density.value(position) - 5);

    const along = axis("draw", 50);
    const run = density.traceDrawnAt(density.bySite(position), along, key(1));
    const z = run.latents.find(({ name }) => name === "z")?.value as Tensor;
    const { z: draws } = compile({ outputs: { z } }, { dtype: "float64" }).run();
    expect(draws.axes).toEqual(expect.arrayContaining([along, at]));
    const { z: chances } = density.probabilities(position);
    const stride = draws.axes[0] === along ? [length, 1] : [1, along.size];
    let worst = 0;
    for (let t = 0; t < length; t++) {
      let ones = 0;
      for (let d = 0; d < along.size; d++) {
        if (draws.data[d * stride[0] + t * stride[1]] === 1) ones++;
      }
      const p = Number(chances.data[states * t + 1]);
      const sd = Math.sqrt(Math.max(p * (1 - p), 1e-4) / along.size);
      worst = Math.max(worst, Math.abs(ones / along.size - p) / sd);
    }
    // The largest of 2000 nearly normal deviations.
    expect(worst).toBeLessThan(6);
  });
});

test("draws of a chain follow each other as its paths do", () => {
  const time = axis("time", 3);
  const p = model(({ chain, sample, observe }) => {
    chain(time, constant(0, "int32"), (previous, { at }) => {
      const odds = cast(previous, "float64").mul(3).sub(1);
      const z = cast(sample("z", bernoulli({ logits: odds })), "int32");
      observe("y", normal(cast(z, "float64"), 1), at(tensor([0.5, 1.4, 0.2], [time], "float64")));
      return z;
    });
  }, f64);
  const density = logDensity(p, undefined);
  const along = axis("draw", 20_000);
  const { latents } = density.traceDrawnAt({}, along, key(5));
  const { z } = compile({ outputs: { z: latents[0].value } }, { dtype: "float64" }).run();
  const stride = z.axes[0] === along ? [3, 1] : [1, along.size];
  const logs = [...lists(3, 2)].map((path) =>
    path.reduce((s, k, t) => {
      const odds = 3 * (t === 0 ? 0 : path[t - 1]) - 1;
      const on = -Math.log(1 + Math.exp(-odds));
      return s + (k ? on : on - odds) + logNormal([0.5, 1.4, 0.2][t], k, 1);
    }, 0),
  );
  const all = logSumExp(logs);
  const counts = new Array<number>(8).fill(0);
  for (let d = 0; d < along.size; d++) {
    counts[
      [0, 1, 2].reduce((s, t) => s + 2 ** t * Number(z.data[d * stride[0] + t * stride[1]]), 0)
    ]++;
  }
  logs.forEach((x, i) => {
    const share = Math.exp(x - all);
    const error = Math.sqrt((share * (1 - share)) / along.size);
    expect(Math.abs(counts[i] / along.size - share)).toBeLessThan(5 * error);
  });
});

test("steps that cannot follow one another have finite derivatives", () => {
  const time = axis("time", 5);
  const [from, to] = [axis("from", 3), axis("to", 3)];
  const p = model(({ chain, sample, observe }) => {
    const stay = sample("stay", uniform(constant(0, "float64"), 1));
    const [i, j] = [index(from), index(to)];
    const go = select(i.eq(j), stay, select(j.eq(i.add(1)), stay.neg().add(1), 0));
    chain(time, constant(0, "int32"), (previous, { at }) => {
      const z = sample("z", categorical(gather(go, from, previous), to));
      observe("y", normal(cast(z, "float64"), 1), at(tensor([0, 1, 1, 2, 2], [time], "float64")));
      return z;
    });
  }, f64);
  expectDensity(p, undefined, [0.4], ([u]) => {
    const s = 1 / (1 + Math.exp(-u));
    const terms = [...lists(5, 3)].map((path) =>
      path.reduce((total, k, t) => {
        const before = t === 0 ? 0 : path[t - 1];
        const chance = k === before ? s : k === before + 1 ? 1 - s : 0;
        const whole = before === 2 ? s : 1;
        return total + Math.log(chance / whole) + logNormal([0, 1, 1, 2, 2][t], k, 1);
      }, 0),
    );
    return Math.log(s * (1 - s)) + logSumExp(terms);
  });
});

test("a state of data beside discrete ones is that of a scan before the chain", () => {
  const [time, from, to] = [axis("time", 6), axis("from", 2), axis("to", 2)];
  const x = tensor([1, 0.5, -1, 2, 0.3, 1], [time], "float64");
  const y = tensor([0.1, 1.2, 0.7, 2.5, -0.3, 1], [time], "float64");
  const zero = constant(0, "float64");
  const moves = tensor([0.8, 0.2, 0.3, 0.7], [from, to], "float64");
  const carried = (inside: boolean) =>
    model(({ chain, sample, observe }) => {
      const [slope, decay] = [sample("slope", normal(zero, 1)), sample("decay", uniform(zero, 1))];
      const level = sample("level", normal(zero, 1).event(from));
      const later = (sum: Tensor, here: Tensor) => sum.mul(decay).add(here);
      const before = scan(time, { sum: zero }, ({ sum }, { at }) => {
        const now = later(sum, at(x));
        return { carries: { sum: now }, outputs: { now } };
      });
      chain(time, { z: constant(0, "int32"), sum: zero }, ({ z, sum }, { at }) => {
        const next = sample("z", categorical(rename(gather(moves, from, z), to, from), from));
        const now = inside ? later(sum, at(x)) : at(before.outputs.now);
        observe("y", normal(gather(level, from, next).add(slope.mul(now)), 1), at(y));
        return { z: next, sum: inside ? now : zero };
      });
    });
  const at = Float64Array.of(0.3, -0.4, 0.2, 1.1);
  const [own, outer] = [true, false].map((inside) => {
    const gradient = new Float64Array(4);
    const density = logDensity(carried(inside), undefined);
    return [density.evaluate(at, gradient), ...gradient];
  });
  own.forEach((value, i) => {
    expect(Math.abs(value - outer[i])).toBeLessThan(1e-12 * Math.abs(outer[i]));
  });
});
