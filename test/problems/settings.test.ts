import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { ANNEALERS, METHODS, SAMPLERS } from "../../src/inference/internal.ts";
import { type ImageSettings, imageConfig, SETTINGS } from "../../src/problems/index.ts";
import { configHash } from "../../src/runs/index.ts";
import { SurmiseError } from "../../src/tensor/index.ts";

const ofImages = Object.entries(SETTINGS).flatMap(([name, of]) => ("images" in of ? [name] : []));

test("what a setting must be is said of all, whatever it is given", () => {
  for (const [name, of] of Object.entries(SETTINGS)) {
    for (const kind of ["images", "table"] as const) {
      const schema = (of as Partial<Record<typeof kind, z.ZodType>>)[kind];
      for (const given of ["0x10", Number.NaN, -7.5, {}, null]) {
        const issues = schema?.safeParse(given).error?.issues ?? [];
        for (const { message } of issues) expect(message, name).not.toMatch(/invalid|expected/i);
      }
    }
  }
});

describe("imageConfig", () => {
  test("fills in what is not given", () => {
    expect(imageConfig({})).toEqual({
      data: "mnist",
      model: "vae",
      latents: 20,
      hidden: 500,
      steps: 10000,
      batch: 100,
      optimizer: "adam",
      lr: 0.001,
      seed: 0,
      averageDraws: 1,
      rates: "constant",
      particles: 1,
      kl: "closed",
      decoder: "bernoulli",
      init: "xavier",
      decay: false,
      recordEvery: 100,
      nllDraws: 500,
      nllImages: 1000,
    });
  });

  test("some defaults follow from other settings", () => {
    expect(imageConfig({ optimizer: "adagrad" }).lr).toBe(0.02);
    expect(imageConfig({ optimizer: "sgd" }).lr).toBe(0.0001);
    expect(imageConfig({ particles: 5 }).kl).toBe("sampled");
    expect(imageConfig({ averageDraws: 5 }).kl).toBe("closed");
    expect(imageConfig({ data: "freyface" }).decoder).toBe("gaussian");
    expect(imageConfig({ data: "freyface", decoder: "bernoulli" }).decoder).toBe("bernoulli");
    expect(imageConfig({ trainImages: 10 }).trainImages).toBe(10);
  });

  test("a configuration is settings again", () => {
    const config = imageConfig({ particles: 3, data: "freyface", lr: 0.1 });
    expect(imageConfig(config)).toEqual(config);
  });

  const whole = "it must be a whole number of at least 1";
  const rate = "it must be a finite number greater than 0";
  const start = 'it must be xavier or normal:SD, such as "normal:0.1"';
  const refused: [Record<string, unknown>, string][] = [
    ...[
      "latents",
      "hidden",
      "steps",
      "batch",
      "averageDraws",
      "particles",
      "trainImages",
      "testImages",
    ]
      .concat("recordEvery", "nllDraws", "nllImages")
      .flatMap((name): [Record<string, unknown>, string][] => [
        [{ [name]: 0 }, `${name} is 0: ${whole}`],
        [{ [name]: -3 }, `${name} is -3: ${whole}`],
      ]),
    [{ latents: Number.NaN }, `latents is NaN: ${whole}`],
    [{ latents: 1.5 }, `latents is 1.5: ${whole}`],
    [{ latents: "two" }, `latents is two: ${whole}`],
    [{ latents: "" }, `latents is "": ${whole}`],
    [{ lr: 0 }, `lr is 0: ${rate}`],
    [{ lr: -1 }, `lr is -1: ${rate}`],
    [{ lr: Number.POSITIVE_INFINITY }, `lr is Infinity: ${rate}`],
    [{ seed: -1 }, "seed is -1: it must be a whole number from 0 to 2^53 - 1"],
    [{ seed: 2 ** 53 }, `seed is ${2 ** 53}: it must be a whole number from 0 to 2^53 - 1`],
    [{ optimizer: "lbfgs" }, "optimizer is lbfgs: it must be one of adam, adagrad, sgd"],
    [{ kl: "open" }, "kl is open: it must be one of sampled, entropy, closed"],
    [{ decoder: "poisson" }, "decoder is poisson: it must be one of bernoulli, gaussian, real"],
    [{ data: "" }, 'data is "": it must be a name'],
    [{ data: 3 }, "data is 3: it must be a name"],
    [{ decay: "yes" }, "decay is yes: it must be true or false"],
    [{ init: "he" }, `init is he: ${start}`],
    [{ init: "normal:0" }, `init is normal:0: ${start}`],
    [{ init: "normal:-1" }, `init is normal:-1: ${start}`],
    [{ latents: 0, lr: -1 }, `latents is 0: ${whole}; lr is -1: ${rate}`],
    [
      { width: 3, depth: 4 },
      `unknown setting width, depth: the known ones are ${ofImages.join(", ")}`,
    ],
    [
      { averageDraws: 2, particles: 3 },
      "averageDraws 2 averages draws and particles 3 weights them: give one of the two",
    ],
    [
      { particles: 3, kl: "closed" },
      "particles 3 needs the weight of each draw, which kl closed has not: use kl sampled, or " +
        "averageDraws 3",
    ],
  ];

  test.each(refused)("refuses %j", (given, message) => {
    expect(() => imageConfig(given)).toThrow(new SurmiseError(message));
  });

  test.each(["normal:1", "normal:0.01", "normal:.5", "normal:1e-3"])("takes %s", (init) => {
    expect(imageConfig({ init }).init).toBe(init);
  });

  test("calls settings what it is told to", () => {
    expect(() => imageConfig({ hidden: 0 }, (name) => `--${name}`)).toThrow("--hidden is 0: it");
  });
});

test("no two methods of fit have one name", () => {
  const names = [METHODS, SAMPLERS, ANNEALERS].flatMap((rows) => Object.keys(rows));
  expect(new Set(names).size).toBe(names.length);
});

describe("configHash", () => {
  test("depends on every setting, and not on their order", () => {
    const config = imageConfig({ trainImages: 50 });
    const reversed = Object.fromEntries(Object.entries(config).reverse()) as typeof config;
    expect(configHash(reversed)).toBe(configHash(config));
    const changes: ImageSettings[] = [{ lr: 0.5 }, { trainImages: 51 }, { seed: 1 }];
    const hashes = changes.map((change) => configHash(imageConfig({ ...config, ...change })));
    expect(new Set([...hashes, configHash(config)]).size).toBe(4);
    expect(configHash({ ...config, testImages: undefined })).toBe(configHash(config));
  });
});
