/** Summaries of many draws leave time for other work, and tell how far they are. */
import { expect, test } from "vitest";
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
  const timer = setInterval(() => turns++, 1);
  const rows = await summarising(samples, (share) => shares.push(share));
  clearInterval(timer);
  expect(rows).toEqual(summarise(samples));
  expect(shares.length).toBeGreaterThan(2);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
  expect(turns).toBeGreaterThan(2);
});
