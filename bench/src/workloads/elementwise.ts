/**
 * One step of gradient ascent on as many logits l as there are bits x: the sum of their Bernoulli log
 * densities x l - softplus(l), and l + rate (x - sigmoid(l)) in place of l.
 */
import { compile } from "../../../src/runtime/index.ts";
import { axis, input, sigmoid, softplus, sqrt, square, sum } from "../../../src/tensor/index.ts";
import type { Check, Sizes } from "../protocol.ts";
import { floats } from "./fixed.ts";
import type { Family } from "./workload.ts";

const RATE = 0.001;

function ascent({ n }: Sizes) {
  const element = axis("element", n);
  const [l, x] = [input("l", [element]), input("x", [element])];
  const logProb = sum(x.mul(l).sub(softplus(l)));
  return { l, logProb, slope: x.sub(sigmoid(l)) };
}

/** Logit i is 3 sin(0.37 i); every third bit is 1. */
const inputsOf = ({ n }: Sizes) => ({
  l: floats(n, (i) => 3 * Math.sin(0.37 * i)),
  x: floats(n, (i) => (i % 3 === 0 ? 1 : 0)),
});

function check(sizes: Sizes): Check {
  const { logProb, slope } = ascent(sizes);
  const program = compile({ outputs: { logProb, norm: sqrt(sum(square(slope))) } });
  const found = program.run({ inputs: inputsOf(sizes) });
  return { loss: -found.logProb.data[0], gradientNorm: found.norm.data[0] };
}

function program(sizes: Sizes) {
  const { l, logProb, slope } = ascent(sizes);
  const ready = compile({ outputs: { logProb }, updates: [[l, l.add(slope.mul(RATE))]] });
  for (const [name, values] of Object.entries(inputsOf(sizes))) ready.write(name, values);
  return ready;
}

export const elementwise: Family = {
  name: "elementwise",
  members: [{ name: "elementwise", sizes: { n: 2 ** 22 } }],
  // l and x are read, l is written.
  bytes: ({ n }) => 12 * n,
  check,
  program,
};
