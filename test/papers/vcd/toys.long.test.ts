/** What the divergence can tell of the weights of modes that chains hardly cross, and the example's guides. */
import { expect, test } from "vitest";
import { fitted, picture } from "../../../examples/toys.ts";
import { Loop, training, vcd } from "../../../src/inference/index.ts";
import { paramStore } from "../../../src/model/index.ts";
import { stepDecay } from "../../../src/optim/index.ts";
import { vcd as paper } from "../../../src/papers/index.ts";

/** The weight that q gives to the mode about (-2, -2), which has 0.7 of the target, by chains of `iterations`. */
function weightBy(iterations: number): number {
  const parameters = paramStore();
  const pair = { model: paper.toyModel(paper.TOYS.mixture), guide: paper.toyGuide("mixture") };
  const rates: Readonly<Record<string, number>> = { mean: 0.01, sd: 0.005, logits: 0.001 };
  const chains = { iterations, adapting: iterations - 1, targetAccept: 0.7, stepSize: 0.25 };
  const algorithm = training({
    objective: (_, key) => vcd({ ...pair, data: undefined, parameters, key, ...chains }),
    parameters,
    optimiser: (name) => paper.rmsprop(stepDecay(rates[name], { every: 2000, factor: 0.9 })),
    seed: 0,
  });
  const loop = new Loop({ algorithm, steps: 20_000, recordEvery: 20_000 });
  for (const _ of loop.calls());
  const { mean, logits } = loop.state();
  const own = mean.data[0] < mean.data[2] ? 0 : 1;
  return 1 / (1 + Math.exp(Number(logits.data[1 - own]) - Number(logits.data[own])));
}

test("weights of modes are told only by chains that cross: longer ones come nearer to them", () => {
  const [short, long] = [weightBy(3), weightBy(10)];
  expect(short).toBeLessThan(0.5);
  expect(Math.abs(long - 0.7)).toBeLessThan(0.08);
});

test.each(["gaussian", "banana"] as const)(
  "the example: the divergence leaves less of the %s out",
  (name) => {
    /** KL(p || q) from the log densities of all places, up to those outside the picture. */
    const leftOut = ({ p, q }: ReturnType<typeof fitted>) => {
      const total = p.reduce((sum, x) => sum + Math.exp(x), 0);
      return p.reduce((sum, x, i) => sum + (Math.exp(x) * (x - q[i])) / total, 0);
    };
    expect(leftOut(fitted(name, "vcd"))).toBeLessThan(0.7 * leftOut(fitted(name, "elbo")));
  },
);

test("the example's picture: the target, and both guides", async () => {
  const svg = await picture("mixture");
  for (const name of ["target", "ELBO", "VCD"]) expect(svg).toContain(`>${name}<`);
});
