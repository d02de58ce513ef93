// jax-js on its WebAssembly backend: one Adam step of the VAE, or one matrix product.
import * as common from "./common.mjs";

const { batch, hidden, latents, PIXELS } = common;
const [jax] = await common.load("@jax-js/jax");
const { jit, nn, numpy: np, random, tree, valueAndGrad } = jax;
if (!(await jax.init("wasm")).includes("wasm")) throw new Error("the wasm backend did not load");
jax.defaultDevice("wasm");
const peer = { version: common.packageVersion("@jax-js/jax"), threads: 1 };

// A `jit` inside another one keeps what it computes from being computed again for every element of
// a matrix product that uses it.
const [tanh, softplus] = common.tuned ? [jit(np.tanh), jit(nn.softplus)] : [np.tanh, nn.softplus];

/** Mean over the batch of the negative ELBO of binary images `x`, for standard normal `noise`. */
function loss([W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2], x, noise) {
  const h = tanh(np.matmul(x.ref, W1).add(b1));
  const mu = np.matmul(h.ref, Wm).add(bm);
  const lv = np.matmul(h, Wv).add(bv);
  const variance = np.exp(lv.ref);
  const kl = np.sum(lv.ref.add(1).sub(np.square(mu.ref)).sub(variance)).mul(-0.5);
  const z = mu.add(np.exp(lv.mul(0.5)).mul(noise));
  const g = tanh(np.matmul(z, U1).add(c1));
  const logits = np.matmul(g, U2).add(c2);
  return np
    .sum(softplus(logits.ref).sub(x.mul(logits)))
    .add(kl)
    .div(batch);
}

/** The next key, binary images of the given rows, and standard normal noise. */
function draw(key, pixels, rows) {
  const [nextKey, uniformKey, normalKey] = random.split(key, 3);
  const uniform = random.uniform(uniformKey, [batch, PIXELS], { maxval: 255 });
  const x = np.less(uniform, np.take(pixels, rows, 0)).astype(np.float32);
  return [nextKey, x, random.normal(normalKey, [batch, latents])];
}

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

/** Parameters, both moments and the count of steps after a step of Adam. */
function adam([parameters, first, second, count], gradients) {
  const t = count.add(1);
  const scale1 = np.power(BETA1, t.ref).mul(-1).add(1);
  const scale2 = np.power(BETA2, t.ref).mul(-1).add(1);
  const next = [[], [], [], t];
  for (const [i, gradient] of gradients.entries()) {
    const m = first[i].mul(BETA1).add(gradient.ref.mul(1 - BETA1));
    const v = second[i].mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
    const direction = m.ref.div(scale1.ref).div(np.sqrt(v.ref.div(scale2.ref)).add(EPSILON));
    next[0].push(parameters[i].sub(direction.mul(common.LEARNING_RATE)));
    next[1].push(m);
    next[2].push(v);
  }
  scale1.dispose();
  scale2.dispose();
  return next;
}

// As the library's own training loops: the loss under `jit`, everything else array by array, waiting
// once a step. Tuned: three programs, and waiting after each.
const program = common.tuned
  ? { draw: jit(draw), lossAndGradients: jit(valueAndGrad(loss)), adam: jit(adam) }
  : { draw, lossAndGradients: valueAndGrad(jit(loss)), adam };
const between = common.tuned ? jax.blockUntilReady : (arrays) => arrays;

const tensors = (arrays) =>
  arrays.map((values, p) => np.array(values, { shape: common.shapes[p] }));
const zeros = () => common.shapes.map((shape) => np.zeros(shape));

function vae() {
  const { parameters, images, noise } = common.checkInputs;
  const [value, gradients] = program.lossAndGradients(
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
  let key = random.key(0);
  let state = [tensors(common.initialParameters()), zeros(), zeros(), np.array(0)];
  const step = async () => {
    const drawn = await between(program.draw(key, pixels.ref, np.array(nextRows())));
    key = drawn[0];
    const [value, gradients] = await between(
      program.lossAndGradients(tree.ref(state[0]), drawn[1], drawn[2]),
    );
    value.dispose();
    state = program.adam(state, gradients);
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
