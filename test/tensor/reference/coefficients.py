"""How the coefficients in src/tensor/special were made: Chebyshev expansions in 60 digits, written in
powers (pip install mpmath).

    python coefficients.py
"""
import mpmath as mp

mp.mp.dps = 60
POINTS = 80


def expansion(f, low, high, degree):
    """The coefficients, lowest power first, of the truncated Chebyshev expansion of f on [low, high]."""
    angles = [mp.pi * (k + mp.mpf(1) / 2) / POINTS for k in range(POINTS)]
    values = [f(low + (high - low) * (mp.cos(t) + 1) / 2) for t in angles]
    halved = lambda j: mp.mpf(1 if j == 0 else 2) / POINTS
    chebyshev = [
        halved(j) * mp.fsum(v * mp.cos(j * t) for v, t in zip(values, angles))
        for j in range(degree + 1)
    ]
    slope, shift = mp.mpf(2) / (high - low), -mp.mpf(low + high) / (high - low)
    times_t = lambda p: [a + b for a, b in zip([shift * c for c in p] + [0], [0] + [slope * c for c in p])]
    polynomials = [[mp.mpf(1)], [shift, slope]]
    while len(polynomials) <= degree:
        doubled = [2 * c for c in times_t(polynomials[-1])]
        polynomials.append([a - b for a, b in zip(doubled, polynomials[-2] + [0, 0])])
    powers = [mp.mpf(0)] * (degree + 1)
    for weight, polynomial in zip(chebyshev, polynomials):
        for power, c in enumerate(polynomial):
            powers[power] += weight * c
    return [float(c) for c in powers]


def mills(t):
    x = 4 * (1 + t) / (1 - t)
    if x < 60:
        return (x + 4) * mp.sqrt(mp.pi / 2) * mp.exp(x * x / 2) * mp.erfc(x / mp.sqrt(2))
    total, term = mp.mpf(0), 1 / x
    for n in range(40):
        total += term
        term *= -(2 * n + 1) / (x * x)
    return (x + 4) * total


def arc(z):
    return mp.atan(mp.sqrt(z)) / mp.sqrt(z)


print("(x + 4) m(x) in powers of (x - 4) / (x + 4):", expansion(mills, -1, 1, 24))
print("atan(x) / x in powers of x^2:", expansion(arc, 0, (mp.sqrt(2) - 1) ** 2, 10))
