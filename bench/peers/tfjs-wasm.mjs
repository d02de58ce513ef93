// TensorFlow.js on its WebAssembly backend.
import * as common from "./common.mjs";

const { PIXELS } = common;
const { batch, hidden, latents } = common.sizes;
const [{ default: tf }, { default: wasm }] = await common.load(
  "@tensorflow/tfjs",
  "@tensorflow/tfjs-backend-wasm",
);
wasm.setThreadsCount(common.threads);
await tf.setBackend("wasm");
if (tf.getBackend() !== "wasm") throw new Error("the wasm backend did not load");
const multithreaded = await tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT");
const peer = {
  version: common.packageVersion("@tensorflow/tfjs-backend-wasm"),
  threads: multithreaded ? wasm.getThreadsCount() : 1,
  idle: common.idle(),
};

/**
 * The product of two matrices, its gradient made of products without transposed operands. Those,
 * which the library's own gradient asks for, are several times slower on this backend.
 */
const tunedProduct = tf.customGrad((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [a, b]) => [tf.matMul(dy, tf.transpose(b)), tf.matMul(tf.transpose(a), dy)],
  };
});

/** The same where `x` is data, which needs no gradient. */
const tunedProductOfData = (x, w) =>
  tf.customGrad((w) => ({
    value: tf.matMul(x, w),
    gradFunc: (dy) => tf.matMul(tf.transpose(x), dy),
  }))(w);

const [product, productOfData] = common.tuned
  ? [tunedProduct, tunedProductOfData]
  : [tf.matMul, tf.matMul];
const dense = (x, W, b) => tf.add(product(x, W), b);
const denseOfData = (x, W, b) => tf.add(productOfData(x, W), b);

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
  optimiser: () => tf.train.adagrad(0.01, 0),
  /** Mean over the batch of the negative ELBO of binary images `x`. */
  loss([W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2], x, noise) {
    const h = tf.tanh(denseOfData(x, W1, b1));
    const [mu, lv] = [dense(h, Wm, bm), dense(h, Wv, bv)];
    const z = tf.add(mu, tf.mul(tf.exp(tf.mul(lv, 0.5)), noise));
    const logits = dense(tf.tanh(dense(z, U1, c1)), U2, c2);
    const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)));
    const terms = tf.sub(tf.sub(tf.add(lv, 1), tf.square(mu)), tf.exp(lv));
    return tf.div(tf.add(reconstruction, tf.mul(tf.sum(terms), -0.5)), batch);
  },
};

const { k } = common.sizes;
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
  optimiser: () => tf.train.adam(0.001, 0.9, 0.999, 1e-4),
  /** Minus the importance-weighted bound; the constants of p(z) and q(z) cancel. */
  loss([W1, b1, W2, b2, Wm, bm, Ws, bs, U1, c1, U2, c2, U3, c3], x, noise) {
    const h = tf.tanh(dense(tf.tanh(denseOfData(x, W1, b1)), W2, b2));
    const [mean, logSd] = [dense(h, Wm, bm), dense(h, Ws, bs)];
    const z = tf.add(mean, tf.mul(tf.exp(logSd), noise));
    const g = tf.tanh(dense(tf.reshape(z, [k * batch, latents]), U1, c1));
    const logits = tf.reshape(dense(tf.tanh(dense(g, U2, c2)), U3, c3), [k, batch, PIXELS]);
    const likelihood = tf.sum(tf.sub(tf.mul(x, logits), tf.softplus(logits)), 2);
    const squares = tf.mul(tf.sub(tf.square(noise), tf.square(z)), 0.5);
    const weights = tf.add(likelihood, tf.sum(tf.add(squares, logSd), 2));
    return tf.neg(tf.mean(tf.sub(tf.logSumExp(weights, 0), Math.log(k))));
  },
};

const tensors = (arrays, shapes) => arrays.map((values, p) => tf.tensor(values, shapes[p]));

function training({ shapes, noise, optimiser, loss }) {
  const check = tf.tidy(() => {
    const x = tf.tensor(common.fixedImages(batch), [batch, PIXELS]);
    const fixed = tf.tensor(common.fixedNoise(k ?? 1, batch, latents), noise);
    const { value, grads } = tf.valueAndGrads((...parameters) => loss(parameters, x, fixed))(
      tensors(common.fixedParameters(shapes), shapes),
    );
    const squares = grads.map((gradient) => tf.sum(tf.square(gradient)));
    return { loss: value.dataSync()[0], gradientNorm: Math.sqrt(tf.addN(squares).dataSync()[0]) };
  });
  const variables = tensors(common.initialParameters(shapes), shapes).map((t) => tf.variable(t));
  const images = tf.tensor(common.randomImages(), [common.ROWS, PIXELS]);
  const nextRows = common.minibatches(batch);
  const rule = optimiser();
  const step = () =>
    tf.tidy(() => {
      const x = tf.gather(images, tf.tensor1d(nextRows(), "int32"));
      rule.minimize(() => loss(variables, x, tf.randomNormal(noise)), false, variables);
    });
  return { check, step, finish: () => variables[0].dataSync() };
}

function gemm() {
  const { m, k, n } = common.sizes;
  const a = tf.tensor(common.operand(m * k, 0), [m, k]);
  const b = tf.tensor(common.operand(k * n, 1), [k, n]);
  const c = tf.tidy(() => tf.matMul(a, b).dataSync());
  const check = { sum: common.sum(c), norm: common.norm(c) };
  return { check, step: () => tf.dispose(tf.matMul(a, b)) };
}

function elementwise() {
  const l = tf.variable(tf.tensor(common.logits()));
  const x = tf.tensor(common.bits());
  const losses = () => tf.sub(tf.softplus(l), tf.mul(x, l));
  const slope = () => tf.sub(x, tf.sigmoid(l));
  const check = tf.tidy(() => ({
    loss: common.sum(losses().dataSync()),
    gradientNorm: common.norm(slope().dataSync()),
  }));
  const step = () =>
    tf.tidy(() => {
      tf.sum(losses());
      l.assign(tf.add(l, tf.mul(slope(), 0.001)));
    });
  return { check, step, finish: () => l.dataSync() };
}

const WORKLOADS = {
  vae: () => training(vae),
  "iwae-1": () => training(iwae),
  gemm,
  elementwise,
};
await common.serve({ ...peer, ...WORKLOADS[common.workload]() });
