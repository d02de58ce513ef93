/** The fixed parameters, images and noise of the checks: bench/README.md has the formulas. */
import type { Distribution } from "../../../src/distributions/index.ts";
import type { Program } from "../../../src/runtime/index.ts";
import { input, sizeOf, unionAxes } from "../../../src/tensor/internal.ts";

export const floats = (length: number, entry: (i: number) => number) =>
  Float32Array.from({ length }, (_, i) => entry(i));

/** The layers `names` of a network as names of parameters. */
export const layers = (...names: readonly string[]): string[] =>
  names.flatMap((layer) => [`${layer}.weight`, `${layer}.bias`]);

/** Entry i of parameter p is 0.1 sin(0.37 i + p). */
export function writeParameters(program: Program, names: readonly string[]): void {
  const { inputs } = program;
  names.forEach((name, p) => {
    const length = sizeOf(inputs.get(name)!.axes);
    program.write(
      name,
      floats(length, (i) => 0.1 * Math.sin(0.37 * i + p)),
    );
  });
}

/** [batch, pixels] images of black and white, of which a fifth is white. */
export const fixedImages = (batch: number, pixels: number) =>
  floats(batch * pixels, (i) => {
    const j = i % pixels;
    const b = (i - j) / pixels;
    return (7 * b + 3 * j + ((b * j) % 11)) % 5 === 0 ? 1 : 0;
  });

/** [particles, batch, elements] noise: sin(1.3 b + 0.7 l + 1.9 k). */
export const fixedNoise = (particles: number, batch: number, elements: number) =>
  floats(particles * batch * elements, (i) => {
    const l = i % elements;
    const b = Math.floor(i / elements) % batch;
    const k = Math.floor(i / (elements * batch));
    return Math.sin(1.3 * b + 0.7 * l + 1.9 * k);
  });

/** The normal distribution `q`, drawn with the noise of the input called `noise`. */
export function withNoise(q: Distribution, noise: string): Distribution {
  const { mean, sd } = q.parameters;
  return {
    ...q,
    sample: (_, over) => mean.add(sd.mul(input(noise, unionAxes(over, q.axes, q.eventAxes)))),
  };
}

/** [rows, pixels] images of black and white to train on, about one in eight white. */
export const randomImages = (rows: number, pixels: number) =>
  Uint8Array.from({ length: rows * pixels }, () => (Math.random() < 0.13 ? 1 : 0));
