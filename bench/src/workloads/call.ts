/**
 * Calls of a small program from the host: the log density of the eight schools (Rubin 1981) in unconstrained
 * parameters, not centred, and its gradient, about a hundred operations, at another point in each call.
 */
import { compile, type Program } from "../../../src/runtime/index.ts";
import { axis, exp, grad, input, square, sum, tensor } from "../../../src/tensor/index.ts";
import type { Check } from "../protocol.ts";
import { floats } from "./fixed.ts";
import type { Family } from "./workload.ts";

export const EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12];
export const ERRORS = [15, 10, 16, 11, 9, 11, 10, 18];

/** mu, tau ~ half-normal of scale 5 (through log tau), effects mu + tau z; without constants. */
function program(): Program {
  const school = axis("school", EFFECTS.length);
  const [mu, logTau, z] = [input("mu"), input("logTau"), input("z", [school])];
  const tau = exp(logTau);
  const [effects, errors] = [tensor(EFFECTS, [school]), tensor(ERRORS, [school])];
  const misfit = effects.sub(mu.add(tau.mul(z))).div(errors);
  const squares = sum(square(misfit).add(square(z)))
    .add(square(mu.div(5)))
    .add(square(tau.div(5)));
  const logDensity = logTau.sub(squares.mul(0.5));
  const [byMu, byLogTau, byZ] = grad(logDensity, [mu, logTau, z]);
  const ready = compile({ outputs: { logDensity, byMu, byLogTau, byZ } });
  ready.write("mu", 3);
  ready.write("logTau", 0.5);
  ready.write(
    "z",
    floats(EFFECTS.length, (i) => Math.sin(0.37 * i)),
  );
  return ready;
}

function check(): Check {
  const { logDensity, byMu, byLogTau, byZ } = program().run();
  const slopes = [byMu, byLogTau, byZ].flatMap(({ data }) => [...data]);
  return { loss: -logDensity.data[0], gradientNorm: Math.hypot(...slopes) };
}

/** As a sampler on the host does: a position is written, gradient and density are read. */
function run(ready: Program, calls: number): void {
  const z = floats(EFFECTS.length, (i) => Math.sin(0.37 * i));
  const [density, slopes] = [ready.view("logDensity"), ready.view("byZ")];
  for (let i = 0; i < calls; i++) {
    z[0] = 1e-3 * slopes[0] + 1e-9 * density[0];
    ready.write("z", z);
    ready.step();
  }
}

export const call: Family = {
  name: "call",
  members: [{ name: "call", sizes: {} }],
  check,
  program,
  run,
};
