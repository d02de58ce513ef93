/** Runs in a process of its own: fits one after the other, as a service would, and prints the memory after each 50. */
import { fit, model, normal, samplePosterior } from "../../src/index.ts";
import { axis, tensor } from "../../src/tensor/index.ts";

const [count, backend] = [Number(process.argv[2]), process.argv[3] as "wasm" | "c" | "oracle"];
/** Few for the oracle, which is slow; else so many that a step is shared out among threads. */
const rows = backend === "oracle" ? 50 : 100_000;
const row = axis("row", rows);
const y = tensor(
  Array.from({ length: rows }, (_, i) => Math.sin(i)),
  [row],
);
const waves = model(({ sample, observe, plate }) => {
  const mean = sample("mean", normal(0, 1));
  plate(row, () => observe("y", normal(mean, 1), y));
});

for (let done = 1; done <= count; done++) {
  const trained = fit({ model: waves, data: undefined, steps: 3, seed: done, backend, threads: 2 });
  samplePosterior(trained, { draws: 10 });
  await new Promise((resolve) => setTimeout(resolve, 5));
  if (done % 50 !== 0) continue;
  globalThis.gc?.();
  console.log(done, process.memoryUsage.rss());
}
