// TensorFlow.js on its WebAssembly backend: one Adam step of the VAE, or one matrix product.
import * as common from "./common.mjs";

const { batch, hidden, latents, PIXELS } = common;
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

/** Mean over the batch of the negative ELBO of binary images `x`, for standard normal `noise`. */
function loss([W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2], x, noise) {
  const h = tf.tanh(tf.add(productOfData(x, W1), b1));
  const mu = tf.add(product(h, Wm), bm);
  const lv = tf.add(product(h, Wv), bv);
  const z = tf.add(mu, tf.mul(tf.exp(tf.mul(lv, 0.5)), noise));
  const g = tf.tanh(tf.add(product(z, U1), c1));
  const logits = tf.add(product(g, U2), c2);
  const reconstruction = tf.sum(tf.sub(tf.softplus(logits), tf.mul(x, logits)));
  const kl = tf.mul(tf.sum(tf.sub(tf.sub(tf.add(lv, 1), tf.square(mu)), tf.exp(lv))), -0.5);
  return tf.div(tf.add(reconstruction, kl), batch);
}

const tensors = (arrays) => arrays.map((values, p) => tf.tensor(values, common.shapes[p]));

function vae() {
  const variables = tensors(common.initialParameters()).map((tensor) => tf.variable(tensor));
  const check = tf.tidy(() => {
    const { parameters, images, noise } = common.checkInputs;
    const x = tf.tensor(images, [batch, PIXELS]);
    const eps = tf.tensor(noise, [batch, latents]);
    const { value, grads } = tf.valueAndGrads((...parameters) => loss(parameters, x, eps))(
      tensors(parameters),
    );
    const squares = grads.map((gradient) => tf.sum(tf.square(gradient)));
    return { loss: value.dataSync()[0], gradientNorm: Math.sqrt(tf.addN(squares).dataSync()[0]) };
  });
  const pixels = tf.tensor(common.randomPixels(), [common.ROWS, PIXELS], "int32");
  const nextRows = common.minibatches();
  const optimizer = tf.train.adam(common.LEARNING_RATE);
  const step = () =>
    tf.tidy(() => {
      const rows = tf.gather(pixels, tf.tensor1d(nextRows(), "int32"));
      const lit = tf.less(tf.randomUniform(rows.shape, 0, 255), tf.cast(rows, "float32"));
      const x = tf.cast(lit, "float32");
      const noise = tf.randomNormal([batch, latents]);
      optimizer.minimize(() => loss(variables, x, noise), false, variables);
    });
  const finish = () => variables[0].dataSync();
  return { check, step, finish };
}

function gemm() {
  const a = tf.tensor(common.randomMatrix(batch, PIXELS), [batch, PIXELS]);
  const b = tf.tensor(common.randomMatrix(PIXELS, hidden), [PIXELS, hidden]);
  return { step: () => tf.dispose(tf.matMul(a, b)) };
}

await common.serve({ ...peer, ...(common.workload === "gemm" ? gemm() : vae()) });
