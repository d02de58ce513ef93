"""Log densities and distribution functions at points of float32, also extreme ones.

The values are those of mpmath at 120 digits, rounded to doubles; each is compared with SciPy's, and
where these differ by more than 1e-8 the point is listed on standard error (there SciPy is off).

    pip install mpmath scipy
    python densities.py > densities.json && npx biome format --write densities.json
"""
import json
import sys

import mpmath as mp
import numpy as np
import scipy
from scipy import stats

mp.mp.dps = 120
M, LOG, EXP, INF = mp.mpf, mp.log, mp.exp, mp.inf
LG = mp.loggamma


def single(x):
    """The float32 nearest to x, as a float."""
    return float(np.float32(x))


def phi(z):
    return mp.erfc(-z / mp.sqrt(2)) / 2


def log_phi(z):
    return mp.log1p(-phi(-z)) if z > 0 else LOG(phi(z))


def log_normal_density(z):
    return -z * z / 2 - LOG(2 * mp.pi) / 2


def gamma_below(a, x):
    if x <= 0:
        return M(0)
    return mp.gammainc(a, 0, x, regularized=True)


def gamma_above(a, x):
    return mp.gammainc(a, x, regularized=True) if x > 0 else M(1)


def beta_below(a, b, x):
    if x <= 0:
        return M(0)
    if x >= 1:
        return M(1)
    if x > a / (a + b):
        return 1 - beta_below(b, a, 1 - x)
    return EXP(a * LOG(x) + b * mp.log1p(-x) - log_beta(a, b)) / a / beta_fraction(a, b, x)


def beta_fraction(a, b, x):
    """The continued fraction of the incomplete beta function (Abramowitz and Stegun, 26.5.8)."""
    terms = 200 + int(20 * mp.sqrt(max(a, b)))
    value = M(1)
    for k in range(terms, 0, -1):
        m = k // 2
        if k % 2 == 0:
            term = m * (b - m) * x / ((a + k - 1) * (a + k))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + k - 1) * (a + k))
        value = 1 + term / value
    return value


def log_beta(a, b):
    return LG(a) + LG(b) - LG(a + b)


def times_log(c, x):
    return M(0) if c == 0 else c * (LOG(x) if x > 0 else -INF)


def sigmoid(x):
    return 1 / (1 + EXP(-x))


def log_sigmoid(x):
    return -mp.log1p(EXP(-x))


def logit_of(p):
    """The logit of a case that gives `logits` or `probs`."""
    return p["logits"] if "logits" in p else LOG(p["probs"]) - mp.log1p(-p["probs"])


def whole(x):
    return x >= 0 and x == mp.floor(x)


FAMILIES = {}


def family(name, cases, reference=None):
    """Registers density(p, x) and, if it returns a pair, the distribution function."""

    def register(f):
        FAMILIES[name] = (f, cases, reference)
        return f

    return register


def case(points, **parameters):
    return parameters, points


LINE = (-1e6, -40, -3, -0.5, 0, 1e-3, 0.7, 2.5, 30, 1e5)
HALF = (-1, 0, 1e-30, 1e-4, 0.2, 1, 3.7, 25, 800, 1e7)
UNIT = (-0.1, 0, 1e-20, 1e-4, 0.1, 0.5, 0.77, 0.9999, 1, 1.5)
COUNTS = (-1, 0, 1, 2, 5, 11, 0.5, 40, 300, 12345)


@family(
    "normal",
    [case(LINE, mean=0, sd=1), case(LINE, mean=-2.5, sd=0.01), case(LINE, mean=1e4, sd=3e3)],
    lambda p: stats.norm(p["mean"], p["sd"]),
)
def _(p, x):
    z = (x - p["mean"]) / p["sd"]
    return log_normal_density(z) - LOG(p["sd"]), phi(z)


@family(
    "lognormal",
    [case(HALF, mean=0, sd=1), case(HALF, mean=3, sd=0.05), case(HALF, mean=-2, sd=8)],
    lambda p: stats.lognorm(p["sd"], scale=np.exp(p["mean"])),
)
def _(p, x):
    if x <= 0:
        return -INF, M(0)
    z = (LOG(x) - p["mean"]) / p["sd"]
    return log_normal_density(z) - LOG(p["sd"]) - LOG(x), phi(z)


@family(
    "halfNormal",
    [case(HALF, scale=1), case(HALF, scale=0.02), case(HALF, scale=5e3)],
    lambda p: stats.halfnorm(scale=p["scale"]),
)
def _(p, x):
    if x < 0:
        return -INF, M(0)
    z = x / p["scale"]
    return LOG(2) + log_normal_density(z) - LOG(p["scale"]), mp.erf(z / mp.sqrt(2))


@family(
    "cauchy",
    [case(LINE, location=0, scale=1), case((*LINE, 1e30), location=7, scale=1e-3), case(LINE, location=-1, scale=1e4)],
    lambda p: stats.cauchy(p["location"], p["scale"]),
)
def _(p, x):
    z = (x - p["location"]) / p["scale"]
    return -mp.log1p(z * z) - LOG(mp.pi * p["scale"]), mp.atan(z) / mp.pi + M(1) / 2


@family(
    "halfCauchy",
    [case((*HALF, 1e30), scale=1), case(HALF, scale=25), case(HALF, scale=1e-3)],
    lambda p: stats.halfcauchy(scale=p["scale"]),
)
def _(p, x):
    if x < 0:
        return -INF, M(0)
    z = x / p["scale"]
    return LOG(2 / mp.pi / p["scale"]) - mp.log1p(z * z), 2 * mp.atan(z) / mp.pi


@family(
    "studentT",
    [
        case(LINE, degrees=1, location=0, scale=1),
        case(LINE, degrees=0.05, location=2, scale=0.5),
        case(LINE, degrees=4.5, location=-3, scale=10),
        case(LINE, degrees=1e6, location=0.5, scale=2),
    ],
    lambda p: stats.t(p["degrees"], p["location"], p["scale"]),
)
def _(p, x):
    n = p["degrees"]
    z = (x - p["location"]) / p["scale"]
    density = LG((n + 1) / 2) - LG(n / 2) - LOG(n * mp.pi) / 2 - LOG(p["scale"])
    density -= (n + 1) / 2 * mp.log1p(z * z / n)
    tail = beta_below(n / 2, M(1) / 2, n / (n + z * z)) / 2
    return density, tail if z < 0 else 1 - tail


@family(
    "halfStudentT",
    [case(HALF, degrees=1, scale=1), case(HALF, degrees=4.5, scale=10), case(HALF, degrees=60, scale=0.2)],
)
def _(p, x):
    n, z = p["degrees"], x / p["scale"]
    if x < 0:
        return -INF, M(0)
    density = LOG(2) + LG((n + 1) / 2) - LG(n / 2) - LOG(n * mp.pi) / 2 - LOG(p["scale"])
    density -= (n + 1) / 2 * mp.log1p(z * z / n)
    tail = beta_below(n / 2, M(1) / 2, n / (n + z * z)) if z > 0 else M(1)
    return density, beta_below(M(1) / 2, n / 2, z * z / (n + z * z)), tail


def skew_tail(z, a):
    """P(x <= z) of a skew normal."""
    f = lambda t: 2 * EXP(log_normal_density(t)) * phi(a * t)
    with mp.workdps(40):
        top = f(z)
        parts = [z - M(w) / (1 + abs(z)) for w in (0, 0.3, 1, 3, 8, 20, 60, 200)] + [-INF]
        return top * mp.quad(lambda t: f(t) / top, parts[::-1])


@family(
    "skewNormal",
    [
        case(LINE[2:8], location=0, scale=1, shape=0),
        case(LINE[1:9], location=0.5, scale=2, shape=3),
        case(LINE[1:9], location=-1, scale=1.5, shape=-0.7),
    ],
    lambda p: stats.skewnorm(p["shape"], p["location"], p["scale"]),
)
def _(p, x):
    z, a = (x - p["location"]) / p["scale"], p["shape"]
    density = LOG(2) + log_normal_density(z) - LOG(p["scale"]) + log_phi(a * z)
    # Owen's T, from the tail in which nothing cancels.
    lower, upper = skew_tail(z, a), skew_tail(-z, -a)
    return density, lower if z < 0 else 1 - upper, upper if z > 0 else 1 - lower


@family(
    "laplace",
    [case(LINE, location=0, scale=1), case(LINE, location=0.5, scale=0.1), case(LINE, location=-20, scale=1e3)],
    lambda p: stats.laplace(p["location"], p["scale"]),
)
def _(p, x):
    z = (x - p["location"]) / p["scale"]
    return -abs(z) - LOG(2 * p["scale"]), EXP(z) / 2 if z < 0 else 1 - EXP(-z) / 2


@family(
    "logistic",
    [case(LINE, location=0, scale=1), case(LINE, location=0.5, scale=0.1), case(LINE, location=-20, scale=1e3)],
    lambda p: stats.logistic(p["location"], p["scale"]),
)
def _(p, x):
    z = (x - p["location"]) / p["scale"]
    return log_sigmoid(z) + log_sigmoid(-z) - LOG(p["scale"]), sigmoid(z)


@family(
    "gumbel",
    [case(LINE[2:], location=0, scale=1), case(LINE, location=0.5, scale=20), case(LINE, location=-20, scale=1e4)],
    lambda p: stats.gumbel_r(p["location"], p["scale"]),
)
def _(p, x):
    z = (x - p["location"]) / p["scale"]
    return -z - EXP(-z) - LOG(p["scale"]), EXP(-EXP(-z))


@family(
    "exponential",
    [case(HALF, rate=1), case(HALF, rate=1e-5), case(HALF, rate=300)],
    lambda p: stats.expon(scale=1 / p["rate"]),
)
def _(p, x):
    return (-INF, M(0)) if x < 0 else (LOG(p["rate"]) - p["rate"] * x, -mp.expm1(-p["rate"] * x))


def gamma_density(a, b, x):
    if x < 0:
        return -INF, M(0)
    return a * LOG(b) + times_log(a - 1, x) - b * x - LG(a), gamma_below(a, b * x)


@family(
    "gamma",
    [
        case(HALF, shape=1, rate=2),
        case(HALF, shape=0.01, rate=1),
        case(HALF, shape=7.5, rate=0.3),
        case((*HALF, 9.9e5, 1.001e6), shape=1e6, rate=1),
    ],
    lambda p: stats.gamma(p["shape"], scale=1 / p["rate"]),
)
def _(p, x):
    return gamma_density(p["shape"], p["rate"], x)


@family(
    "chiSquare",
    [case(HALF, degrees=1), case(HALF, degrees=2), case(HALF, degrees=37)],
    lambda p: stats.chi2(p["degrees"]),
)
def _(p, x):
    return gamma_density(p["degrees"] / 2, M(1) / 2, x)


@family(
    "inverseGamma",
    [case(HALF, shape=1, scale=2), case(HALF, shape=0.01, scale=1), case(HALF, shape=30, scale=40)],
    lambda p: stats.invgamma(p["shape"], scale=p["scale"]),
)
def _(p, x):
    if x <= 0:
        return -INF, M(0)
    a, b = p["shape"], p["scale"]
    return a * LOG(b) - (a + 1) * LOG(x) - b / x - LG(a), gamma_above(a, b / x)


@family(
    "weibull",
    [case(HALF[:9], shape=1, scale=2), case(HALF, shape=0.3, scale=1), case(HALF[:7], shape=12, scale=4)],
    lambda p: stats.weibull_min(p["shape"], scale=p["scale"]),
)
def _(p, x):
    if x < 0:
        return -INF, M(0)
    k, z = p["shape"], x / p["scale"]
    power = z**k if z > 0 else M(0)
    return LOG(k / p["scale"]) + times_log(k - 1, z) - power, -mp.expm1(-power)


@family(
    "gompertz",
    [
        case(HALF[:7], shape=1, rate=0.5),
        case((-1, 0, 1e-4, 1, 20, 70, 110), shape=0.09, rate=1e-4),
        case(HALF[:8], shape=0.01, rate=2),
    ],
    lambda p: stats.gompertz(p["rate"] / p["shape"], scale=1 / p["shape"]),
)
def _(p, x):
    if x < 0:
        return -INF, M(0)
    hazard = p["rate"] / p["shape"] * mp.expm1(p["shape"] * x)
    return LOG(p["rate"]) + p["shape"] * x - hazard, -mp.expm1(-hazard), EXP(-hazard)


@family(
    "pareto",
    [
        case((0.5, 1, 1.0001, 2, 30, 1e4, 1e20), shape=1, scale=1),
        case((0.01, 0.02, 0.03, 5, 1e6, 1e30), shape=0.05, scale=0.02),
        case((99, 100, 101, 150, 200, 1e3, 1e5), shape=40, scale=100),
    ],
    lambda p: stats.pareto(p["shape"], scale=p["scale"]),
)
def _(p, x):
    a, s = p["shape"], p["scale"]
    if x < s:
        return -INF, M(0)
    return LOG(a) + a * LOG(s) - (a + 1) * LOG(x), -mp.expm1(-a * LOG(x / s))


@family(
    "beta",
    [
        case(UNIT, alpha=1, beta=1),
        case(UNIT, alpha=0.02, beta=0.5),
        case(UNIT, alpha=2, beta=30),
        case(UNIT, alpha=3e5, beta=1e5),
    ],
    lambda p: stats.beta(p["alpha"], p["beta"]),
)
def _(p, x):
    a, b = p["alpha"], p["beta"]
    if x < 0 or x > 1:
        return -INF, M(0) if x < 0 else M(1)
    density = times_log(a - 1, x) + times_log(b - 1, 1 - x) - log_beta(a, b)
    return density, beta_below(a, b, x)


@family(
    "zeroOneInflatedBeta",
    [
        case(UNIT, alpha=2, beta=3.5, ends=0.3, one=0.4),
        case(UNIT, alpha=0.5, beta=0.8, ends=0.01, one=0.9),
    ],
)
def _(p, x):
    a, b, e, o = p["alpha"], p["beta"], p["ends"], p["one"]
    if x < 0 or x > 1:
        return -INF
    if x in (0, 1):
        return LOG(e) + LOG(o if x == 1 else 1 - o)
    return LOG(1 - e) + times_log(a - 1, x) + times_log(b - 1, 1 - x) - log_beta(a, b)


@family(
    "uniform",
    [case(UNIT, low=0, high=1), case(LINE, low=-3, high=0.7), case(LINE, low=-1e6, high=1e6)],
    lambda p: stats.uniform(p["low"], p["high"] - p["low"]),
)
def _(p, x):
    low, high = p["low"], p["high"]
    inside = low <= x <= high
    return -LOG(high - low) if inside else -INF, min(max((x - low) / (high - low), M(0)), M(1))


@family(
    "vonMises",
    [
        case((-3.1, -1, -1e-3, 0, 0.5, 2, 3.1), location=0, concentration=1e-3),
        case((-3.1, -1, -1e-3, 0, 0.5, 2, 3.1), location=1, concentration=2),
        case((-3.1, -1, -1e-3, 0, 0.5, 2, 3.1), location=-2, concentration=60),
        case((0.9, 0.99, 1, 1.003, 1.02), location=1, concentration=1e5),
    ],
)
def _(p, x):
    m, k = p["location"], p["concentration"]
    height = LOG(2 * mp.pi) + LOG(mp.besseli(0, k)) - k
    density = k * (mp.cos(x - m) - 1) - height
    width = 1 / mp.sqrt(1 + k)
    stops = {m + t * width for t in (-12, -6, -3, -1, 0, 1, 3, 6, 12)}
    around = {s + turn * 2 * mp.pi for s in stops for turn in (-1, 0, 1)}
    path = sorted({-mp.pi, x, *[s for s in around if -mp.pi < s < x]})
    with mp.workdps(25):
        below = mp.quad(lambda t: EXP(k * (mp.cos(t - m) - 1)), path) / EXP(height)
    return density, below


@family(
    "truncatedNormal",
    [
        case((-1.5, -1, -0.3, 0, 1.9, 2, 3), mean=0, sd=1, lower=-1, upper=2),
        case((2, 3, 3.5, 10, 100), mean=-5, sd=0.2, lower=3),
        case((-100, -31, -30.5, -30, 0), mean=1, sd=1, upper=-30),
        case((7.9, 8, 8.001, 8.2, 9, 50), mean=0, sd=1, lower=8, upper=9),
        case((-40, 0, 1, 40), mean=0, sd=1, lower=-40, upper=40),
    ],
)
def _(p, x):
    m, s = p["mean"], p["sd"]
    low = (p["lower"] - m) / s if "lower" in p else -INF
    high = (p["upper"] - m) / s if "upper" in p else INF
    mass = lambda a, b: phi(b) - phi(a) if a <= 0 else phi(-a) - phi(-b)
    z = (x - m) / s
    inside = low <= z <= high
    density = log_normal_density(z) - LOG(s) - LOG(mass(low, high)) if inside else -INF
    return density, mass(low, min(max(z, low), high)) / mass(low, high)


@family(
    "truncated",
    [
        case((-1, 1, 1.5, 2.5, 5.9, 6, 7), shape=2.5, rate=0.5, lower=1, upper=6),
        case((30, 40, 41, 60, 500), shape=2, rate=1, lower=40),
        case((-9, -8, -7.9, -7, 0), mean=0, sd=1, upper=-8),
        case((11.5, 12, 12.01, 12.5, 13), mean=1, sd=0.5, lower=12, upper=12.5),
        case((0, 1, 2, 5, 40, 1.5), rate=0.3, lower=1),
        case((-1, 0, 1, 2, 3), rate=60, upper=2),
        case((89, 90, 95, 99, 100, 101), rate=50, lower=90, upper=100),
    ],
)
def _(p, x):
    low, high = p.get("lower", -INF), p.get("upper", INF)
    if "sd" in p:
        below = lambda v: phi((v - p["mean"]) / p["sd"])
        above = lambda v: phi((p["mean"] - v) / p["sd"])
        whole_density = lambda: log_normal_density((x - p["mean"]) / p["sd"]) - LOG(p["sd"])
    elif "shape" in p:
        below = lambda v: gamma_below(p["shape"], p["rate"] * v) if v < INF else M(1)
        above = lambda v: gamma_above(p["shape"], p["rate"] * v) if v < INF else M(0)
        whole_density = lambda: gamma_density(p["shape"], p["rate"], x)[0]
    else:
        return truncated_poisson(p["rate"], low, high, x)
    mass = lambda a, b: above(a) - above(b) if a > -INF else below(b)
    inside = low <= x <= high
    at = min(max(x, low), high)
    return (
        whole_density() - LOG(mass(low, high)) if inside else -INF,
        mass(low, at) / mass(low, high),
        mass(at, high) / mass(low, high),
    )


def truncated_poisson(rate, low, high, x):
    low = max(low, 0)
    top = int(high) if high < INF else int(low + 10 * rate + 400)
    weight = lambda k: EXP(k * LOG(rate) - rate - LG(k + 1))
    total = mp.fsum(weight(M(k)) for k in range(int(low), top + 1))
    below = mp.fsum(weight(M(k)) for k in range(int(low), top + 1) if k <= x)
    above = mp.fsum(weight(M(k)) for k in range(int(low), top + 1) if k > x)
    inside = whole(x) and low <= x <= high
    return LOG(weight(x) / total) if inside else -INF, below / total, above / total


@family(
    "bernoulli",
    [
        case((0, 1), logits=0),
        case((0, 1), logits=-30),
        case((0, 1), logits=80),
        case((0, 1), probs=0.3),
        case((0, 1), probs=1e-6),
        case((0, 1), logits=2),
        case((0, 1), logits=-0.01),
        case((0, 1), probs=0.99),
        case((0, 1), probs=0.5),
        case((0, 1), logits=-5),
    ],
)
def _(p, x):
    l = logit_of(p)
    return log_sigmoid(l if x == 1 else -l), M(1) if x == 1 else sigmoid(-l)


@family(
    "binomial",
    [
        case((-1, 0, 1, 4, 9, 10, 11, 2.5), total=10, probs=0.3),
        case((0, 1, 2), total=2, logits=40),
        case((0, 1, 3, 130, 1e3), total=1000, logits=-2),
        case((0, 1e5, 499000, 5e5, 501000, 1e6), total=1e6, logits=0),
    ],
    lambda p: stats.binom(p["total"], float(sigmoid(logit_of({k: M(v) for k, v in p.items()})))),
)
def _(p, x):
    n, l = p["total"], logit_of(p)
    inside = whole(x) and x <= n
    k = mp.floor(x)
    density = LG(n + 1) - LG(k + 1) - LG(n - k + 1) if inside else -INF
    if inside:
        density += x * log_sigmoid(l) + (n - x) * log_sigmoid(-l)
    if x < 0 or x >= n:
        return density, M(0) if x < 0 else M(1)
    return density, beta_below(n - k, k + 1, sigmoid(-l))


def shapes(p):
    if "mean" not in p:
        return p["alpha"], p["beta"]
    return p["mean"] * p["concentration"], (1 - p["mean"]) * p["concentration"]


@family(
    "betaBinomial",
    [
        case((-1, 0, 1, 5, 9, 10, 12), total=10, alpha=2, beta=3),
        case((0, 1, 5, 9, 10), total=10, alpha=0.01, beta=0.2),
        case((0, 20, 300, 420, 1000), total=1000, alpha=40, beta=50),
        case((0, 5, 20, 99, 1e4), total=1e4, alpha=1e4, beta=3e6),
        case((0, 1, 5, 10), total=10, mean=0.25, concentration=8),
    ],
    lambda p: stats.betabinom(p["total"], *shapes(p)),
)
def _(p, x):
    n, (a, b) = p["total"], shapes(p)
    if not (whole(x) and x <= n):
        return -INF
    ways = LG(n + 1) - LG(x + 1) - LG(n - x + 1)
    return ways + log_beta(x + a, n - x + b) - log_beta(a, b)


@family(
    "geometric",
    [case(COUNTS, probs=0.3), case(COUNTS, logits=-9), case(COUNTS[:7], logits=12)],
    lambda p: stats.geom(float(sigmoid(logit_of({k: M(v) for k, v in p.items()}))), loc=-1),
)
def _(p, x):
    l = logit_of(p)
    density = log_sigmoid(l) + x * log_sigmoid(-l) if whole(x) else -INF
    return density, -mp.expm1((mp.floor(x) + 1) * log_sigmoid(-l)) if x >= 0 else M(0)


@family(
    "poisson",
    [
        case(COUNTS, rate=1),
        case(COUNTS, rate=0.01),
        case(COUNTS, rate=250),
        case((0, 990000, 1e6, 1000100, 1010000), rate=1e6),
        case(COUNTS[:8], logRate=1.25),
        case(COUNTS[:4], logRate=-150),
    ],
    lambda p: stats.poisson(p["rate"] if "rate" in p else np.exp(p["logRate"])),
)
def _(p, x):
    r = p["rate"] if "rate" in p else EXP(p["logRate"])
    density = x * LOG(r) - r - LG(x + 1) if whole(x) else -INF
    return density, gamma_above(mp.floor(x) + 1, r) if x >= 0 else M(0)


@family(
    "negativeBinomial",
    [
        case(COUNTS, total=3, probs=0.6),
        case(COUNTS, total=0.05, logits=2),
        case(COUNTS, total=130, logits=-1),
        case(COUNTS, mean=4, dispersion=0.5),
        case(COUNTS[:8], mean=20, dispersion=1e-6),
        case(COUNTS[:8], logMean=0.75, dispersion=2),
        case((0, 900, 1000, 1200), total=1e9, logits=-13.8),
    ],
)
def _(p, x):
    if "dispersion" in p:
        log_mean = p["logMean"] if "logMean" in p else LOG(p["mean"])
        r, l = 1 / p["dispersion"], log_mean + LOG(p["dispersion"])
    else:
        r, l = p["total"], logit_of(p)
    density = -INF
    if whole(x):
        density = LG(x + r) - LG(r) - LG(x + 1) + x * log_sigmoid(l) + r * log_sigmoid(-l)
    return density, beta_below(r, mp.floor(x) + 1, sigmoid(-l)) if x >= 0 else M(0)


@family(
    "zeroInflated",
    [
        case(COUNTS[:9], rate=3, probs=0.2),
        case(COUNTS[:9], rate=0.01, logits=-20),
        case(COUNTS[:9], rate=60, logits=8),
    ],
)
def _(p, x):
    l, r = logit_of(p), p["rate"]
    if not whole(x):
        return -INF, M(0) if x < 0 else sigmoid(l) + sigmoid(-l) * gamma_above(mp.floor(x) + 1, r)
    counted = log_sigmoid(-l) + x * LOG(r) - r - LG(x + 1)
    density = LOG(sigmoid(l) + EXP(counted)) if x == 0 else counted
    return density, sigmoid(l) + sigmoid(-l) * gamma_above(x + 1, r)


@family(
    "hurdle",
    [
        case(COUNTS[:8], rate=3, probs=0.2),
        case(COUNTS[:8], rate=0.01, logits=-3),
        case(COUNTS[:8], mean=4, dispersion=0.5, logits=0.5),
    ],
)
def _(p, x):
    h = sigmoid(logit_of(p))
    if "rate" in p:
        log_pmf = lambda k: k * LOG(p["rate"]) - p["rate"] - LG(k + 1)
        above = lambda k: gamma_below(k + 1, p["rate"])
    else:
        r, l = 1 / p["dispersion"], LOG(p["mean"] * p["dispersion"])
        log_pmf = lambda k: LG(k + r) - LG(r) - LG(k + 1) + k * log_sigmoid(l) + r * log_sigmoid(-l)
        above = lambda k: beta_below(k + 1, r, sigmoid(l))
    some = -mp.expm1(log_pmf(M(0)))
    density = -INF
    if whole(x):
        density = LOG(h) if x == 0 else LOG(1 - h) + log_pmf(x) - LOG(some)
    survival = (1 - h) * above(mp.floor(x)) / some if x >= 0 else M(1)
    return density, 1 - survival, survival


@family(
    "categorical",
    [
        case((-1, 0, 1, 2, 3, 4), weights=[0.1, 0.5, 0.4, 0.05]),
        case((0, 1, 2, 3), weights=[1e-30, 1, 1e-10, 3]),
        case((0, 1, 2, 3), weights=[1e5, 2e5, 3e5, 7]),
        case((0, 1, 2, 3, 4, 5), weights=[1, 1, 1, 1, 1, 1]),
    ],
)
def _(p, x):
    weights = p["weights"]
    total = mp.fsum(weights)
    below = mp.fsum(w for k, w in enumerate(weights) if k <= x) / total
    return LOG(weights[int(x)] / total) if 0 <= x < len(weights) else -INF, below


@family(
    "orderedLogistic",
    [
        case((-1, 0, 1, 2, 3, 4), location=0.5, cutpoints=[-1, 0, 1]),
        case((0, 1, 2, 3), location=-40, cutpoints=[-1, 0, 1]),
        case((0, 1, 2, 3), location=0, cutpoints=[-1e-3, 0, 1e-3]),
        case((0, 1, 2, 3), location=12, cutpoints=[-30, 5, 90]),
        case((0, 1, 2, 3), location=0.25, cutpoints=[0.2, 0.3, 7]),
    ],
)
def _(p, x):
    cuts = [-INF, *p["cutpoints"], INF]
    k = int(x)
    cdf = lambda c: M(0) if c == -INF else M(1) if c == INF else sigmoid(c - p["location"])
    if not 0 <= k < len(cuts) - 1:
        return -INF, M(0) if k < 0 else M(1)
    above = lambda c: M(1) if c == -INF else M(0) if c == INF else sigmoid(p["location"] - c)
    mass = cdf(cuts[k + 1]) - cdf(cuts[k]) if cdf(cuts[k]) < M(1) / 2 else above(cuts[k]) - above(cuts[k + 1])
    return LOG(mass), cdf(cuts[k + 1])


@family(
    "orderedProbit",
    [
        case((-1, 0, 1, 2, 3, 4), location=0.5, cutpoints=[-1, 0, 1]),
        case((0, 1, 2, 3), location=-12, cutpoints=[-1, 0, 1]),
        case((0, 1, 2, 3), location=0, cutpoints=[-1e-3, 0, 1e-3]),
        case((0, 1, 2, 3), location=4, cutpoints=[-20, 5, 30]),
        case((0, 1, 2, 3), location=0.25, cutpoints=[0.2, 0.3, 7]),
    ],
)
def _(p, x):
    cuts = [-INF, *p["cutpoints"], INF]
    k = int(x)
    if not 0 <= k < len(cuts) - 1:
        return -INF, M(0) if k < 0 else M(1)
    below = lambda c: M(0) if c == -INF else M(1) if c == INF else phi(c - p["location"])
    above = lambda c: M(1) if c == -INF else M(0) if c == INF else phi(p["location"] - c)
    low, high = cuts[k], cuts[k + 1]
    mass = below(high) - below(low) if below(low) < M(1) / 2 else above(low) - above(high)
    return LOG(mass), below(high), above(high)


@family(
    "mixture",
    [
        case(LINE, weights=[0.2, 0.3, 0.5], mean=[-2, 0, 3], sd=[0.5, 1, 2]),
        case(LINE, weights=[1, 1e-20, 1], mean=[0, 10, 30], sd=[1e-3, 1, 1]),
    ],
)
def _(p, x):
    total = mp.fsum(p["weights"])
    terms = list(zip(p["weights"], p["mean"], p["sd"]))
    density = mp.fsum(w / total / s * EXP(log_normal_density((x - m) / s)) for w, m, s in terms)
    return LOG(density), mp.fsum(w / total * phi((x - m) / s) for w, m, s in terms)


@family(
    "dirichlet",
    [
        case(
            ([0.2, 0.5, 0.3], [1 / 3, 1 / 3, 1 / 3], [1e-20, 0.5, 0.5], [0.999, 1e-3, 1e-10], [0, 0.5, 0.5]),
            concentration=c,
        )
        for c in ([1, 1, 1], [0.1, 0.1, 0.1], [5, 0.5, 30], [1e4, 2e4, 1e4])
    ],
)
def _(p, x):
    a = p["concentration"]
    return mp.fsum(times_log(c - 1, s) for c, s in zip(a, x)) + LG(mp.fsum(a)) - mp.fsum(LG(c) for c in a)


@family(
    "dirichletMultinomial",
    [
        case(([2, 5, 3], [10, 0, 0], [0, 10, 0], [1, 1, 8], [3, 3, 3], [-1, 5, 6]), total=10, concentration=c)
        for c in ([1, 1, 1], [0.01, 0.2, 0.1], [5, 0.5, 30], [1e5, 2e5, 1e5])
    ],
)
def _(p, x):
    a, n = p["concentration"], p["total"]
    if not all(whole(k) for k in x) or mp.fsum(x) != n:
        return -INF
    total = mp.fsum(a)
    terms = mp.fsum(LG(k + c) - LG(c) - LG(k + 1) for k, c in zip(x, a))
    density = LG(n + 1) + LG(total) - LG(n + total) + terms
    ours = [[float(v) for v in xs] for xs in (x, a)]
    agree("dirichletMultinomial", "log density", ours, float(density), stats.dirichlet_multinomial.logpmf(ours[0], ours[1], int(n)))
    return density


@family(
    "multinomial",
    [
        case(([2, 5, 3], [10, 0, 0], [0, 10, 0], [1, 1, 8], [3, 3, 3], [-1, 5, 6]), total=10, weights=w)
        for w in ([0.2, 0.5, 0.3], [1e-20, 1, 1], [1, 2, 300])
    ]
    + [case(([0, 0, 1], [1, 0, 0], [0, 1, 0]), total=1, weights=[5, 3, 2])]
    + [case(([2e5, 5e5, 3e5],), total=1e6, weights=[0.2, 0.5, 0.3])],
)
def _(p, x):
    total = mp.fsum(p["weights"])
    if not all(whole(k) for k in x) or mp.fsum(x) != p["total"]:
        return -INF
    return LG(p["total"] + 1) + mp.fsum(
        times_log(k, w / total) - LG(k + 1) for k, w in zip(x, p["weights"])
    )


def matrix(rows):
    n = int(len(rows) ** 0.5 + 0.5)
    return mp.matrix([[rows[i * n + j] for j in range(n)] for i in range(n)])


PAIRS = ([0, 0], [1, -2], [0.3, 40], [1e3, -1e3], [1e-6, 2])
TRIPLES = ([0, 0, 0], [1, -2, 3], [0.3, 40, -7])


@family(
    "multivariateNormal",
    [
        case(PAIRS, mean=[0, 0], factor=[1, 0, 0, 1]),
        case(PAIRS, mean=[1, -2], factor=[2, 0, -1.5, 0.01]),
        case(PAIRS, mean=[0, 0], covariance=[2, 0.6, 0.6, 1]),
        case(PAIRS, mean=[0, 5], covariance=[1, 0.999, 0.999, 1]),
        case(TRIPLES, mean=[0, 0.5, 1], precision=[2, 0.6, 0.1, 0.6, 1, -0.3, 0.1, -0.3, 5]),
        case(TRIPLES, mean=[0, 0.5, 1], covariance=[1e-4, 1e-3, 0, 1e-3, 1, 0.5, 0, 0.5, 1e3]),
    ],
)
def _(p, x):
    if "factor" in p:
        l = matrix(p["factor"])
        c = l * l.T
    else:
        c = matrix(p["covariance"]) if "covariance" in p else matrix(p["precision"]) ** -1
    z = mp.matrix([a - b for a, b in zip(x, p["mean"])])
    squares = (z.T * (c**-1) * z)[0]
    density = -squares / 2 - LOG(mp.det(c)) / 2 - len(x) * LOG(2 * mp.pi) / 2
    q = np.array([[float(v) for v in row] for row in c.tolist()])
    at = [[float(v) for v in row] for row in (x, p["mean"])]
    agree("multivariateNormal", "log density", at, float(density), stats.multivariate_normal.logpdf(*at, q))
    return density


@family(
    "multivariateStudentT",
    [
        case(PAIRS, degrees=4, location=[0, 0], factor=[1, 0, 0, 1]),
        case(PAIRS, degrees=1, location=[1, -2], factor=[2, 0, -1.5, 0.01]),
        case(PAIRS, degrees=0.3, location=[0, 0], scale=[2, 0.6, 0.6, 1]),
        case(PAIRS, degrees=1e5, location=[0, 5], scale=[1, 0.9, 0.9, 1]),
    ],
)
def _(p, x):
    if "factor" in p:
        l = matrix(p["factor"])
        c = l * l.T
    else:
        c = matrix(p["scale"])
    n, d = p["degrees"], len(x)
    z = mp.matrix([a - b for a, b in zip(x, p["location"])])
    squares = (z.T * (c**-1) * z)[0]
    density = LG((n + d) / 2) - LG(n / 2) - M(d) / 2 * LOG(n * mp.pi) - LOG(mp.det(c)) / 2
    density -= (n + d) / 2 * mp.log1p(squares / n)
    q = np.array([[float(v) for v in row] for row in c.tolist()])
    at = [[float(v) for v in row] for row in (x, p["location"])]
    agree("multivariateStudentT", "log density", at, float(density), stats.multivariate_t.logpdf(at[0], at[1], q, float(n)))
    return density


TRIANGLES = ([1, 0, 0, 1], [2, 0, -1.5, 0.3], [0.1, 0, 3, 20], [1e-3, 0, 0, 1e3], [1.5, 0, 0.2, 0.7])
TRIANGLES_3 = ([1, 0, 0, 0, 1, 0, 0, 0, 1], [2, 0, 0, -1, 0.5, 0, 3, 0.2, 0.1])


def wishart_cases():
    return [
        case(TRIANGLES, degrees=5, factor=[1, 0, 0, 1]),
        case(TRIANGLES, degrees=1.5, factor=[2, 0, 0.5, 0.1]),
        case(TRIANGLES, degrees=300, factor=[0.1, 0, -0.05, 0.2]),
        case(TRIANGLES_3, degrees=3, factor=[1, 0, 0, 0.5, 2, 0, -1, 0.3, 0.4]),
        case(TRIANGLES_3 + ([1, 0, 0, 2, 1, 0, 3, 2, 1],), degrees=7.5, factor=[1, 0, 0, 0, 1, 0, 0, 0, 1]),
    ]


def of_triangle(p, x, inverse):
    """The density of a factor: that of its matrix, times 2^d prod_i L_ii^(d - i + 1)."""
    l, f = matrix(x), matrix(p["factor"])
    d, n = l.rows, p["degrees"]
    w, s = l * l.T, f * f.T
    height = n * d / 2 * LOG(2) + M(d * (d - 1)) / 4 * LOG(mp.pi) + mp.fsum(LG((n - i) / 2) for i in range(d))
    log_w, log_s = LOG(mp.det(w)), LOG(mp.det(s))
    trace = lambda m: mp.fsum(m[i, i] for i in range(d))
    if inverse:
        density = n / 2 * log_s - (n + d + 1) / 2 * log_w - trace(s * w**-1) / 2 - height
    else:
        density = (n - d - 1) / 2 * log_w - n / 2 * log_s - trace(s**-1 * w) / 2 - height
    a, b = [np.array([[float(v) for v in row] for row in m.tolist()]) for m in (w, s)]
    theirs = stats.invwishart if inverse else stats.wishart
    if n > d - 1 and np.linalg.cond(a) < 1e6:
        agree("wishart", "log density", (p, x), float(density), theirs.logpdf(a, float(n), b))
    return density + d * LOG(2) + mp.fsum((d - i) * LOG(l[i, i]) for i in range(d))


@family("wishartCholesky", wishart_cases())
def _(p, x):
    return of_triangle(p, x, False)


@family("inverseWishartCholesky", wishart_cases())
def _(p, x):
    return of_triangle(p, x, True)


def unit_rows(*rows):
    """A Cholesky factor whose rows are in the given directions."""
    n = len(rows)
    scaled = [np.array(r) / np.linalg.norm(r) for r in rows]
    return [float(v) for r in scaled for v in [*r, *[0] * (n - len(r))]]


TWOS = [unit_rows([1], [z, (1 - z * z) ** 0.5]) for z in (0, 0.3, -0.9, 0.9999)]
THREES = [
    unit_rows([1], [0, 1], [0, 0, 1]),
    unit_rows([1], [2, 1], [-1, 3, 1]),
    unit_rows([1], [-1, 1e-3], [5, 1, 1e-4]),
]
FOURS = [unit_rows([1], [1, 1], [1, 2, 1], [3, -2, 0.5, 0.1])]


@family(
    "lkjCholesky",
    [
        case(points, concentration=c, size=n)
        for c in (1, 0.05, 2.5, 1e4)
        for n, points in ((2, TWOS), (3, THREES), (4, FOURS))
    ],
)
def _(p, x):
    """With the normalising constant of Lewandowski, Kurowicka and Joe (2009), section 3.3."""
    n, c = int(p["size"]), p["concentration"]
    log_z = M(0)
    for k in range(1, n):
        log_z += (2 * c - 2 + n - k) * (n - k) * LOG(2)
        log_z += (n - k) * log_beta(c + M(n - k - 1) / 2, c + M(n - k - 1) / 2)
    roots = [x[i * n + i] for i in range(n)]
    return mp.fsum((n - i - 1 + 2 * c - 2) * LOG(r) for i, r in enumerate(roots)) - log_z


@family(
    "delta",
    [case((-1, 0, 1, 2.5, 1e30), value=v) for v in (0, 2.5, 1, -1)],
)
def _(p, x):
    return M(0) if x == p["value"] else -INF, M(1) if x >= p["value"] else M(0)


def rounded(x):
    return [single(v) for v in x] if isinstance(x, (list, tuple)) else single(x)


def exact(x):
    return [M(v) for v in x] if isinstance(x, list) else M(x)


def number(x):
    """JSON has no infinities: null stands for -Infinity, 'Infinity' for the other."""
    x = float(x)
    return None if x == -np.inf else "Infinity" if x == np.inf else x


def log_of(p):
    return number(LOG(p) if p > 0 else -INF)


def log_beyond(cdf, survival=None):
    """log(1 - cdf); "unknown" where the digits do not say."""
    if survival is not None:
        return log_of(survival)
    return log_of(1 - cdf) if 1 - cdf > M(10) ** (20 - mp.mp.dps) else "unknown"


def agree(name, what, at, ours, theirs):
    if np.isfinite(theirs) and abs(ours - theirs) > 1e-8 * max(1, abs(ours)):
        print(f"{name} {at}: {what} {ours} here, {theirs} by SciPy", file=sys.stderr)


lines = []
compared = 0
for name, (f, cases, scipys) in FAMILIES.items():
    rows = []
    for parameters, points in cases:
        p = {k: rounded(v) for k, v in parameters.items()}
        q = {k: exact(v) for k, v in p.items()}
        values = []
        for x in map(rounded, points):
            result = f(q, exact(x))
            density, cdf, *beyond = result if isinstance(result, tuple) else (result, None)
            if scipys is not None:
                frozen = scipys(p)
                log_density = frozen.logpdf if hasattr(frozen.dist, "pdf") else frozen.logpmf
                agree(name, "log density", (p, x), float(density), float(log_density(x)))
                compared += 1
                if cdf is not None:
                    agree(name, "cdf", (p, x), float(cdf), float(frozen.cdf(x)))
            tails = [] if cdf is None else [float(cdf), log_of(cdf), log_beyond(cdf, *beyond)]
            values.append([x, number(density), *tails])
        rows.append(json.dumps({"parameters": p, "points": values}))
    lines.append(f'    "{name}": [\n      ' + ",\n      ".join(rows) + "\n    ]")
print(f"{compared} points compared with SciPy", file=sys.stderr)
about = (
    f"Parameters, then points: value, log density (null: -Infinity), distribution function, its logarithm, that of "
    f"1 - it. "
    f"mpmath {mp.__version__}, 120 digits, compared with SciPy {scipy.__version__}; by densities.py."
)
print(f'{{\n  "about": {json.dumps(about)},\n  "families": {{\n' + ",\n".join(lines) + "\n  }\n}")
