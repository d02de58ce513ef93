/** A step of gradient descent on a network of three convolutions. */
import { draw, paramStore, trace } from "../../../src/model/index.ts";
import { convolution, relu } from "../../../src/nn/index.ts";
import { compile, type Program } from "../../../src/runtime/index.ts";
import {
  type Axis,
  axis,
  grad,
  input,
  key,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import { fixedImages, layers, randomImages, writeParameters } from "./fixed.ts";
import type { Family } from "./workload.ts";

const SIDE = 28;
const NAMES = ["first", "second", "third"] as const;
const RATE = 1e-3;

interface Layer {
  readonly row: Axis;
  readonly column: Axis;
  readonly channel: Axis;
  readonly values: Tensor;
}

/** The mean over images and their elements of (y - 1)^2, and its derivatives. */
function parts({ batch, channels, window }: Sizes) {
  const image = axis("image", batch);
  const start = layerOf("pixel", 1);
  const pixels = input("pixels", [image, start.row, start.column, start.channel]);
  const { result, params } = trace(
    ({ param }) =>
      NAMES.reduce<Layer>(
        (x, name) => {
          const y = layerOf(name, channels);
          const along = (["row", "column"] as const).map((side) => ({
            axis: x[side],
            window: axis(`${name} window ${side}`, window),
            to: y[side],
            padding: (window - 1) / 2,
          }));
          const made = convolution(param, name, { from: x.channel, to: y.channel, along });
          return { ...y, values: relu(made(x.values)) };
        },
        { ...start, values: pixels },
      ),
    undefined,
    draw(key(0)),
    paramStore(),
  );
  const loss = sum(square(result.values.sub(1))).div(batch * SIDE ** 2 * channels);
  const values = params.map(({ value }) => value);
  return { pixels, loss, values, gradients: grad(loss, values) };
}

function layerOf(name: string, channels: number): Omit<Layer, "values"> {
  return {
    row: axis(`${name} row`, SIDE),
    column: axis(`${name} column`, SIDE),
    channel: axis(`${name} channel`, channels),
  };
}

export const convolutions: Family = {
  name: "convolution",
  members: [3, 5].map((window) => ({
    name: `convolution ${window}x${window}`,
    sizes: { batch: 32, channels: 32, window },
  })),
  flop({ batch, channels, window }) {
    const pairs = 2 * channels + 6 * channels ** 2;
    return 2 * batch * SIDE ** 2 * window ** 2 * pairs;
  },
  check(sizes) {
    const { loss, gradients } = parts(sizes);
    const gradientNorm = sqrt(gradients.map((g) => sum(square(g))).reduce((a, b) => a.add(b)));
    const program = compile({ outputs: { loss, gradientNorm } });
    writeParameters(program, layers(...NAMES));
    program.write("pixels", fixedImages(sizes.batch, SIDE ** 2));
    const found = program.run();
    return { loss: found.loss.data[0], gradientNorm: found.gradientNorm.data[0] };
  },
  program(sizes): Program {
    const { pixels, values, gradients } = parts(sizes);
    const updates = values.map((x, i) => [x, x.sub(gradients[i].mul(RATE))] as const);
    const program = compile({ outputs: {}, updates, varying: [pixels] });
    writeParameters(program, layers(...NAMES));
    program.write("pixels", randomImages(sizes.batch, SIDE ** 2));
    return program;
  },
};
