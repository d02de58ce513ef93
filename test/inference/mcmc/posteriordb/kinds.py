"""
The models of kinds/ in Stan, as stanli runs it. Given, by name, {"data": .., "sites": [..]} of each on standard input,
prints mean, standard deviation and their Monte Carlo standard errors of all elements: kinds.json.
"""
import json
import sys

import numpy as np
import stanli

PROGRAMS = {
    "orderedLogit": """
data { int N; vector[N] x; array[N] int y; }
parameters { real slope; ordered[3] cutpoints; }
model { y ~ ordered_logistic(slope * x, cutpoints); }
""",
    "hiddenMarkov": """
data { int N; array[N] int y; }
parameters { positive_ordered[2] rate; array[2] simplex[2] move; }
model {
  rate ~ gamma(2, 0.4);
  vector[2] acc = [log(move[1, 1]) + poisson_lpmf(y[1] | rate[1]), log(move[1, 2]) + poisson_lpmf(y[1] | rate[2])]';
  for (n in 2:N) {
    vector[2] next;
    for (k in 1:2)
      next[k] = log_sum_exp(acc[1] + log(move[1, k]), acc[2] + log(move[2, k])) + poisson_lpmf(y[n] | rate[k]);
    acc = next;
  }
  target += log_sum_exp(acc);
}
""",
    "normalMixture": """
data { int N; vector[N] y; }
parameters { real<lower=0, upper=1> share; ordered[2] centre; vector<lower=0>[2] spread; }
model {
  share ~ beta(5, 5); centre ~ normal(0, 2); spread ~ normal(0, 2);
  for (n in 1:N)
    target += log_mix(share, normal_lpdf(y[n] | centre[1], spread[1]), normal_lpdf(y[n] | centre[2], spread[2]));
}
""",
    "movingAverage": """
data { int N; vector[N] y; }
parameters { real mu; real phi; real theta; real<lower=0> sigma; }
model {
  vector[N] err;
  err[1] = y[1] - (mu + phi * mu);
  for (t in 2:N) err[t] = y[t] - (mu + phi * y[t - 1] + theta * err[t - 1]);
  mu ~ normal(0, 10); phi ~ normal(0, 2); theta ~ normal(0, 2); sigma ~ cauchy(0, 2.5);
  err ~ normal(0, sigma);
}
""",
    "nestedBounds": """
data { int N; vector[N] y; }
parameters { real<lower=-5, upper=min(y)> low; real<lower=max(y), upper=10> high; real<lower=low, upper=high> between; }
model { y ~ uniform(low, high); 2 ~ normal(between, 0.5); }
""",
    "process": """
data { int N; array[N] real x; vector[N] y; }
parameters { real<lower=0> lengthscale; real<lower=0> scale; real<lower=0> noise; }
model {
  matrix[N, N] K = add_diag(gp_exp_quad_cov(x, scale, lengthscale), square(noise));
  lengthscale ~ gamma(25, 4); scale ~ normal(0, 2); noise ~ normal(0, 1);
  y ~ multi_normal_cholesky(rep_vector(0, N), cholesky_decompose(K));
}
""",
    "processOfCounts": """
data { int N; array[N] real x; array[N] int y; }
parameters { real<lower=0> lengthscale; real<lower=0> scale; vector[N] eta; }
model {
  matrix[N, N] K;
  for (i in 1:N) for (j in 1:N) {
    real d = sqrt(3) * abs(x[i] - x[j]) / lengthscale;
    K[i, j] = square(scale) * (1 + d) * exp(-d);
  }
  K = add_diag(K, 1e-10);
  lengthscale ~ gamma(25, 4); scale ~ normal(0, 2); eta ~ std_normal();
  y ~ poisson_log(cholesky_decompose(K) * eta);
}
""",
    "twoCurves": """
functions {
  vector deviations(real scale, real length, int M) {
    vector[M] w = linspaced_vector(M, 1, M) * pi() / 3;
    return scale * sqrt(sqrt(2 * pi()) * length) * exp(-0.25 * square(length * w));
  }
}
data { int N; int M; int K; vector[N] x; vector[N] y; }
transformed data {
  matrix[N, M] waves;
  for (j in 1:M) waves[:, j] = sqrt(1 / 1.5) * sin(j * pi() / 3 * (x + 1.5));
}
parameters {
  real meanIntercept; real<lower=0> meanScale; real<lower=0> meanLength; vector[M] meanWeights;
  real spreadIntercept; real<lower=0> spreadScale; real<lower=0> spreadLength; vector[K] spreadWeights;
}
model {
  meanIntercept ~ std_normal(); spreadIntercept ~ std_normal();
  meanScale ~ std_normal(); spreadScale ~ std_normal();
  meanLength ~ lognormal(-1, 0.5); spreadLength ~ lognormal(-1, 0.5);
  meanWeights ~ std_normal(); spreadWeights ~ std_normal();
  y ~ normal(meanIntercept + waves * (deviations(meanScale, meanLength, M) .* meanWeights),
             exp(spreadIntercept + waves[:, 1:K] * (deviations(spreadScale, spreadLength, K) .* spreadWeights)));
}
""",
    "hierarchy": """
data { int N; int J; array[N] int g; vector[N] x; vector[N] y; }
parameters { real a; real b; real<lower=0> sa; real<lower=0> sb; real<lower=0> noise; vector[J] alpha; vector[J] slope; }
model { sb ~ cauchy(0, 1); alpha ~ normal(a, sa); slope ~ normal(b, sb); y ~ normal(alpha[g] + slope[g] .* x, noise); }
""",
    "predators": """
functions {
  vector rates(real t, vector s, real birth, real eaten, real death, real fed) {
    return [s[1] * (birth - eaten * s[2]), s[2] * (fed * s[1] - death)]';
  }
}
data { int N; array[N] real times; vector[N + 1] hare; vector[N + 1] lynx; }
parameters {
  real<lower=0> birth; real<lower=0> eaten; real<lower=0> death; real<lower=0> fed;
  real<lower=0> prey; real<lower=0> predator; real<lower=0> noise;
}
model {
  birth ~ normal(1, 0.5); death ~ normal(1, 0.5); eaten ~ normal(0.05, 0.05); fed ~ normal(0.05, 0.05);
  prey ~ lognormal(log(10), 1); predator ~ lognormal(log(10), 1); noise ~ lognormal(-1, 1);
  hare[1] ~ lognormal(log(prey), noise); lynx[1] ~ lognormal(log(predator), noise);
  array[N] vector[2] s = ode_rk45_tol(rates, [prey, predator]', 0, times, 1e-8, 1e-8, 100000, birth, eaten, death, fed);
  for (n in 1:N) { hare[n + 1] ~ lognormal(log(s[n, 1]), noise); lynx[n + 1] ~ lognormal(log(s[n, 2]), noise); }
}
""",
    "elimination": """
functions {
  vector rates(real t, vector s, real absorbed, real most, real half) {
    real in_ = absorbed * s[1];
    return [-in_, in_ - most * s[2] / (half + s[2])]';
  }
}
data { int N; array[N] real times; vector[N] y; }
parameters { real<lower=0> absorbed; real<lower=0> most; real<lower=0> half; real<lower=0> noise; }
model {
  absorbed ~ lognormal(0, 1); most ~ lognormal(0.5, 0.5); half ~ lognormal(0.5, 0.5); noise ~ normal(0, 0.5);
  array[N] vector[2] s = ode_rk45_tol(rates, [14, 0]', 0, times, 1e-7, 1e-7, 100000, absorbed, most, half);
  for (n in 1:N) y[n] ~ lognormal(log(s[n, 2]), noise);
}
""",
    "answers": """
data { int I; int J; array[I, J] int y; }
parameters { real<lower=0> spread; vector[J] ability; vector<lower=0>[I] a; vector[I] b; }
model {
  spread ~ cauchy(0, 2); ability ~ normal(0, spread); a ~ lognormal(0, 0.5); b ~ normal(0, 2);
  for (i in 1:I) y[i] ~ bernoulli_logit(a[i] * (ability - b[i]));
}
""",
    "sharesAndZeros": """
data { int N; array[N] int seen; array[4] int counts; }
parameters { simplex[4] share; real<lower=0, upper=1> occupied; real<lower=0, upper=1> detected; }
model {
  counts ~ multinomial(share);
  for (n in 1:N) {
    if (seen[n] > 0) target += log(occupied) + binomial_lpmf(seen[n] | 5, detected);
    else target += log_sum_exp(log(occupied) + binomial_lpmf(0 | 5, detected), log1m(occupied));
  }
}
""",
}


def ess(chains):
    """Of draws [chains, draws] (Vehtari et al. 2021), not rank-normalised."""
    m, n = chains.shape
    size = 2 ** int(np.ceil(np.log2(2 * n)))
    f = np.fft.rfft(chains - chains.mean(axis=1, keepdims=True), size)
    auto = np.fft.irfft(f * np.conj(f), size)[:, :n] / n
    within = (auto[:, 0] * n / (n - 1)).mean()
    total = within * (n - 1) / n + (chains.mean(axis=1).var(ddof=1) if m > 1 else 0)
    rho = 1 - (within - auto.mean(axis=0)) / total
    rho[0] = 1
    time, last = -1.0, np.inf
    for t in range(0, n - 1, 2):
        pair = rho[t] + rho[t + 1]
        if pair < 0:
            break
        last = min(last, pair)
        time += 2 * last
    return m * n / max(time, 1 / np.log10(m * n))


def reference(name, data):
    fit = stanli.Model(stan_code=PROGRAMS[name], data=data["data"]).sample(
        chains=4, seed=1, samples=5000, warmup=1000, delta=0.95, refresh=0
    )
    found = {}
    for site in data["sites"]:
        draws = np.asarray(fit[site])
        draws = draws.reshape(4, 5000, -1)
        elements = []
        for j in range(draws.shape[2]):
            x = draws[:, :, j]
            mean, sd = x.mean(), x.std(ddof=1)
            squares = np.abs(x - mean) ** 2
            error = squares.std() / np.sqrt(ess(squares)) / (2 * sd)
            elements.append([mean, sd, sd / np.sqrt(ess(x)), error])
        found[site] = [[float(f"{value:.6g}") for value in row] for row in elements]
    return found


given = json.load(sys.stdin)
wanted = sys.argv[1:] or list(PROGRAMS)
lines = []
for name in wanted:
    print(name, file=sys.stderr, flush=True)
    lines.append(f'  "{name}": {json.dumps(reference(name, given[name]))}')
print("{\n" + ",\n".join(lines) + "\n}")
