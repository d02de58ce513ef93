/** Chains that draw discrete latents themselves, on posteriors that are known. */

import { describe, expect, test } from "vitest";
import {
  bernoulli,
  binomial,
  categorical,
  gamma,
  multinomial,
  normal,
  poisson,
} from "../../../src/distributions/index.ts";
import { Loop, logDensity, type SampleOptions, sample } from "../../../src/inference/index.ts";
import { prepareChains } from "../../../src/inference/sampling/sample.ts";
import type { Model } from "../../../src/model/index.ts";
import { axis, cast, constant, gather, sum, tensor } from "../../../src/tensor/index.ts";
import { expectMean } from "./means.ts";

type Plain = Model<undefined, unknown>;

const CHAINS = 16;

const drawn = (model: Plain, options: SampleOptions = {}) =>
  sample(model, undefined, {
    ...{ method: "gibbs", backend: "wasm", seed: 1, chains: CHAINS, warmup: 200, draws: 500 },
    ...options,
  });

describe("counts without end", () => {
  test("of which a part was seen: what was not seen is Poisson", async () => {
    const [rate, chance, seen] = [6, 0.4, [3, 0, 7]];
    const place = axis("place", 3);
    const found = await drawn(({ sample, observe, plate }) => {
      plate(place, () => {
        const n = sample("n", poisson(rate));
        observe("seen", binomial(n, { probs: chance }), tensor(Int32Array.from(seen), [place]));
      });
    });
    const { data } = found.sites.n;
    const unseen = rate * (1 - chance);
    seen.forEach((y, i) => {
      expectMean(found, (d) => data[3 * d + i] - y, unseen);
      expectMean(found, (d) => (data[3 * d + i] - y - unseen) ** 2, unseen);
    });
  });

  test("whose sum alone is seen change one after the other", async () => {
    const [rates, chance, seen] = [[2, 5, 9], 0.5, 11];
    const place = axis("place", 3);
    const found = await drawn(({ sample, observe, plate }) => {
      const n = plate(place, () => sample("n", poisson(tensor(rates, [place]))));
      observe("seen", binomial(sum(n, place), { probs: chance }), constant(seen, "int32"));
    });
    const { data } = found.sites.n;
    const total = seen + 16 * (1 - chance);
    rates.forEach((rate, i) => {
      expectMean(found, (d) => data[3 * d + i], (total * rate) / 16);
    });
  });

  test("beside a rate that NUTS draws", async () => {
    // rate ~ gamma(3, 1), n ~ poisson(rate): n is negative binomial, (n + 1) (n + 2) / 2 / 8 / 2^n.
    const model: Plain = ({ sample, observe }) => {
      const rate = sample("rate", gamma(3, 1));
      const n = sample("n", poisson(rate));
      observe("y", normal(n, 1.5), constant(4));
    };
    const weights = Array.from(
      { length: 60 },
      (_, n) => ((n + 1) * (n + 2) * 2 ** -n * Math.exp(-(((n - 4) / 1.5) ** 2) / 2)) / 16,
    );
    const mass = weights.reduce((a, b) => a + b);
    const mean = weights.reduce((a, w, n) => a + w * n, 0) / mass;
    const found = await drawn(model, { draws: 1000 });
    const { n, rate } = found.sites;
    expectMean(found, (d) => n.data[d], mean);
    // Given n the rate is gamma(3 + n, 2).
    expectMean(found, (d) => rate.data[d], (3 + mean) / 2);
  });
});

describe("finitely many values", () => {
  test("beside a normal that depends on them", async () => {
    const found = await drawn(({ sample, observe }) => {
      const z = sample("z", bernoulli({ probs: 0.3 }));
      const x = sample("x", normal(z.mul(2), 1));
      observe("y", normal(x, 1), constant(1.5));
    });
    // y is normal(0 or 2, sqrt 2); given z, x has the mean (mu + 1.5) / 2.
    const odds = (0.3 / 0.7) * Math.exp((1.5 ** 2 - 0.5 ** 2) / 4);
    const share = odds / (1 + odds);
    const { x, z } = found.sites;
    expectMean(found, (d) => z.data[d], share);
    expectMean(found, (d) => x.data[d], 0.75 + share);
  });

  test("of the steps of a chain have the probabilities that summing out finds", async () => {
    const [step, state, other] = [axis("step", 4), axis("state", 3), axis("other", 3)];
    const move = tensor([0.6, 0.3, 0.1, 0.2, 0.6, 0.2, 0.1, 0.4, 0.5], [other, state]);
    const y = tensor([0.2, 1.4, 0.9, 2.2], [step]);
    const model: Plain = ({ sample, observe, chain }) => {
      chain(step, constant(0, "int32"), (before, { at }) => {
        const z = sample("z", categorical(gather(move, other, before), state));
        observe("y", normal(cast(z, "float32"), 1), at(y));
        return z;
      });
    };
    const { data, axes } = logDensity(model, undefined).probabilities(new Float64Array(0)).z;
    expect(axes.map(({ size }) => size)).toEqual([4, 3]);
    const found = await drawn(model);
    const z = found.sites.z.data;
    for (let t = 0; t < 4; t++) {
      for (const k of [0, 2]) {
        expectMean(found, (d) => (z[4 * d + t] === k ? 1 : 0), data[3 * t + k]);
      }
    }
  });
});

describe("chains", () => {
  const row = axis("row", 5);
  const model: Plain = ({ sample, observe, plate }) => {
    const rate = sample("rate", gamma(3, 1));
    plate(row, () => {
      const n = sample("n", poisson(rate));
      const z = sample("z", bernoulli({ probs: 0.4 }));
      observe("y", normal(n.add(z.mul(3)), 1), tensor([2, 7, 4, 0.5, 3], [row]));
    });
  };

  test("go on from a state to the same bits", () => {
    const { algorithm, steps, drawn } = prepareChains(model, undefined, {
      ...{ method: "gibbs", chains: 2, warmup: 60, draws: 20, backend: "wasm" },
    });
    const run = (loop: Loop) => {
      for (const _ of loop.calls());
      return loop.state();
    };
    const options = { algorithm, steps, recordEvery: 7 };
    const whole = run(new Loop(options));
    expect(run(new Loop(options))).toEqual(whole);
    for (const stop of [1, 13, 66]) {
      const first = new Loop(options);
      for (const { step } of first.calls()) if (step >= stop) break;
      expect(run(new Loop({ ...options, from: first.state() }))).toEqual(whole);
    }
    const { n, z } = drawn(whole).sites;
    for (const count of n.data) expect(count >= 0 && Number.isInteger(count)).toBe(true);
    for (const bit of z.data) expect([0, 1]).toContain(bit);
  });

  test("refuse counts with a fixed sum by name", async () => {
    const kind = axis("kind", 2);
    const message = await drawn(({ sample, observe }) => {
      const n = sample("parts", multinomial(5, { probs: tensor([0.5, 0.5], [kind]) }, kind));
      observe("y", normal(sum(n.mul(tensor([0, 1], [kind])), kind), 1), constant(2));
    }).catch((error) => error.message);
    expect(message).toMatch(/latent 'parts' is a multinomial.*fixed sum.*rws/s);
  });
});

test("elements of a plate that its observations put together", async () => {
  const [y, chance, sd] = [[2, 0, 0.5, 1.5], 0.4, 0.4];
  const i = axis("i", 4);
  const next = tensor(Int32Array.from([1, 2, 3, 0]), [i]);
  const model: Plain = ({ sample, observe, plate }) => {
    plate(i, () => {
      const z = cast(sample("z", bernoulli({ probs: chance })), "float64");
      observe("y", normal(z.add(gather(z, i, next)), sd), tensor(Float64Array.from(y), [i]));
    });
  };
  const states = Array.from({ length: 16 }, (_, s) => y.map((_, k) => (s >> k) & 1));
  const weights = states.map((z) =>
    z.reduce((w, on, k) => {
      const apart = (y[k] - on - z[(k + 1) % 4]) / sd;
      return w * (on ? chance : 1 - chance) * Math.exp(-0.5 * apart ** 2);
    }, 1),
  );
  const total = weights.reduce((a, b) => a + b);
  const found = await drawn(model);
  for (const k of y.keys()) {
    const exact = states.reduce((sum, z, s) => sum + z[k] * weights[s], 0) / total;
    expectMean(found, (d) => found.sites.z.data[4 * d + k], exact);
  }
  await expect(drawn(model, { method: "nuts" })).rejects.toThrow(
    /'y' depends on several elements of latent 'z' along 'i' at once/,
  );
});
