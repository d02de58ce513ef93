"""The posteriors of `nuts`, `effective` and `chains`: data, programs in Stan, models of NumPyro and PyMC, and effective draws."""
import math, time
from statistics import NormalDist
import numpy as np

EFFECTS, ERRORS = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]

def logistic_data(n, k):
    return np.sin(1.3 * np.arange(n * k)).reshape(n, k), (np.arange(n) % 3 == 0).astype(int)

def group_data(groups):
    """[groups, 5]"""
    j, i = np.arange(groups)[:, None], np.arange(5)
    return np.sin(0.7 * j) + np.sin(1.3 * (5 * j + i))

def process_data(places):
    i = np.arange(places)
    return i / 20.0, np.sin(0.37 * i) + 0.3 * np.sin(1.0 * i * i)

STAN = {
    "schools": """
data { vector[8] effect; vector<lower=0>[8] error; }
parameters { real mu; real<lower=0> tau; vector[8] z; }
model { mu ~ normal(0, 5); tau ~ normal(0, 5); z ~ std_normal(); effect ~ normal(mu + tau * z, error); }
""",
    "logistic": """
data { int n; int k; matrix[n, k] x; array[n] int<lower=0, upper=1> y; }
parameters { real intercept; vector[k] slope; }
model { intercept ~ normal(0, 10); slope ~ normal(0, 2.5); y ~ bernoulli_logit_glm(x, intercept, slope); }
""",
    "hierarchical": """
data { int m; array[5] vector[m] y; }
parameters { real mu; real<lower=0> tau; real<lower=0> sigma; vector[m] z; }
model {
  mu ~ normal(0, 5); tau ~ normal(0, 2); sigma ~ normal(0, 1); z ~ std_normal();
  vector[m] theta = mu + tau * z;
  for (i in 1:5) y[i] ~ normal(theta, sigma);
}
""",
    "process": """
data { int n; array[n] real x; vector[n] y; }
parameters { real<lower=0> scale; real<lower=0> lengthscale; real<lower=0> noise; }
model {
  scale ~ normal(0, 1); lengthscale ~ lognormal(0, 1); noise ~ normal(0, 1);
  matrix[n, n] k = gp_exp_quad_cov(x, scale, lengthscale);
  for (i in 1:n) k[i, i] = k[i, i] + square(noise);
  y ~ multi_normal_cholesky(rep_vector(0, n), cholesky_decompose(k));
}
""",
}

def kind(sizes):
    names = {"rows": "logistic", "groups": "hierarchical", "places": "process"}
    return next((name for size, name in names.items() if hasattr(sizes, size)), "schools")

def stan(sizes):
    """Program and data."""
    name = kind(sizes)
    if name == "schools":
        data = {"effect": EFFECTS, "error": ERRORS}
    elif name == "logistic":
        x, y = logistic_data(sizes.rows, sizes.features)
        data = {"n": len(y), "k": x.shape[1], "x": x.tolist(), "y": y.tolist()}
    elif name == "hierarchical":
        data = {"m": sizes.groups, "y": group_data(sizes.groups).T.tolist()}
    else:
        x, y = process_data(sizes.places)
        data = {"n": len(x), "x": x.tolist(), "y": y.tolist()}
    return STAN[name], data

def numpyro_model(sizes):
    import jax.numpy as jnp, numpyro.distributions as dist
    from numpyro import plate, sample
    name = kind(sizes)
    def schools():
        mu, tau = sample("mu", dist.Normal(0, 5)), sample("tau", dist.HalfNormal(5))
        with plate("school", 8):
            z = sample("z", dist.Normal(0, 1))
            sample("y", dist.Normal(mu + tau * z, jnp.array(ERRORS)), obs=jnp.array(EFFECTS))
    def logistic():
        x, y = logistic_data(sizes.rows, sizes.features)
        intercept = sample("intercept", dist.Normal(0, 10))
        slope = sample("slope", dist.Normal(0, 2.5).expand([x.shape[1]]).to_event(1))
        sample("y", dist.Bernoulli(logits=intercept + jnp.asarray(x) @ slope), obs=y)
    def hierarchical():
        y = jnp.asarray(group_data(sizes.groups))
        mu, tau = sample("mu", dist.Normal(0, 5)), sample("tau", dist.HalfNormal(2))
        sigma = sample("sigma", dist.HalfNormal(1))
        z = sample("z", dist.Normal(0, 1).expand([sizes.groups]).to_event(1))
        sample("y", dist.Normal((mu + tau * z)[:, None], sigma), obs=y)
    def process():
        x, y = map(jnp.asarray, process_data(sizes.places))
        scale, length = sample("scale", dist.HalfNormal(1)), sample("lengthscale", dist.LogNormal(0, 1))
        noise = sample("noise", dist.HalfNormal(1))
        k = scale ** 2 * jnp.exp(-0.5 * ((x[:, None] - x) / length) ** 2) + noise ** 2 * jnp.eye(len(x))
        sample("y", dist.MultivariateNormal(0, covariance_matrix=k), obs=y)
    return {"schools": schools, "logistic": logistic, "hierarchical": hierarchical, "process": process}[name]

def pymc_model(sizes):
    import pymc as pm
    name = kind(sizes)
    with pm.Model() as model:
        if name == "schools":
            mu, tau, z = pm.Normal("mu", 0, 5), pm.HalfNormal("tau", 5), pm.Normal("z", 0, 1, shape=8)
            pm.Normal("y", mu + tau * z, np.array(ERRORS, float), observed=np.array(EFFECTS, float))
        elif name == "logistic":
            x, y = logistic_data(sizes.rows, sizes.features)
            intercept, slope = pm.Normal("intercept", 0, 10), pm.Normal("slope", 0, 2.5, shape=x.shape[1])
            pm.Bernoulli("y", logit_p=intercept + pm.math.dot(x, slope), observed=y)
        elif name == "hierarchical":
            mu, tau, sigma = pm.Normal("mu", 0, 5), pm.HalfNormal("tau", 2), pm.HalfNormal("sigma", 1)
            z = pm.Normal("z", 0, 1, shape=sizes.groups)
            pm.Normal("y", (mu + tau * z)[:, None], sigma, observed=group_data(sizes.groups))
        else:
            x, y = process_data(sizes.places)
            scale, length = pm.HalfNormal("scale", 1), pm.LogNormal("lengthscale", 0, 1)
            noise = pm.HalfNormal("noise", 1)
            k = scale ** 2 * pm.math.exp(-0.5 * ((x[:, None] - x) / length) ** 2) + noise ** 2 * np.eye(len(x))
            pm.MvNormal("y", np.zeros(len(x)), cov=k, observed=y)
    return model

def autocovariance(x):
    n, size = len(x), 2 ** math.ceil(math.log2(2 * len(x)))
    f = np.fft.rfft(x - x.mean(), size)
    return np.fft.irfft(f * np.conj(f), size)[:n] / n

def ess_bulk(x):
    """Of one chain (Vehtari et al. 2021): ranks as normal quantiles, halves as chains, Geyer's monotone sequence."""
    quantile = NormalDist().inv_cdf
    normal = np.array([quantile((rank + 0.625) / (len(x) + 0.25)) for rank in range(len(x))])
    z = normal[np.argsort(np.argsort(x))]
    halves = [z[: len(z) // 2], z[len(z) - len(z) // 2:]]
    n = len(halves[0])
    within = np.mean([half.var(ddof=1) for half in halves])
    total = within * (n - 1) / n + np.var([half.mean() for half in halves], ddof=1)
    rho = 1 - (within - np.mean([autocovariance(half) for half in halves], axis=0)) / total
    rho[0] = 1
    length, last = -1.0, math.inf
    for t in range(0, n - 1, 2):
        pair = rho[t] + rho[t + 1]
        if pair < 0:
            break
        last = min(last, pair)
        length += 2 * last
    return 2 * n / max(length, 1 / math.log10(2 * n))

def least_ess(variables, draws=1000):
    """The smallest among the elements of the draws of one chain, and the seconds that it took to take them up and to find it."""
    began = time.perf_counter()
    columns = [np.asarray(x).reshape(draws, -1) for x in variables]
    least = min(ess_bulk(x[:, j]) for x in columns for j in range(x.shape[1]))
    return least, time.perf_counter() - began

def start(count):
    return np.sin(0.37 * np.arange(count))
