// Plain JavaScript, written out by hand in scalars: steps of HMC, 5 leapfrog steps each, on a one-dimensional
// normal distribution, one chain; and the log density of the eight schools with its gradient.
import * as common from "./common.mjs";

const [MEAN, SD, STEP_SIZE, LEAPFROGS, STEPS] = [0.5, 2, 0.3, 5, 10000];

let spare = Number.NaN;

/** A standard normal draw; Box and Muller (1958) make two at a time. */
function normal() {
  if (!Number.isNaN(spare)) {
    const value = spare;
    spare = Number.NaN;
    return value;
  }
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  const angle = 2 * Math.PI * Math.random();
  spare = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}

function transition(z, momentum, u) {
  let d = (z - MEAN) / SD;
  let slope = -d / SD;
  let value = -0.5 * d * d;
  const start = value - 0.5 * momentum * momentum;
  let position = z;
  let p = momentum + 0.5 * STEP_SIZE * slope;
  for (let i = 0; i < LEAPFROGS; i++) {
    position += STEP_SIZE * p;
    d = (position - MEAN) / SD;
    value = -0.5 * d * d;
    slope = -d / SD;
    p += (i < LEAPFROGS - 1 ? STEP_SIZE : 0.5 * STEP_SIZE) * slope;
  }
  return Math.log(u) < value - 0.5 * p * p - start ? position : z;
}

function check() {
  let [z, total, moved] = [0, 0, 0];
  for (let i = 0; i < 50; i++) {
    const next = transition(z, 2 * Math.sin(1.3 * i + 0.5), i % 4 === 0 ? 1e9 : 1e-9);
    if (next !== z) moved++;
    z = next;
    total += z;
  }
  return { position: z, mean: total / 50, moved };
}

let z = 0;
const chain = () => {
  for (let i = 0; i < STEPS; i++) z = transition(z, normal(), Math.random());
};

const EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12];
const ERRORS = [15, 10, 16, 11, 9, 11, 10, 18];
const at = Float64Array.from(EFFECTS, (_, i) => Math.sin(0.37 * i));
const slopes = new Float64Array(EFFECTS.length + 2);

/** The log density of the eight schools at mu, log tau and `at`; sets `slopes`, those of `at` first. */
function schools(mu, logTau) {
  const tau = Math.exp(logTau);
  let squares = (mu / 5) ** 2 + (tau / 5) ** 2;
  let [byMu, byLogTau] = [-mu / 25, 1 - (tau * tau) / 25];
  for (let i = 0; i < EFFECTS.length; i++) {
    const misfit = (EFFECTS[i] - mu - tau * at[i]) / ERRORS[i];
    const slope = misfit / ERRORS[i];
    squares += misfit * misfit + at[i] * at[i];
    byMu += slope;
    byLogTau += slope * tau * at[i];
    slopes[i] = slope * tau - at[i];
  }
  slopes[EFFECTS.length] = byMu;
  slopes[EFFECTS.length + 1] = byLogTau;
  return logTau - 0.5 * squares;
}

const checkSchools = () => ({ loss: -schools(3, 0.5), gradientNorm: Math.hypot(...slopes) });

const calls = () => {
  for (let i = 0; i < STEPS; i++) at[0] = 1e-3 * slopes[0] + 1e-9 * schools(3, 0.5);
};

const isCall = common.workload === "call";
await common.serve({
  version: process.versions.node,
  threads: 1,
  idle: common.idle(),
  check: isCall ? checkSchools() : check(),
  step: isCall ? calls : chain,
  steps: STEPS,
});
