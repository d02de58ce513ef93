// jax-js on its WebAssembly backend: one Adam step of the VAE, or one matrix product.
import * as common from "./common.mjs";

const { batch, hidden, latents, PIXELS } = common;
const [jax] = await common.load("@jax-js/jax");
const { jit, nn, numpy: np, random, tree, valueAndGrad } = jax;
const { tuned } = common;
if (!(await jax.init("wasm")).includes("wasm")) throw new Error("the wasm backend did not load");
jax.defaultDevice("wasm");
const peer = { version: common.packageVersion("@jax-js/jax"), threads: 1 };

/** Mean over the batch of the negative ELBO of binary images `x`, for standard normal `noise`. */
function loss([W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2], x, noise) {
  const h = np.tanh(np.matmul(x.ref, W1).add(b1));
  const mu = np.matmul(h.ref, Wm).add(bm);
  const lv = np.matmul(h, Wv).add(bv);
  const variance = np.exp(lv.ref);
  const kl = np.sum(lv.ref.add(1).sub(np.square(mu.ref)).sub(variance)).mul(-0.5);
  const z = mu.add(np.exp(lv.mul(0.5)).mul(noise));
  const g = np.tanh(np.matmul(z, U1).add(c1));
  const logits = np.matmul(g, U2).add(c2);
  return np
    .sum(nn.softplus(logits.ref).sub(x.mul(logits)))
    .add(kl)
    .div(batch);
}

// As the library's own training loops: the loss under `jit`, everything else array by array. Tuned:
// the whole step under one `jit`.
const lossAndGradients = valueAndGrad(tuned ? loss : jit(loss));

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/**
 * What Adam multiplies its moments by at 1-based step `t`: arrays, because the library compiles new
 * kernels for new numbers.
 */
const corrections = (t) => [BETA1, BETA2].map((beta) => np.array(1 / (1 - beta ** t)));

/** One training step: draws the binary images and the noise, and applies Adam. */
function update([parameters, first, second, key], pixels, rows, [scale1, scale2]) {
  const [nextKey, uniformKey, normalKey] = random.split(key, 3);
  const uniform = random.uniform(uniformKey, [batch, PIXELS], { maxval: 255 });
  const x = np.less(uniform, np.take(pixels, rows, 0)).astype(np.float32);
  const noise = random.normal(normalKey, [batch, latents]);
  const [value, gradients] = lossAndGradients(tree.ref(parameters), x, noise);
  value.dispose();
  const next = [[], [], [], nextKey];
  for (const [i, gradient] of gradients.entries()) {
    const m = first[i].mul(BETA1).add(gradient.ref.mul(1 - BETA1));
    const v = second[i].mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
    const spread = np.sqrt(v.ref.mul(scale2.ref)).add(EPSILON);
    const direction = m.ref.mul(scale1.ref).div(spread);
    next[0].push(parameters[i].sub(direction.mul(common.LEARNING_RATE)));
    next[1].push(m);
    next[2].push(v);
  }
  tree.dispose([scale1, scale2]);
  return next;
}

const tensors = (arrays) =>
  arrays.map((values, p) => np.array(values, { shape: common.shapes[p] }));
const zeros = () => common.shapes.map((shape) => np.zeros(shape));

function vae() {
  const { parameters, images, noise } = common.checkInputs;
  const [value, gradients] = (tuned ? jit(lossAndGradients) : lossAndGradients)(
    tensors(parameters),
    np.array(images, { shape: [batch, PIXELS] }),
    np.array(noise, { shape: [batch, latents] }),
  );
  const check = {
    loss: value.item(),
    gradientNorm: Math.sqrt(
      gradients.reduce((sum, gradient) => sum + np.sum(np.square(gradient)).item(), 0),
    ),
  };
  const pixels = np.array(Int32Array.from(common.randomPixels()), { shape: [common.ROWS, PIXELS] });
  const nextRows = common.minibatches();
  const next = tuned ? jit(update) : update;
  let state = [tensors(common.initialParameters()), zeros(), zeros(), random.key(0)];
  let count = 0;
  const step = async () => {
    count++;
    state = next(state, pixels.ref, np.array(nextRows()), corrections(count));
    await jax.blockUntilReady(state);
  };
  return { check, step };
}

function gemm() {
  const a = np.array(common.randomMatrix(batch, PIXELS), { shape: [batch, PIXELS] });
  const b = np.array(common.randomMatrix(PIXELS, hidden), { shape: [PIXELS, hidden] });
  const multiply = jit(np.matmul);
  const step = async () => {
    const product = await multiply(a.ref, b.ref).blockUntilReady();
    product.dispose();
  };
  return { step };
}

await common.serve({ ...peer, ...(common.workload === "gemm" ? gemm() : vae()) });
