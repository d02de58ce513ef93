/** Chains that several threads advance are those that one thread advances, bit for bit. */
import { describe, expect, test } from "vitest";
import { halfNormal, normal } from "../../../src/distributions/index.ts";
import { logDensity } from "../../../src/inference/index.ts";
import { Chain, type ChainSettings } from "../../../src/inference/mcmc/chain.ts";
import { Crew } from "../../../src/inference/mcmc/crew/crew.ts";
import { Stuck } from "../../../src/inference/mcmc/failures.ts";
import { ChainMemory } from "../../../src/inference/mcmc/memory.ts";
import { startingPoint } from "../../../src/inference/mcmc/start.ts";
import type { Model } from "../../../src/model/index.ts";
import { nativeSupport } from "../../../src/runtime/index.ts";
import { axis, tensor } from "../../../src/tensor/index.ts";

const school = axis("school", 3);
const schools: Model<undefined, unknown> = ({ sample, observe, plate }) => {
  const mu = sample("mu", normal(0, 5));
  const tau = sample("tau", halfNormal(5));
  plate(school, () => {
    const theta = mu.add(tau.mul(sample("z", normal(0, 1))));
    observe("y", normal(theta, 10), tensor([28, 8, -3], [school]));
  });
};

const CHAINS = 3;
const settings: ChainSettings = {
  ...{ method: "nuts", metric: "lowrank", warmup: 60, draws: 40 },
  ...{ targetAccept: 0.85, maxDepth: 10, seed: 3 },
};
const backends =
  nativeSupport().missing === undefined ? (["wasm", "c"] as const) : ["wasm" as const];

describe.each(backends)("threads (%s)", (backend) => {
  const density = logDensity(schools, undefined, { layout: "flat", backend, threads: 1 });
  const chainsIn = (memory: ChainMemory) =>
    Array.from({ length: CHAINS }, (_, c) => new Chain(density, settings, memory.of(c), c));
  const begun = () => {
    const memory = new ChainMemory(CHAINS);
    chainsIn(memory).forEach((chain, c) => {
      chain.begin(startingPoint(density, 2, settings.seed, c));
    });
    return memory.shared();
  };
  const numbers = (memory: ChainMemory) =>
    Object.fromEntries([...memory.pieces].map(([name, { data }]) => [name, [...data]]));

  const enlisted = async (memory: ChainMemory) => {
    const crew = Crew.enlist({ density, settings, chains: CHAINS, memory, workers: 2 }) as Crew;
    while (crew.size < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    return crew;
  };

  test("advance chains to the same bits as one", async () => {
    const alone = begun();
    for (const chain of chainsIn(alone)) for (let i = 0; i < 100; i++) chain.advance(i);
    const memory = begun();
    const own = chainsIn(memory);
    const crew = await enlisted(memory);
    for (let step = 0; step < 100; step += 10) {
      expect(crew.advance(step, 10, (c, at) => own[c].advance(at))).toBeUndefined();
    }
    crew.dismiss();
    expect(numbers(memory)).toEqual(numbers(alone));
  });

  test("tell what the first chain that failed threw", async () => {
    const memory = begun();
    const crew = await enlisted(memory);
    let failed: ReturnType<Crew["advance"]>;
    // Until the caller takes a chain before the others have taken all.
    for (let job = 0; failed === undefined && job < 1000; job++) {
      failed = crew.advance(job, 1, () => {
        throw new Stuck();
      });
    }
    crew.dismiss();
    expect(failed?.error).toBeInstanceOf(Stuck);
  });
});
