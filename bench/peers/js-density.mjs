// Plain JavaScript, written out by hand: unconstrained log densities with their gradients, of the eight schools
// and of a logistic regression, in doubles.
import * as common from "./common.mjs";

const STEPS = 1000;
const { rows = 0, features = 0 } = common.sizes;
const isSchools = rows === 0;

const EFFECTS = [28, 8, -3, 7, -1, 1, 18, 12];
const ERRORS = [15, 10, 16, 11, 9, 11, 10, 18];
const HALF_LOG_2_PI = 0.5 * Math.log(2 * Math.PI);
const LOG_ERRORS = ERRORS.reduce((total, x) => total + Math.log(x), 0);

const at = Float64Array.from({ length: isSchools ? 10 : features + 1 }, (_, i) =>
  Math.sin(0.37 * i),
);
const gradient = new Float64Array(at.length);

/** At mu, log tau, z: mu ~ normal(0, 5), tau ~ half-normal(5), z ~ normal(0, 1), effects mu + tau z. */
function schools() {
  const [mu, logTau] = at;
  const tau = Math.exp(logTau);
  let squares = (mu / 5) ** 2 + (tau / 5) ** 2;
  let [byMu, byLogTau] = [-mu / 25, 1 - (tau * tau) / 25];
  for (let i = 0; i < EFFECTS.length; i++) {
    const z = at[2 + i];
    const misfit = (EFFECTS[i] - mu - tau * z) / ERRORS[i];
    const slope = misfit / ERRORS[i];
    squares += misfit * misfit + z * z;
    byMu += slope;
    byLogTau += slope * tau * z;
    gradient[2 + i] = slope * tau - z;
  }
  gradient[0] = byMu;
  gradient[1] = byLogTau;
  const constants = -18 * HALF_LOG_2_PI - 2 * Math.log(5) + Math.LN2 - LOG_ERRORS;
  return constants + logTau - 0.5 * squares;
}

const x = Float64Array.from({ length: rows * features }, (_, i) => Math.sin(1.3 * i));
const LOG_SDS = Math.log(10) + features * Math.log(2.5);

/** At intercept ~ normal(0, 10) and slopes ~ normal(0, 2.5); every third outcome is 1. */
function logistic() {
  let value = -at.length * HALF_LOG_2_PI - LOG_SDS;
  for (let j = 0; j < at.length; j++) {
    const variance = j === 0 ? 100 : 6.25;
    gradient[j] = -at[j] / variance;
    value -= (0.5 * at[j] * at[j]) / variance;
  }
  for (let i = 0; i < rows; i++) {
    let logit = at[0];
    for (let j = 0; j < features; j++) logit += at[j + 1] * x[i * features + j];
    const y = i % 3 === 0 ? 1 : 0;
    const e = Math.exp(-Math.abs(logit));
    value += y * logit - Math.max(logit, 0) - Math.log1p(e);
    const residual = y - (logit >= 0 ? 1 : e) / (1 + e);
    gradient[0] += residual;
    for (let j = 0; j < features; j++) gradient[j + 1] += residual * x[i * features + j];
  }
  return value;
}

const density = isSchools ? schools : logistic;
const check = { loss: -density(), gradientNorm: Math.hypot(...gradient) };

let last = 0;
const step = () => {
  for (let i = 0; i < STEPS; i++) {
    at[0] = 1e-3 * gradient[1] + 1e-12 * last;
    last = density();
  }
};

await common.serve({
  version: process.versions.node,
  threads: 1,
  idle: common.idle(),
  check,
  step,
  steps: STEPS,
});
