// jax-js on its WebAssembly backend.
import * as common from "./common.mjs";

const { PIXELS, tuned } = common;
const { batch, hidden, latents, k } = common.sizes;
const [jax] = await common.load("@jax-js/jax");
const { jit, nn, numpy: np, random, tree, valueAndGrad } = jax;
if (!(await jax.init("wasm")).includes("wasm")) throw new Error("the wasm backend did not load");
jax.defaultDevice("wasm");
const peer = { version: common.packageVersion("@jax-js/jax"), threads: 1, idle: common.idle() };

const dense = (x, W, b) => np.matmul(x, W).add(b);

/** Adagrad; the state of a parameter is one array. */
const adagrad = {
  slots: 1,
  scales: () => [],
  update(parameter, gradient, [squares]) {
    const s = squares.add(np.square(gradient.ref));
    const move = gradient.mul(0.01).div(np.sqrt(s.ref).add(1e-10));
    return [parameter.sub(move), [s]];
  },
};

/**
 * Adam. What it multiplies its moments by at 1-based step `t` comes as arrays, because the library
 * compiles new kernels for new numbers.
 */
const adam = {
  slots: 2,
  scales: (t) => [0.9, 0.999].map((beta) => np.array(1 / (1 - beta ** t))),
  update(parameter, gradient, [first, second], [scale1, scale2]) {
    const m = first.mul(0.9).add(gradient.ref.mul(0.1));
    const v = second.mul(0.999).add(np.square(gradient).mul(0.001));
    const spread = np.sqrt(v.ref.mul(scale2.ref)).add(1e-4);
    const move = m.ref.mul(scale1.ref).div(spread).mul(0.001);
    return [parameter.sub(move), [m, v]];
  },
};

const vae = {
  shapes: common.layerShapes(
    ...[
      [PIXELS, hidden],
      [hidden, latents],
      [hidden, latents],
    ],
    ...[
      [latents, hidden],
      [hidden, PIXELS],
    ],
  ),
  noise: [batch, latents],
  optimiser: adagrad,
  /** Mean over the batch of the negative ELBO of binary images `x`. */
  loss([W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2], x, noise) {
    const h = np.tanh(dense(x.ref, W1, b1));
    const mu = dense(h.ref, Wm, bm);
    const lv = dense(h, Wv, bv);
    const variance = np.exp(lv.ref);
    const kl = np.sum(lv.ref.add(1).sub(np.square(mu.ref)).sub(variance)).mul(-0.5);
    const z = mu.add(np.exp(lv.mul(0.5)).mul(noise));
    const logits = dense(np.tanh(dense(z, U1, c1)), U2, c2);
    return np
      .sum(nn.softplus(logits.ref).sub(x.mul(logits)))
      .add(kl)
      .div(batch);
  },
};

const iwae = {
  shapes: common.layerShapes(
    ...[
      [PIXELS, hidden],
      [hidden, hidden],
      [hidden, latents],
      [hidden, latents],
    ],
    ...[
      [latents, hidden],
      [hidden, hidden],
      [hidden, PIXELS],
    ],
  ),
  noise: [k, batch, latents],
  optimiser: adam,
  /** Minus the importance-weighted bound; the constants of p(z) and q(z) cancel. */
  loss([W1, b1, W2, b2, Wm, bm, Ws, bs, U1, c1, U2, c2, U3, c3], x, noise) {
    const h = np.tanh(dense(np.tanh(dense(x.ref, W1, b1)), W2, b2));
    const mean = dense(h.ref, Wm, bm);
    const logSd = dense(h, Ws, bs);
    const z = mean.add(np.exp(logSd.ref).mul(noise.ref));
    const g = np.tanh(dense(np.tanh(dense(z.ref.reshape([k * batch, latents]), U1, c1)), U2, c2));
    const logits = dense(g, U3, c3).reshape([k, batch, PIXELS]);
    const likelihood = np.sum(x.mul(logits.ref).sub(nn.softplus(logits)), 2);
    const prior = np.square(noise).sub(np.square(z)).mul(0.5).add(logSd);
    const weights = likelihood.add(np.sum(prior, 2));
    return np.mean(nn.logsumexp(weights, 0).sub(Math.log(k))).neg();
  },
};

const tensors = (arrays, shapes) =>
  arrays.map((values, p) => np.array(values, { shape: shapes[p] }));

// As the library's own training loops: the loss under `jit`, everything else array by array. Tuned:
// the whole step under one `jit`.
function training({ shapes, noise, optimiser, loss }) {
  const lossAndGradients = valueAndGrad(tuned ? loss : jit(loss));
  const [value, gradients] = (tuned ? jit(lossAndGradients) : lossAndGradients)(
    tensors(common.fixedParameters(shapes), shapes),
    np.array(common.fixedImages(batch), { shape: [batch, PIXELS] }),
    np.array(common.fixedNoise(k ?? 1, batch, latents), { shape: noise }),
  );
  const check = {
    loss: value.item(),
    gradientNorm: Math.sqrt(
      gradients.reduce((sum, gradient) => sum + np.sum(np.square(gradient)).item(), 0),
    ),
  };
  const update = ([parameters, slots, key], images, rows, scales) => {
    const [nextKey, normalKey] = random.split(key, 2);
    const x = np.take(images, rows, 0);
    const draws = random.normal(normalKey, noise);
    const [value, gradients] = lossAndGradients(tree.ref(parameters), x, draws);
    value.dispose();
    const next = gradients.map((gradient, i) =>
      optimiser.update(parameters[i], gradient, slots[i], scales),
    );
    tree.dispose(scales);
    return [next.map(([parameter]) => parameter), next.map(([, own]) => own), nextKey];
  };
  const images = np.array(common.randomImages(), { shape: [common.ROWS, PIXELS] });
  const nextRows = common.minibatches(batch);
  const following = tuned ? jit(update) : update;
  const slots = shapes.map((shape) =>
    Array.from({ length: optimiser.slots }, () => np.zeros(shape)),
  );
  let state = [tensors(common.initialParameters(shapes), shapes), slots, random.key(0)];
  let count = 0;
  const step = async () => {
    count++;
    state = following(state, images.ref, np.array(nextRows()), optimiser.scales(count));
    await jax.blockUntilReady(state);
  };
  return { check, step };
}

async function gemm() {
  const { m, k, n } = common.sizes;
  const a = np.array(common.operand(m * k, 0), { shape: [m, k] });
  const b = np.array(common.operand(k * n, 1), { shape: [k, n] });
  const multiply = jit(np.matmul);
  const c = await multiply(a.ref, b.ref).data();
  const check = { sum: common.sum(c), norm: common.norm(c) };
  const step = async () => {
    const product = await multiply(a.ref, b.ref).blockUntilReady();
    product.dispose();
  };
  return { check, step };
}

async function elementwise() {
  const x = np.array(common.bits());
  const losses = (l, x) => nn.softplus(l.ref).sub(x.mul(l));
  const slope = (l, x) => x.sub(nn.sigmoid(l));
  const ascend = jit((l, x) => [np.sum(losses(l.ref, x.ref)), l.ref.add(slope(l, x).mul(0.001))]);
  let l = np.array(common.logits());
  const check = {
    loss: common.sum(await jit(losses)(l.ref, x.ref).data()),
    gradientNorm: common.norm(await jit(slope)(l.ref, x.ref).data()),
  };
  const step = async () => {
    const [loss, next] = ascend(l, x.ref);
    loss.dispose();
    l = await next.blockUntilReady();
  };
  return { check, step };
}

const WORKLOADS = {
  vae: () => training(vae),
  "iwae-1": () => training(iwae),
  gemm,
  elementwise,
};
await common.serve({ ...peer, ...(await WORKLOADS[common.workload]()) });
