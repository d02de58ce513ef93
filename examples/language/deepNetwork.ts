/** A deeper network: a convolution along a signal, means of its parts, which draw it again, four activations, and dropout while it is trained. */
import {
  averagePool,
  axis,
  bernoulli,
  convolution,
  dense,
  dropout,
  elu,
  halfNormal,
  type Key,
  leakyRelu,
  model,
  normal,
  silu,
  sum,
  tensor,
  transposedConvolution,
} from "surmise";

const [signal, time, channel] = [axis("signal", 3), axis("time", 8), axis("channel", 1)];
const [window, place, pattern, part] = [3, 8, 4, 4].map((n, i) => axis(`layer ${i}`, n));
const stroke = axis("stroke", 2);
const [wide, narrow, out] = [axis("wide", 8), axis("narrow", 3), axis("out", 1)];
const readings = tensor(
  Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * i)),
  [signal, time, channel],
);
const ill = tensor([0, 1, 1], [signal]);

/** Trained with the key of each step, which `fit` does not give: the data of a training of one's own. */
export default model(({ param, sample, observe, plate }, step?: { readonly key: Key }) => {
  const noise = sample("noise", halfNormal(1));
  const patterns = convolution(param, "patterns", {
    ...{ from: channel, to: pattern },
    along: [{ axis: time, window, to: place, padding: 1 }],
  });
  const means = averagePool(leakyRelu(patterns(readings), 0.1), [
    { axis: place, to: part, size: 2 },
  ]);
  const first = elu(dense(param, "wide", [part, pattern], wide)(means));
  const second = silu(dense(param, "narrow", wide, narrow)(dropout(first, 0.2, step?.key)));
  const drawn = transposedConvolution(param, "drawn", {
    ...{ from: pattern, to: channel },
    along: [{ axis: part, window: stroke, to: time, stride: 2 }],
  });
  plate(signal, () => {
    observe("readings", normal(drawn(means), noise).event(time, channel), readings);
  });
  const logits = sum(dense(param, "out", narrow, out)(second), out).add(
    sample("bias", normal(0, 1)),
  );
  plate(signal, () => observe("ill", bernoulli({ logits }), ill));
});
