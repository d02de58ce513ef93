// What the JavaScript peers share: arguments, inputs, the check, and the line protocol of
// bench/README.md.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "vae" },
    threads: { type: "string", default: "1" },
    sizes: { type: "string", default: "{}" },
    tuned: { type: "boolean", default: false },
  },
});

export const PIXELS = 784;
export const ROWS = 10000;
export const workload = values.workload;
export const threads = Number(values.threads);
export const sizes = JSON.parse(values.sizes);
/** Whether to use the library as fast as we know how, rather than as its documentation does. */
export const tuned = values.tuned;

const fill = (length, entry) => Float32Array.from({ length }, (_, i) => entry(i));
const count = (shape) => shape.reduce((a, b) => a * b);

/** Shapes of the weights and biases of dense layers, each given as [inputs, outputs]. */
export const layerShapes = (...layers) => layers.flatMap(([from, to]) => [[from, to], [to]]);

/** Entry i of parameter p is 0.1 sin(0.37 i + p). */
export const fixedParameters = (shapes) =>
  shapes.map((shape, p) => fill(count(shape), (i) => 0.1 * Math.sin(0.37 * i + p)));

/** [batch, PIXELS] of 0 and 1. */
export const fixedImages = (batch) =>
  fill(batch * PIXELS, (i) => {
    const b = Math.floor(i / PIXELS);
    const j = i % PIXELS;
    return (7 * b + 3 * j + ((b * j) % 11)) % 5 === 0 ? 1 : 0;
  });

/** [particles, batch, elements]: sin(1.3 b + 0.7 l + 1.9 k). */
export const fixedNoise = (particles, batch, elements) =>
  fill(particles * batch * elements, (i) => {
    const b = Math.floor(i / elements) % batch;
    const k = Math.floor(i / (elements * batch));
    return Math.sin(1.3 * b + 0.7 * (i % elements) + 1.9 * k);
  });

/** Operand p of `gemm`: entry i is (1 + sin(0.37 i + p)) / 2. */
export const operand = (length, p) => fill(length, (i) => 0.5 * (1 + Math.sin(0.37 * i + p)));

/** In double precision, which a library's own sum of many values may not have. */
export const sum = (values) => values.reduce((a, b) => a + b, 0);
export const norm = (values) => Math.sqrt(values.reduce((a, b) => a + b * b, 0));

/** The logits and bits of `elementwise`. */
export const logits = () => fill(sizes.n, (i) => 3 * Math.sin(0.37 * i));
export const bits = () => fill(sizes.n, (i) => (i % 3 === 0 ? 1 : 0));

/** Glorot-uniform matrices and zero biases, to train from. */
export const initialParameters = (shapes) =>
  shapes.map(([rows, columns]) =>
    columns === undefined
      ? new Float32Array(rows)
      : fill(rows * columns, () => (2 * Math.random() - 1) * Math.sqrt(6 / (rows + columns))),
  );

/** [ROWS, PIXELS] binary images to train on, about one pixel in eight white. */
export const randomImages = () => fill(ROWS * PIXELS, () => (Math.random() < 0.13 ? 1 : 0));

/** Rows of the next minibatch, from a fresh random order in every epoch. */
export function minibatches(batch) {
  const order = Int32Array.from({ length: ROWS }, (_, i) => i);
  let position = ROWS;
  return () => {
    if (position + batch > ROWS) {
      for (let i = ROWS - 1; i > 0; i--) {
        const j = Math.floor(Math.random() * (i + 1));
        [order[i], order[j]] = [order[j], order[i]];
      }
      position = 0;
    }
    position += batch;
    return order.slice(position - batch, position);
  };
}

const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Says what to install, and ends. */
export function missing(what) {
  print({ missing: what });
  process.exit(0);
}

/** Imports packages of bench/node_modules; says how to install them, and exits, where one is missing. */
export async function load(...names) {
  try {
    return await Promise.all(names.map((name) => import(name)));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return missing("how to install: npm ci --prefix bench");
  }
}

export const packageVersion = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8"))
    .version;

/** The most bytes of memory this process ever held at once. */
function peak() {
  try {
    const found = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return 1024 * Number(found[1]);
  } catch {
    return 1024 * process.resourceUsage().maxRSS;
  }
}

/** Bytes before all work: call it when the library is loaded. */
export const idle = () => process.memoryUsage.rss();

/**
 * Warms up, prints the ready line, then serves run requests until told to quit. `step` does `steps`
 * units of work, `finish`, where needed, waits for all of it to be done.
 */
export async function serve({ version, threads, idle, check, step, steps = 1, finish = () => {} }) {
  const run = async (seconds, least) => {
    const start = performance.now();
    let calls = 0;
    while (calls < least || performance.now() - start < 1000 * seconds) {
      await step();
      calls++;
    }
    await finish();
    const ms = (performance.now() - start) / (calls * steps);
    return { ms, steps: calls * steps, peakMB: (peak() - idle) / 1e6 };
  };
  await run(0.3, 3);
  print({ ready: true, version, threads, check });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line);
    if (request.quit) break;
    print(await run(request.run.seconds, 2));
  }
  process.exit(0);
}
