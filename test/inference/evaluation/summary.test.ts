/** Summaries of many draws leave time for other work, and tell how far they are. */
import { expect, test, vi } from "vitest";
import { summarise } from "../../../src/inference/index.ts";
import { summarising } from "../../../src/inference/internal.ts";
import { axis } from "../../../src/tensor/index.ts";

test("a summary in turns has the rows of one without", async () => {
  const [draws, chains] = [20_000, 4];
  const data = Float64Array.from({ length: 20 * draws }, (_, i) => Math.sin(i * i));
  const samples = {
    draws,
    chains,
    sites: { z: { axes: [axis("k", 20)], data, kind: "latent" as const } },
  };
  const shares: number[] = [];
  let turns = 0;
  let next: NodeJS.Immediate;
  const take = () => {
    turns++;
    next = setImmediate(take);
  };
  take();
  // Each look at the clock is a twentieth of a second after the one before, however fast the machine is.
  let time = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => {
    time += 50;
    return time;
  });
  const rows = await summarising(samples, (share) => shares.push(share));
  clock.mockRestore();
  clearImmediate(next!);
  expect(rows).toEqual(summarise(samples));
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
  expect(turns).toBeGreaterThan(2);
});
