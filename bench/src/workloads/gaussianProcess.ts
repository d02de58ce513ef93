/** The log density of the values of a Gaussian process and its derivatives by the parameters of its kernel, in float64. */
import { gaussianProcess, squaredExponential } from "../../../src/distributions/index.ts";
import { compile, type Program } from "../../../src/runtime/index.ts";
import { axis, grad, input, type Tensor, tensor } from "../../../src/tensor/index.ts";
import type { Sizes } from "../protocol.ts";
import type { Family } from "./workload.ts";

const START = { scale: 1.2, lengthscale: 0.7, noise: 0.3 };
const NAMES = Object.keys(START) as (keyof typeof START)[];

/** Place i is i / 20, its value is sin(0.37 i). */
function ready({ n }: Sizes): Program {
  const place = axis("place", n);
  const known = (f: (i: number) => number) =>
    tensor(
      Float64Array.from({ length: n }, (_, i) => f(i)),
      [place],
    );
  const [x, y] = [known((i) => i / 20), known((i) => Math.sin(0.37 * i))];
  const inputs = NAMES.map((name) => input(name, [], "float64"));
  const [scale, lengthscale, noise] = inputs;
  const process = gaussianProcess(squaredExponential({ scale, lengthscale }), { noise, jitter: 0 });
  const logDensity = process.at(x, place).logProb(y);
  const slopes = grad(logDensity, inputs);
  const outputs: Record<string, Tensor> = { logDensity };
  NAMES.forEach((name, i) => {
    outputs[`slope of ${name}`] = slopes[i];
  });
  const program = compile({ outputs });
  for (const name of NAMES) program.write(name, Float64Array.of(START[name]));
  return program;
}

export const process: Family = {
  name: "process",
  members: [50, 200, 1000].map((n) => ({ name: `process ${n}`, sizes: { n } })),
  check(sizes) {
    const found = ready(sizes).run();
    const slopes = NAMES.map((name) => found[`slope of ${name}`].data[0]);
    return { loss: -found.logDensity.data[0], gradientNorm: Math.hypot(...slopes) };
  },
  program: ready,
};
