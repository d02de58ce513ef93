"""Values of the special functions in src/tensor/special at 40 digits, rounded (pip install mpmath).

    python special.py > special.json && npx biome format --write special.json
"""
import json
import mpmath as mp

mp.mp.dps = 40
M = mp.mpf


def mills(x):
    return mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))


def cdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def quantile(log_p):
    p = mp.exp(log_p)
    start = mp.sqrt(-2 * log_p) if p < M("0.01") else M(0)
    if p < M("0.01"):
        start = -mp.sqrt(-2 * log_p - mp.log(2 * mp.pi * -2 * log_p))
    elif p > M("0.99"):
        start = M(2.5)
    return mp.findroot(lambda z: mp.log(cdf(z)) - log_p, start)


def density_slope(a, z):
    """-(dF/da) / (z f(z)) by differences at 40 digits."""
    with mp.workdps(60):
        step = a * M(10) ** -18
        tail = (z, mp.inf) if z > a else (0, z)
        sign = -1 if z > a else 1
        rise = sign * mp.gammainc(a + step, *tail, regularized=True)
        fall = sign * mp.gammainc(a - step, *tail, regularized=True)
        z_times_f = mp.exp(a * mp.log(z) - z - mp.loggamma(a))
        return -(rise - fall) / (2 * step) / z_times_f


def beta_cdf(a, b, x):
    if x < a / (a + b):
        return mp.betainc(a, b, 0, x, regularized=True)
    return 1 - mp.betainc(b, a, 0, 1 - x, regularized=True)


def von_mises(k, t):
    scale = 1 / mp.sqrt(1 + k)
    stops = sorted({M(0), *[min(t, scale * c) for c in (1, 3, 6, 12)], t})
    total = mp.quad(lambda s: mp.exp(k * (mp.cos(s) - 1)), stops)
    return total / (2 * mp.pi * mp.besseli(0, k) * mp.exp(-k))


def von_mises_slope(k, t):
    with mp.workdps(60):
        step = max(k, M(1) / 10) * M(10) ** -15
        f = mp.exp(k * (mp.cos(t) - 1)) / (2 * mp.pi * mp.besseli(0, k) * mp.exp(-k))
        return -(von_mises(k + step, t) - von_mises(k - step, t)) / (2 * step) / f


FUNCTIONS = {
    "atan": (mp.atan, [(x,) for x in (-1e9, -3, -1, -0.4, 0, 1e-9, 0.1, 0.41, 0.42, 0.9, 1.1, 2.4, 50)]),
    "log1mExp": (lambda x: mp.log1p(-mp.exp(-x)) if x > 1 else mp.log(-mp.expm1(-x)), [(x,) for x in (1e-12, 0.1, 0.69, 0.7, 3, 40, 700)]),
    "expm1Quotient": (lambda x: mp.expm1(x) / x if x != 0 else M(1), [(x,) for x in (-1e9, -40, -2, -1.9, -1e-9, 0, 1e-3, 1.9, 2, 40, 700)]),
    "log1pSquare": (
        lambda x, a: mp.log1p((x / a) ** 2),
        [(-1e-09, 1), (0, 1), (0.3, 1), (-3, 4), (1, 1.5), (-1, 1), (1.5, 1), (40, 1), (1e+200, 3), (-1e-300, 1e+20), (-1e+09, 2000)],
    ),
    "logSigmoid": (lambda x: -mp.log1p(mp.exp(-x)), [(x,) for x in (-800, -3, 0, 5, 60)]),
    "millsRatio": (mills, [(x,) for x in (0, 1e-3, 0.5, 1, 2, 3.9, 4.1, 7, 20, 1e3, 1e8)]),
    "normalCdf": (cdf, [(x,) for x in (-37, -12, -5, -1, -1e-9, 0, 0.3, 2, 6, 9)]),
    "logNormalCdf": (lambda x: mp.log1p(-cdf(-x)) if x > 0 else mp.log(cdf(x)), [(x,) for x in (-1e5, -37, -12, -1, 0, 0.3, 2, 6, 9, 30)]),
    "normalQuantileOfLog": (
        quantile,
        [(x,) for x in (-2000, -700, -100, -25, -5, -2.5, -0.7, -0.5, -0.08, -0.07, -1e-3, -1e-9)],
    ),
    "logRising": (
        lambda x, n: mp.loggamma(x + n) - mp.loggamma(x),
        [(1e-3, 2), (0.5, 0.5), (3, 4), (7.9, 1e6), (8, 0.5), (20, 7), (1e4, 1e4), (1e9, 3), (1e15, 0.5)],
    ),
    "logBeta": (
        lambda a, b: mp.log(mp.beta(a, b)),
        [(1e-3, 1e-3), (0.5, 0.5), (1, 1), (3, 200), (1e5, 2e5), (1e12, 0.3), (4, 1e9)],
    ),
    "logChoose": (
        lambda n, k: mp.log(mp.binomial(n, k)),
        [(5, 0), (5, 5), (5, 2), (130, 40), (1e6, 5e5), (1e9, 3)],
    ),
    "gammaProbability": (
        lambda a, x: mp.gammainc(a, 0, x, regularized=True),
        [
            (a, a * r)
            for a in (1e-3, 0.1, 0.5, 1, 3, 20, 300, 1e5)
            for r in (1e-3, 0.3, 0.9, 0.999, 1, 1.002, 1.3, 4)
            if not (a > 1e4 and not 0.99 < r < 1.01)
        ],
    ),
    "gammaQuantileSlope": (
        density_slope,
        [
            (a, a * r)
            for a in (1e-3, 0.1, 0.5, 1, 3, 20, 300)
            for r in (1e-6, 0.3, 0.9, 0.999, 1, 1.002, 1.3, 4)
        ],
    ),
    "betaProbability": (
        beta_cdf,
        [
            (a, b, x)
            for a in (0.01, 0.5, 1, 4, 100)
            for b in (0.01, 0.6, 2, 30, 1000)
            for x in (1e-8, 0.01, 0.3, 0.6, 0.98)
        ],
    ),
    "logBesselI0Scaled": (
        lambda k: mp.log(mp.besseli(0, k)) - k,
        [(k,) for k in (0, 1e-3, 0.5, 2, 10, 100, 1e4, 1e7)],
    ),
    "circularVariance": (
        lambda k: 1 - mp.besseli(1, k) / mp.besseli(0, k),
        [(k,) for k in (0, 1e-3, 0.5, 2, 10, 100, 1e4, 1e7)],
    ),
    "vonMisesProbability": (
        von_mises,
        [(k, t) for k in (1e-3, 0.5, 3, 50, 1e4) for t in (1e-3, 0.02, 0.5, 1.5, 3.1)],
    ),
    "vonMisesQuantileSlope": (
        von_mises_slope,
        [(k, t) for k in (1e-3, 0.5, 3, 20) for t in (1e-3, 0.02, 0.5, 1.5, 3.1)],
    ),
}

points = {
    name: [[*map(float, at), float(f(*map(M, at)))] for at in places]
    for name, (f, places) in FUNCTIONS.items()
}
about = f"Arguments, then the value: mpmath {mp.__version__}, 40 digits, by special.py."
lines = [
    f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(p)}" for p in rows) + "\n  ]"
    for name, rows in points.items()
]
print("{\n" + f'  "about": {json.dumps(about)},\n' + ",\n".join(lines) + "\n}")
