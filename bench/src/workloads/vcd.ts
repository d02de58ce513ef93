/** One training step of the variational contrastive divergence, by RMSProp. */
import {
  compileAlgorithm,
  minibatchRows,
  type Training,
  training,
} from "../../../src/inference/internal.ts";
import { type ParamStore, paramStore, type Sites } from "../../../src/model/index.ts";
import type { Optimiser } from "../../../src/optim/index.ts";
import {
  axis,
  cast,
  constant,
  exp,
  fold,
  gather,
  input,
  make,
  mean,
  select,
  sqrt,
  square,
  standardNormal,
  type Tensor,
  uniform,
} from "../../../src/tensor/internal.ts";
import type { Check, Sizes } from "../protocol.ts";
import { fixedImages, fixedNoise, floats, layers, randomImages } from "./fixed.ts";
import { inputGradientFlop, trainingFlop } from "./flop.ts";
import { trainingCheck } from "./trainingCheck.ts";
import { axesOf, ITERATIONS, LEAPFROGS, type Noise, objective, PIXELS } from "./vcdObjective.ts";
import type { Family } from "./workload.ts";

const ROWS = 10_000;
const STEP_SIZE = 0.05;

/** RMSProp (Tieleman and Hinton 2012) with the settings of PyTorch. */
const rmsprop: Optimiser = {
  name: "rmsprop",
  settings: { rate: 5e-4, decay: 0.99, epsilon: 1e-8 },
  slots: ["squares"],
  init: (param) => ({ squares: constant(0, param.dtype) }),
  update(param, gradient, slots) {
    const squares = slots.squares.mul(0.99).add(square(gradient).mul(0.01));
    const move = gradient.mul(5e-4).div(sqrt(squares).add(1e-8));
    return { param: param.sub(move), slots: { squares } };
  },
};

function program(sizes: Sizes) {
  const axes = axesOf(sizes);
  const { image, pixel, code } = axes;
  const row = axis("row", ROWS);
  const images = input("images", [row, pixel], "uint8");
  const stepSize = input("stepSize");
  const [means, seen] = [input("means", [row]), input("seen", [row])];
  const store = paramStore();
  const extra: (readonly [Tensor, Tensor])[] = [];
  const step: Training = training({
    objective: (count, stepKey, runKey) => {
      const rows = minibatchRows(row, image, count, runKey);
      const draw = (name: string) => standardNormal(fold(stepKey, name), [image, code]);
      const noise: Noise = {
        code: draw("code"),
        momentum: (i) => draw(`momentum ${i}`),
        uniform: (i) => uniform(fold(stepKey, `accept ${i}`), [image]),
      };
      const [known, old] = [gather(seen, row, rows).gt(0), gather(means, row, rows)];
      const x = cast(gather(images, row, rows), "float32");
      const control = (f: Tensor) => select(known, old, mean(f));
      const result = objective(paramOf(store), axes, { x, stepSize, noise, control });
      const { loss, f, accepted } = result;
      const put = (values: Tensor) =>
        make({ op: "scatterAdd", axis: row, over: [image] }, [values, rows]);
      const change = select(known, f.sub(old).mul(0.1), f);
      extra.push(
        [means, means.add(put(change))],
        [seen, seen.add(put(cast(known.eq(0), "float32")))],
        [stepSize, stepSize.mul(exp(accepted.sub(0.9).mul(0.02)))],
      );
      return { bound: loss.neg(), sites: {} };
    },
    parameters: store,
    optimiser: rmsprop,
    seed: 0,
  });
  const ready = compileAlgorithm({ ...step, updates: [...step.updates, ...extra] });
  ready.write("images", randomImages(ROWS, PIXELS));
  ready.write("stepSize", STEP_SIZE);
  for (const name of ["means", "seen"]) ready.write(name, new Float32Array(ROWS));
  return ready;
}

const paramOf =
  (store: ParamStore): Sites["param"] =>
  (name, of, options) =>
    store.declare(name, of, options).value;

const PARAMETERS = layers(
  ...["mean", "logSd", "decoder"].flatMap((name) => ["1", "2", "3"].map((i) => `${name}.${i}`)),
);

/** Proposals of three images out of four are accepted, of the others rejected, whatever they gain. */
const certain = (batch: number, iteration: number) =>
  floats(batch, (b) => ((b + iteration) % 4 === 0 ? 1e9 : 1e-9));

function check(sizes: Sizes): Check {
  const { batch, latents } = sizes;
  const axes = axesOf(sizes);
  const { image, pixel, code } = axes;
  const draw = (name: string) => input(name, [image, code]);
  const noise: Noise = {
    code: draw("code"),
    momentum: (i) => draw(`momentum ${i}`),
    uniform: (i) => input(`uniform ${i}`, [image]),
  };
  const x = input("x", [image, pixel]);
  const store = paramStore();
  const step = training({
    objective: () => {
      const given = { x, stepSize: constant(STEP_SIZE), noise, control: mean };
      return { bound: objective(paramOf(store), axes, given).loss.neg(), sites: {} };
    },
    parameters: store,
    optimiser: rmsprop,
    seed: 0,
  });
  const draws = fixedNoise(1 + ITERATIONS, batch, latents);
  const part = (i: number) => draws.subarray(i * batch * latents, (i + 1) * batch * latents);
  const inputs = { x: fixedImages(batch, PIXELS), code: part(0) };
  const iterations = Array.from({ length: ITERATIONS }, (_, i) => ({
    [`momentum ${i}`]: part(1 + i),
    [`uniform ${i}`]: certain(batch, i),
  }));
  return trainingCheck(step, PARAMETERS, 1, Object.assign(inputs, ...iterations));
}

export const vcd: Family = {
  name: "vcd",
  members: [{ name: "vcd", sizes: { batch: 100, hidden: 200, latents: 10 } }],
  flop: ({ batch, hidden, latents }) => {
    const decoder = [latents, hidden, hidden, PIXELS];
    // The encoders; HMC; the decoder at z_0, by its input; and at z_t, by its weights.
    return (
      2 * trainingFlop(batch, [PIXELS, hidden, hidden, latents], false) +
      (2 + ITERATIONS * LEAPFROGS) * inputGradientFlop(batch, decoder) +
      trainingFlop(batch, decoder, false)
    );
  },
  check,
  program,
};
