import { describe, expect, test } from "vitest";
import { normal } from "../../../src/distributions/index.ts";
import {
  binarise,
  bound,
  global,
  minibatch,
  type Particles,
  single,
  training,
} from "../../../src/inference/internal.ts";
import { model, paramStore } from "../../../src/model/index.ts";
import { constantInit, normalInit } from "../../../src/nn/index.ts";
import { adam, type Optimiser, sgd, stepDecay } from "../../../src/optim/index.ts";
import { type VaeOptions, vae } from "../../../src/papers/aevb/index.ts";
import type { ImageBatch } from "../../../src/problems/index.ts";
import { axis, cast, exp, nodesOf, tensor } from "../../../src/tensor/internal.ts";
import { FIVE_SIGMA } from "../../distributions/values.ts";
import { all, logEvidence, oneMean, posterior } from "../gaussians.ts";
import { start, steps } from "../programs.ts";

describe("a conjugate model", () => {
  const guide = model(({ sample, param }) => {
    const mean = param("mean", [], { init: normalInit(1), dtype: "float64" });
    const logSd = param("logSd", [], { init: constantInit(0), dtype: "float64" });
    sample("z", normal(mean, exp(logSd)));
  });
  const program = (optimiser: Optimiser, kl: "sampled" | "closed", seed = 1, scale = 1) => {
    const store = paramStore();
    return training({
      objective: (_, key) =>
        bound({ model: oneMean, guide, data: all, key, kl, parameters: store }),
      parameters: store,
      optimiser,
      scale,
      seed,
    });
  };

  test("training ends at the posterior, where the sampled bound is the log evidence", () => {
    const trained = program(adam(stepDecay(0.05, { every: 300, factor: 0.1 })), "sampled");
    const state = start(trained);
    const path = steps(trained, state, 900);
    const [mean, logSd] = ["mean", "logSd"].map((name) => state.get(name)?.[0] as number);
    // Near its end Adam moves as r g / s does, g of curvature h having noise of sd s: a variance of
    // r s / (2 h). In mean, s = 1 / sd and h = 1 / sd^2; in log sd, s = sqrt(2) and h = 2.
    const r = 0.0005;
    const jitter = [Math.sqrt((r * posterior.sd) / 2), Math.sqrt((r * Math.SQRT2) / 4)];
    expect(Math.abs(mean - posterior.mean)).toBeLessThan(FIVE_SIGMA * jitter[0]);
    expect(Math.abs(logSd - Math.log(posterior.sd))).toBeLessThan(FIVE_SIGMA * jitter[1]);
    // The log weight at noise e is off by dmean e / sd + dlogSd (e^2 - 1).
    const spread = Math.hypot(jitter[0] / posterior.sd, jitter[1] * Math.SQRT2);
    const last = path.slice(-50).map(({ bound: [b] }) => b - logEvidence);
    expect(Math.sqrt(last.reduce((sum, d) => sum + d * d, 0) / 50)).toBeLessThan(3 * spread);
  });

  test("each parameter starts with noise of its own", () => {
    const twice = model(({ param, sample }) => {
      const options = { init: normalInit(1), dtype: "float64" } as const;
      sample("z", normal(param("a", [], options).add(param("b", [], options)), 1));
    });
    const store = paramStore();
    const trained = training({
      objective: (_, key) =>
        bound({ model: oneMean, guide: twice, data: all, key, parameters: store }),
      parameters: store,
      optimiser: sgd(1),
      seed: 1,
    });
    const state = start(trained);
    expect(state.get("a")).not.toEqual(state.get("b"));
  });

  test("carries its steps, its parameters and the slots of its optimiser", () => {
    const trained = program(adam(0.05), "closed");
    const state = start(trained);
    expect([...state.keys()].sort()).toEqual([
      "#seed0",
      "#seed1",
      "#step",
      "logSd",
      "logSd#mean",
      "logSd#squares",
      "mean",
      "mean#mean",
      "mean#squares",
    ]);
    steps(trained, state, 5);
    expect(state.get("#step")).toEqual(Int32Array.of(5));
    expect(Object.keys(trained.diagnosis?.().sites ?? {})).toEqual(["z", "x"]);
  });

  test("each step has noise of its own; the same seed has the same", () => {
    const bounds = (seed: number) => {
      const trained = program(sgd(0), "sampled", seed);
      return steps(trained, start(trained), 3).map(({ bound: [b] }) => b);
    };
    expect(new Set(bounds(1)).size).toBe(3);
    expect(bounds(1)).toEqual(bounds(1));
    expect(bounds(2)).not.toEqual(bounds(1));
  });

  test("the loss is -scale * bound: a step of sgd is rate * scale * gradient of the bound", () => {
    const one = program(sgd(0.1), "closed");
    const ten = program(sgd(0.01), "closed", 1, 10);
    const [a, b] = [start(one), start(ten)];
    steps(one, a, 3);
    steps(ten, b, 3);
    expect(b.get("mean")?.[0]).toBeCloseTo(a.get("mean")?.[0] as number, 12);
  });
});

describe("the variational autoencoder", () => {
  const row = axis("row", 24);
  const image = axis("image", 6);
  const pixels = axis("pixel", 16);
  const latents = axis("latent", 2);
  const hidden = axis("hidden", 8);

  /** Four by four pixels, the upper or the lower half white. */
  const grey = tensor(
    Uint8Array.from({ length: row.size * 16 }, (_, i) => {
      const upper = Math.floor(i / 16) % 2 === 0;
      return upper === i % 16 < 8 ? 240 : 15;
    }),
    [row, pixels],
  );

  const program = (
    decoder: "bernoulli" | "gaussian",
    particles: Particles,
    extra: Partial<VaeOptions> = {},
  ) => {
    const store = paramStore();
    const pair = vae({ pixels, latents, hidden, decoder, ...extra });
    return training({
      objective: (step, stepKey, runKey) => {
        const seen = minibatch(grey, row, image, step, runKey);
        const x =
          decoder === "bernoulli" ? binarise(seen, stepKey) : cast(seen, "float32").mul(1 / 255);
        const data: ImageBatch = { x, image, total: row.size };
        return bound({ ...pair, data, particles, key: stepKey, parameters: store });
      },
      parameters: store,
      optimiser: adam(0.03),
      scale: 1 / row.size,
      seed: 3,
    });
  };

  test.each<["bernoulli" | "gaussian", Particles]>([
    ["bernoulli", single()],
    ["bernoulli", global(3)],
    ["gaussian", single()],
  ])("learns two kinds of images with a %s decoder", (decoder, particles) => {
    const trained = program(decoder, particles);
    const path = steps(trained, start(trained), 150).map(({ bound: [b] }) => b / row.size);
    const end = path.slice(-20).reduce((a, b) => a + b) / 20;
    // The most without a code: a pixel is dark or light equally often, its grey has an sd of 0.44.
    const perPixel = {
      bernoulli: Math.log(2),
      gaussian: 0.5 + Math.log(0.44 * Math.sqrt(2 * Math.PI)),
    };
    const ignorant = -16 * perPixel[decoder];
    expect(path[0]).toBeLessThan(ignorant + 1);
    expect(end).toBeGreaterThan(ignorant + 3);
  });

  test("has a prior on the decoder alone", () => {
    const { diagnosis } = program("bernoulli", single(), { prior: normal(0, 1) });
    expect(Object.keys(diagnosis?.().sites ?? {})).toEqual([
      "z",
      "x",
      "decoder.hidden.weight",
      "decoder.hidden.bias",
      "decoder.logits.weight",
      "decoder.logits.bias",
    ]);
  });

  test("starts all weights and biases as its initialiser says", () => {
    const { initial } = program("gaussian", single(), { initialiser: normalInit(0.1) });
    const drawn = Object.entries(initial).filter(([, x]) =>
      nodesOf([x]).some(({ op }) => op === "threefry"),
    );
    const layers = ["decoder.hidden", "decoder.mean", "decoder.logVariance"].concat([
      "encoder.hidden",
      "encoder.mean",
      "encoder.logVariance",
    ]);
    expect(drawn.map(([name]) => name).sort()).toEqual(
      layers.flatMap((name) => [`${name}.weight`, `${name}.bias`]).sort(),
    );
  });
});
