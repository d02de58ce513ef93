"""stanli: the log density of a differential equation's solution and its gradient: ode_rk45_tol, of the stiff one ode_bdf_tol."""
import math, common
idle = common.peak()
args = common.arguments()
try:
    import numpy as np
    import stanli
except ImportError as error:
    common.missing(f"pip install stanli numpy ({error})")

TOLERANCE = 1e-6
LOTKA_VOLTERRA = """
functions { vector rates(real t, vector y, real birth, real eaten, real death, real fed) {
  return [y[1] * (birth - eaten * y[2]), y[2] * (fed * y[1] - death)]'; } }
data { int n; array[n] real times; array[n] vector[2] seen; real tol; }
parameters { real<lower=0> birth; real<lower=0> eaten; real<lower=0> death; real<lower=0> fed; real<lower=0> prey;
  real<lower=0> predator; real<lower=0> noise; }
model {
  array[n] vector[2] z = ode_rk45_tol(rates, [prey, predator]', 0.0, times, tol, tol, 1000000, birth, eaten, death, fed);
  for (i in 1:n) target += lognormal_lpdf(seen[i] | log(z[i]), noise);
}
"""
MICHAELIS_MENTEN = """
functions { vector rates(real t, vector y, real ka, real vmax, real km) {
  return [-ka * y[1], ka * y[1] - vmax * y[2] / (km + y[2])]'; } }
data { int n; array[n] real times; array[n] real seen; real tol; }
parameters { real<lower=0> ka; real<lower=0> vmax; real<lower=0> km; real<lower=0> dose; real<lower=0> noise; }
model {
  array[n] vector[2] z = ode_bdf_tol(rates, [dose, 0.0]', 0.0, times, tol, tol, 1000000, ka, vmax, km);
  for (i in 1:n) target += lognormal_lpdf(seen[i] | log(z[i, 2]), noise);
}
"""
n = args.sizes.times
if args.sizes.stiff:
    code, times = MICHAELIS_MENTEN, [0.4 * (i + 1) for i in range(n)]
    seen = [5 * math.exp(-0.04 * (i + 1)) + 1e-3 for i in range(n)]
    start = np.log([2.5, 1.2, 0.4, 10, 0.3])
else:
    code, times = LOTKA_VOLTERRA, [i + 1.0 for i in range(n)]
    seen = [[30 + 10 * math.sin(0.7 * i), 12 + 8 * math.sin(0.7 * i + 1)] for i in range(n)]
    start = np.log([0.55, 0.028, 0.84, 0.026, 33.956, 5.933, 0.25])
model = stanli.Model(stan_code=code, data={"n": n, "times": times, "seen": seen, "tol": TOLERANCE})

value, gradient = model.log_prob_grad(start)
check = {"loss": -float(value), "gradientNorm": float(np.linalg.norm(gradient))}

CALLS, position = 20, start.copy()

def step():
    for i in range(CALLS):
        position[0] = start[0] + 1e-3 * math.sin(i)
        model.log_prob_grad(position)

common.serve(stanli.__version__, 1, idle, check, step, CALLS)
