/** What cannot be sampled, and what is said of it. */
import { describe, expect, test } from "vitest";
import {
  improperUniform,
  normal,
  POSITIVE,
  poisson,
  REAL,
  uniform,
} from "../../../src/distributions/index.ts";
import type { MetricName, SampleOptions, SamplerName } from "../../../src/inference/index.ts";
import { Chain } from "../../../src/inference/mcmc/chain.ts";
import { Stuck } from "../../../src/inference/mcmc/failures.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import type { Target } from "../../../src/inference/mcmc/transitions/point.ts";
import { constant, select, sqrt } from "../../../src/tensor/index.ts";
import { drawn, type Plain } from "./drawn.ts";

describe("what cannot be sampled is refused by name", () => {
  const refusal = async (model: Plain, options: SampleOptions = {}) =>
    drawn(model, { chains: 2, warmup: 100, draws: 300, ...options }).then(
      () => "nothing was refused",
      ({ message }) => message,
    );

  test("no start with a finite density", async () => {
    const message = await refusal(({ sample, observe }) => {
      const x = sample("x", normal(0, 1));
      observe("y", uniform(x.add(100), x.add(101)), constant(3));
    });
    expect(message).toMatch(
      /chain 1 finds no start in 100 tries.*, nor among draws from the prior: .*site 'y'.*init/s,
    );
  });

  test("a gradient that is not a number", async () => {
    const message = await refusal(({ sample, observe }) => {
      const x = sample("x", normal(0, 1));
      observe("y", normal(sqrt(x.mul(0)), 1), constant(3));
    });
    expect(message).toMatch(/derivative is not finite: gradient 'x'.*root/s);
  });

  test("an improper posterior", async () => {
    const flat = await refusal(({ sample, observe }) => {
      sample("flat", improperUniform(REAL));
      observe("y", normal(sample("mean", normal(0, 1)), 1), constant(3));
    });
    expect(flat).toMatch(/improper.*latent 'flat'.*proper prior/s);
    const scale = await refusal(({ sample, observe }) => {
      const spread = sample("spread", improperUniform(POSITIVE));
      observe("y", normal(0, spread), constant(3));
    });
    expect(scale).toMatch(/improper.*latent 'spread'/s);
  });

  test("but not a wide posterior that is proper", async () => {
    const found = await drawn(({ sample, observe }) => {
      const a = sample("a", normal(0, 1e4));
      observe("y", normal(a.add(sample("b", normal(0, 1e4))), 300), constant(10));
    });
    expect(found.draws).toBe(4000);
  });

  test("a chain that does not move", () => {
    // The gradient is not that of the density: every trajectory is driven away from where the density is.
    let calls = 0;
    const target: Target = {
      dimension: 1,
      evaluate([x], gradient) {
        gradient[0] = -x;
        return ++calls < 400 ? -0.5 * x * x : Number.NEGATIVE_INFINITY;
      },
    };
    const settings = { warmup: 20, draws: 1000, targetAccept: 0.8, maxDepth: 5, seed: 0 };
    const slots = new ChainMemory(1).of(0);
    const all = { ...settings, method: "hmc", metric: "diagonal" } as const;
    const chain = new Chain(target, all, slots, 0);
    chain.begin({ position: Float64Array.of(1), gradient: Float64Array.of(-1), logDensity: -0.5 });
    for (let step = 0; step < 5; step++) chain.advance(step);
    calls = 400;
    const on = () => {
      for (let step = 5; step < 1020; step++) chain.advance(step);
    };
    expect(on).toThrow(Stuck);
  });

  test("chains whose every proposal leads back to where they are", async () => {
    // The spacing of numbers near 1 is wider than the posterior of the sum.
    const ridge: Plain = ({ sample, observe }) => {
      const x = sample("x", normal(0, 1));
      observe("y", normal(x.mul(1e12), 1e-9), constant(1e12));
    };
    for (const method of ["nuts", "rwm"] as const) {
      const short = { method, warmup: 60, draws: 30, init: { x: 1 } };
      expect(await refusal(ridge, short)).toMatch(
        /^chain 1: it cannot move: no proposal has been accepted.*latent 'x'.*init/,
      );
    }
  });

  test("a density that jumps", async () => {
    const message = await refusal(
      ({ sample, observe }) => {
        const x = sample("x", normal(0, 1));
        observe("y", normal(select(x.eq(0), 0, 1e3), 1), constant(0));
      },
      { init: { x: 0 } },
    );
    expect(message).toMatch(/jumps.*latent 'x'/s);
  });

  test("an unbounded discrete latent, a parameter without a value, no latents", async () => {
    const discrete = await refusal(({ sample, observe }) => {
      const z = sample("z", poisson(3));
      observe("y", normal(z, 1), constant(0));
    });
    expect(discrete).toMatch(/latent 'z'.*discrete.*cannot be summed out.*truncated/s);
    const withParam: Plain = ({ sample, param }) => {
      sample("x", normal(param("p", [], { init: () => constant(0) }), 1));
    };
    expect(await refusal(withParam)).toMatch(/'p' is a parameter.*values/s);
    expect((await drawn(withParam, { values: { p: { data: Float32Array.of(2) } } })).draws).toBe(
      4000,
    );
    const none = await refusal(({ observe }) => observe("y", normal(0, 1), constant(0)));
    expect(none).toMatch(/no latents/);
  });

  test("options that are not of their range", async () => {
    const one: Plain = ({ sample }) => sample("x", normal(0, 1));
    const options: [SampleOptions, RegExp][] = [
      [{ method: "slice" as SamplerName }, /'slice' is none of nuts/],
      [{ metric: "round" as MetricName }, /'round' is none of diagonal, lowrank/],
      [{ chains: 0 }, /chains/],
      [{ draws: 0 }, /draws/],
      [{ warmup: -1 }, /warmup/],
      [{ maxDepth: 0.5 }, /maxDepth/],
      [{ seed: -1 }, /seed/],
      [{ targetAccept: 1 }, /targetAccept is 1: it must be less than 1/],
      [{ until: {} }, /until says neither rhat nor ess/],
      [{ until: { rhat: 1 } }, /until.rhat/],
      [{ threads: 0 }, /threads must be a whole number from 1/],
      [{ backend: "" as "c" }, /options.backend must be one of/],
      [{ init: [1] }, /init has starts for 1 chains, of 2/],
      [{ init: { x: Number.NaN } }, /'x'.*not finite/],
    ];
    for (const [given, expected] of options) expect(await refusal(one, given)).toMatch(expected);
  });
});
