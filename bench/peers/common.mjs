// What the JavaScript peers share: arguments, inputs, the check, and the line protocol of
// bench/README.md.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    workload: { type: "string", default: "vae" },
    threads: { type: "string", default: "1" },
    batch: { type: "string", default: "100" },
    hidden: { type: "string", default: "500" },
    latents: { type: "string", default: "20" },
    tuned: { type: "boolean", default: false },
  },
});

export const PIXELS = 784;
export const ROWS = 10000;
export const LEARNING_RATE = 0.001;
export const workload = values.workload;
export const threads = Number(values.threads);
export const batch = Number(values.batch);
export const hidden = Number(values.hidden);
export const latents = Number(values.latents);
/** Whether to use the library as fast as we know how, rather than as its documentation does. */
export const tuned = values.tuned;

/** Parameter shapes in the order of the check: W1 b1 Wm bm Wv bv U1 c1 U2 c2. */
export const shapes = [
  [PIXELS, hidden],
  [hidden],
  [hidden, latents],
  [latents],
  [hidden, latents],
  [latents],
  [latents, hidden],
  [hidden],
  [hidden, PIXELS],
  [PIXELS],
];

const fill = (length, entry) => Float32Array.from({ length }, (_, i) => entry(i));

/** The fixed parameters, images and noise of the check. */
export const checkInputs = {
  parameters: shapes.map((shape, p) =>
    fill(
      shape.reduce((a, b) => a * b),
      (i) => 0.1 * Math.sin(0.37 * i + p),
    ),
  ),
  images: fill(batch * PIXELS, (i) => {
    const b = Math.floor(i / PIXELS);
    const j = i % PIXELS;
    return (7 * b + 3 * j + ((b * j) % 11)) % 5 === 0 ? 1 : 0;
  }),
  noise: fill(batch * latents, (i) =>
    Math.sin(1.3 * Math.floor(i / latents) + 0.7 * (i % latents)),
  ),
};

/** Glorot-uniform matrices and zero biases, to train from. */
export const initialParameters = () =>
  shapes.map(([rows, columns]) =>
    columns === undefined
      ? new Float32Array(rows)
      : fill(rows * columns, () => (2 * Math.random() - 1) * Math.sqrt(6 / (rows + columns))),
  );

/** [ROWS, PIXELS] pixels 0..255, about one in five of them lit, as in handwritten digits. */
export const randomPixels = () =>
  Uint8Array.from({ length: ROWS * PIXELS }, () =>
    Math.random() < 0.2 ? Math.floor(256 * Math.random()) : 0,
  );

/** Rows of the next minibatch, from a fresh random order in every epoch. */
export function minibatches() {
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

export const randomMatrix = (rows, columns) => fill(rows * columns, () => 2 * Math.random() - 1);

const print = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

/** Imports packages of bench/node_modules; says how to install them, and exits, where one is missing. */
export async function load(...names) {
  try {
    return await Promise.all(names.map((name) => import(name)));
  } catch (error) {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    print({ missing: "how to install: npm ci --prefix bench" });
    process.exit(0);
  }
}

export const packageVersion = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8"))
    .version;

/** Throws unless the check agrees with check.json, which holds for the default sizes. */
function verify(check) {
  const reference = JSON.parse(readFileSync(new URL("./check.json", import.meta.url), "utf8"));
  const sizes = { batch, hidden, latents };
  if (Object.keys(sizes).some((key) => sizes[key] !== reference[key])) return;
  for (const key of ["loss", "gradientNorm"]) {
    if (!(Math.abs(check[key] / reference[key] - 1) < 1e-4)) {
      throw new Error(`${key} is ${check[key]}, expected ${reference[key]}`);
    }
  }
}

/**
 * Warms up, prints the ready line, then serves run requests until told to quit.
 * `step` does one unit of work, `finish`, where needed, waits for all of it to be done.
 */
export async function serve({ version, threads, check, step, finish = () => {} }) {
  if (check) verify(check);
  const run = async (seconds, least) => {
    const start = performance.now();
    let steps = 0;
    while (steps < least || performance.now() - start < 1000 * seconds) {
      await step();
      steps++;
    }
    await finish();
    return { ms: (performance.now() - start) / steps, steps };
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
