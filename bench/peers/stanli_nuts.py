"""stanli: Stan's NUTS at its defaults, one chain. `nuts`: leapfrog steps after warm-up; `effective`: effective draws."""
import math, common
from statistics import NormalDist
idle = common.peak()
args = common.arguments()
try:
    import numpy as np
    import stanli
except ImportError as error:
    common.missing(f"pip install stanli numpy ({error})")

SCHOOLS = """
data { vector[8] effect; vector<lower=0>[8] error; }
parameters { real mu; real<lower=0> tau; vector[8] z; }
model { mu ~ normal(0, 5); tau ~ normal(0, 5); z ~ std_normal(); effect ~ normal(mu + tau * z, error); }
"""
LOGISTIC = """
data { int n; int k; matrix[n, k] x; array[n] int<lower=0, upper=1> y; }
parameters { real intercept; vector[k] slope; }
model { intercept ~ normal(0, 10); slope ~ normal(0, 2.5); y ~ bernoulli_logit_glm(x, intercept, slope); }
"""

def model():
    rows = getattr(args.sizes, "rows", None)
    if rows is None:
        return stanli.Model(stan_code=SCHOOLS, data={"effect": [28, 8, -3, 7, -1, 1, 18, 12],
                                                     "error": [15, 10, 16, 11, 9, 11, 10, 18]})
    n, k = rows, args.sizes.features
    x = np.sin(1.3 * np.arange(n * k)).reshape(n, k).tolist()
    return stanli.Model(stan_code=LOGISTIC, data={"n": n, "k": k, "x": x, "y": [int(i % 3 == 0) for i in range(n)]})

MODEL, seed = model(), 0

def sample(**options):
    global seed
    seed += 1
    return MODEL.sample(**{"chains": 1, "parallel_chains": 1, "seed": seed, "refresh": 0, **options})

position = np.sin(0.37 * np.arange(MODEL.n_unconstrained))
check = {"gradientNorm": float(np.linalg.norm(MODEL.log_prob_grad(position)[1]))}

NORMAL = np.array([NormalDist().inv_cdf((rank + 0.625) / 1000.25) for rank in range(1000)])

def autocovariance(x):
    n, size = len(x), 2 ** math.ceil(math.log2(2 * len(x)))
    f = np.fft.rfft(x - x.mean(), size)
    return np.fft.irfft(f * np.conj(f), size)[:n] / n

def ess_bulk(x):
    """Of one chain (Vehtari et al. 2021): ranks as normal quantiles, halves as chains, Geyer's monotone sequence."""
    z = NORMAL[np.argsort(np.argsort(x))]
    halves = [z[: len(z) // 2], z[len(z) - len(z) // 2:]]
    n = len(halves[0])
    within = np.mean([half.var(ddof=1) for half in halves])
    total = within * (n - 1) / n + np.var([half.mean() for half in halves], ddof=1)
    rho = 1 - (within - np.mean([autocovariance(half) for half in halves], axis=0)) / total
    rho[0] = 1
    time, last = -1.0, math.inf
    for t in range(0, n - 1, 2):
        pair = rho[t] + rho[t + 1]
        if pair < 0:
            break
        last = min(last, pair)
        time += 2 * last
    return 2 * n / max(time, 1 / math.log10(2 * n))

if args.workload == "nuts":
    warm = sample(samples=1)
    options = {"warmup": 0, "adapt_engaged": False, "step_size": float(warm.step_size[0]), "inv_metric": warm.inv_metric[0]}
    work = lambda: float(np.sum(sample(samples=1000, **options)["n_leapfrog__"]))
else:
    def work():
        fit = sample(samples=1000)
        return min(ess_bulk(np.asarray(fit[name]).reshape(1000, -1)[:, j])
                   for name in fit.variables for j in range(np.asarray(fit[name]).reshape(1000, -1).shape[1]))

common.serve_counted(stanli.__version__, 1, idle, check, work)
