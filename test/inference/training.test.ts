import { describe, expect, test } from "vitest";
import { type Images, vae } from "../../src/papers/aevb/index.ts";
import { normal } from "../../src/distributions/index.ts";
import {
  binarise,
  bound,
  importance,
  minibatch,
  type Particles,
  single,
  training,
} from "../../src/inference/index.ts";
import { model, parameters } from "../../src/model/index.ts";
import { constantInit, normalInit } from "../../src/nn/index.ts";
import { adagrad, adam, type Optimiser, sgd } from "../../src/optim/index.ts";
import { axis, cast, exp, fold, nodesOf, tensor } from "../../src/tensor/index.ts";
import { all, logEvidence, oneMean, posterior } from "./gaussians.ts";
import { start, steps } from "./programs.ts";

describe("a conjugate model", () => {
  const guide = model(({ sample, param }) => {
    const mean = param("mean", [], { init: normalInit(1), dtype: "float64" });
    const logSd = param("logSd", [], { init: constantInit(0), dtype: "float64" });
    sample("z", normal(mean, exp(logSd)));
  });
  const program = (optimiser: Optimiser, kl: "sampled" | "closed", seed = 1, scale = 1) => {
    const store = parameters();
    return training({
      objective: (_, key) =>
        bound({ model: oneMean, guide, data: all, key, kl, parameters: store }),
      parameters: store,
      optimiser,
      scale,
      seed,
    });
  };

  test("sampled estimator: training ends at the posterior, where its noise is zero", () => {
    const trained = program(adam(0.05), "sampled");
    const state = start(trained);
    const path = steps(trained, state, 600);
    expect(state.get("mean")?.[0]).toBeCloseTo(posterior.mean, 1);
    expect(Math.exp(state.get("logSd")?.[0] as number)).toBeCloseTo(posterior.sd, 1);
    const last = path.slice(-50).map(({ bound: [b] }) => b);
    expect(Math.max(...last.map((b) => Math.abs(b - logEvidence)))).toBeLessThan(0.2);
  });

  test("carries its steps and the sum of its bounds", () => {
    const trained = program(adam(0.05), "closed");
    const state = start(trained);
    expect([...state.keys()].sort()).toEqual([
      "#boundTotal",
      "#step",
      "logSd",
      "logSd#mean",
      "logSd#squares",
      "mean",
      "mean#mean",
      "mean#squares",
    ]);
    const path = steps(trained, state, 5);
    expect(state.get("#step")).toEqual(Int32Array.of(5));
    const sum = path.reduce((total, { bound: [b] }) => total + b, 0);
    expect(state.get("#boundTotal")?.[0]).toBeCloseTo(sum, 10);
    expect(Object.keys(trained.sites)).toEqual(["z", "x"]);
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

  const program = (decoder: "bernoulli" | "gaussian", particles: Particles) => {
    const store = parameters();
    const prior = normal(0, 1);
    const pair = vae({ pixels, latents, hidden, decoder, prior });
    return training({
      objective: (step, stepKey, runKey) => {
        const seen = minibatch(grey, row, image, step, runKey);
        const x =
          decoder === "bernoulli" ? binarise(seen, stepKey) : cast(seen, "float32").mul(1 / 255);
        const data: Images = { x, image, total: row.size };
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
    ["bernoulli", importance(3)],
    ["gaussian", single()],
  ])("learns two kinds of images with a %s decoder", (decoder, particles) => {
    const trained = program(decoder, particles);
    const path = steps(trained, start(trained), 150).map(({ bound: [b] }) => b / row.size);
    const mean = (from: number, to: number) =>
      path.slice(from, to).reduce((a, b) => a + b) / (to - from);
    // Independent pixels: 16 log 2 = 11.1 nats. Known kind, flips with probability 1/17: 3.6 nats.
    if (decoder === "bernoulli") {
      expect(mean(0, 10)).toBeLessThan(-10);
      expect(mean(130, 150)).toBeGreaterThan(-8);
    } else {
      expect(mean(130, 150)).toBeGreaterThan(mean(0, 10) + 10);
    }
  });

  test("has a prior on the decoder alone", () => {
    const { sites } = program("bernoulli", single());
    expect(Object.keys(sites)).toEqual([
      "z",
      "x",
      "decoder.hidden.weight",
      "decoder.hidden.bias",
      "decoder.logits.weight",
      "decoder.logits.bias",
    ]);
  });

  test("starts as its initialiser says", () => {
    const store = parameters();
    const pair = vae({ pixels, latents, hidden, initialiser: normalInit(0.1) });
    const x = cast(grey, "float32");
    const { initial } = training({
      objective: (_, key) =>
        bound({
          ...pair,
          data: { x, image: row, total: row.size },
          key: fold(key, "more"),
          parameters: store,
        }),
      parameters: store,
      optimiser: adagrad(0.01),
      seed: 1,
    });
    const drawn = Object.entries(initial).filter(([, x]) =>
      nodesOf([x]).some(({ op }) => op === "threefry"),
    );
    expect(drawn.map(([name]) => name)).toEqual(store.list().map(({ name }) => name));
  });
});
