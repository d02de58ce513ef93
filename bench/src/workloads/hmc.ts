/**
 * Steps of Hamiltonian Monte Carlo on a one-dimensional normal distribution, one chain: each draws a
 * momentum, makes five leapfrog steps, and accepts or rejects.
 */
import { leapfrog } from "../../../src/inference/internal.ts";
import { compile } from "../../../src/runtime/index.ts";
import {
  cast,
  fold,
  input,
  key,
  log,
  select,
  square,
  standardNormal,
  type Tensor,
  uniform,
} from "../../../src/tensor/index.ts";
import type { Check } from "../protocol.ts";
import type { Family } from "./workload.ts";

const [MEAN, SD, STEP_SIZE, LEAPFROGS] = [0.5, 2, 0.3, 5];

const logDensity = (z: Tensor) => square(z.sub(MEAN)).mul(-0.5 / SD ** 2);
const slopeAt = (z: Tensor) => z.sub(MEAN).mul(-1 / SD ** 2);
const slopesAt = (at: readonly Tensor[]) => at.map(slopeAt);
const energy = (z: Tensor, momentum: Tensor) => square(momentum).mul(0.5).sub(logDensity(z));

/** The next position of the chain, and whether it moved. */
function transition(z: Tensor, momentum: Tensor, u: Tensor) {
  const start = { position: [z], momentum: [momentum], slope: [slopeAt(z)] };
  const end = leapfrog(start, STEP_SIZE, LEAPFROGS, slopesAt);
  const [position, there] = [end.position[0], end.momentum[0]];
  const gain = energy(z, momentum).sub(energy(position, there));
  const accepted = log(u).lt(gain);
  return { z: select(accepted, position, z), accepted };
}

function program() {
  const z = input("z");
  const step = input("#step", [], "int32");
  const stepKey = fold(key(0), step);
  const next = transition(z, standardNormal(fold(stepKey, "momentum"), []), uniform(stepKey, []));
  const chain = compile({
    outputs: {},
    updates: [
      [z, next.z],
      [step, step.add(1)],
    ],
  });
  chain.write("z", 0);
  chain.write("#step", 0);
  return chain;
}

/** Steps of the check; every fourth proposal is rejected, whatever it gains, the others accepted. */
const CHECKED = 50;
const given = (i: number) => ({
  momentum: 2 * Math.sin(1.3 * i + 0.5),
  u: i % 4 === 0 ? 1e9 : 1e-9,
});

function check(): Check {
  const [z, momentum, u] = [input("z"), input("momentum"), input("u")];
  const next = transition(z, momentum, u);
  const chain = compile({
    outputs: { moved: cast(next.accepted, "int32") },
    updates: [[z, next.z]],
  });
  chain.write("z", 0);
  let moved = 0;
  let total = 0;
  for (let i = 0; i < CHECKED; i++) {
    moved += chain.run({ inputs: given(i) }).moved.data[0];
    total += chain.read("z").data[0];
  }
  return { position: chain.read("z").data[0], mean: total / CHECKED, moved };
}

export const hmc: Family = {
  name: "hmc-1d",
  members: [{ name: "hmc-1d", sizes: {} }],
  check,
  program,
};
