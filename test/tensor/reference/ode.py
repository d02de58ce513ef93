"""Solutions of differential equations, with their derivatives by initial values and parameters, by mpmath's Taylor series
method at 30 digits, rounded to doubles; each is compared with SciPy's integrators.

    pip install mpmath scipy
    python ode.py > ode.json && npx biome format --write ode.json
"""
import json
import sys

import mpmath as mp
import numpy as np
from scipy.integrate import solve_ivp

mp.mp.dps = 30


def lotka_volterra(y, p):
    (u, v), (a, b, c, d) = y, p
    jacobian = [[a - b * v, -b * u], [d * v, -c + d * u]]
    by_parameters = [[u, -u * v, 0, 0], [0, 0, -v, u * v]]
    return [u * (a - b * v), v * (-c + d * u)], jacobian, by_parameters


def michaelis_menten(y, p):
    """Absorption at a rate ka from a depot, elimination vmax c / (km + c)."""
    (g, c), (ka, vmax, km) = y, p
    jacobian = [[-ka, 0], [ka, -vmax * km / (km + c) ** 2]]
    by_parameters = [[-g, 0, 0], [g, -c / (km + c), vmax * c / (km + c) ** 2]]
    return [-ka * g, ka * g - vmax * c / (km + c)], jacobian, by_parameters


def robertson(y, p):
    (a, b, c), (k1, k2, k3) = y, p
    r = [-k1 * a + k2 * b * c, k1 * a - k2 * b * c - k3 * b * b, k3 * b * b]
    j = [[-k1, k2 * c, k2 * b], [k1, -k2 * c - 2 * k3 * b, -k2 * b], [0, 2 * k3 * b, 0]]
    return r, j, [[-a, b * c, 0], [a, -b * c, -b * b], [0, 0, b * b]]


def extended(model, n, m, number):
    """The state, followed by its derivatives: of component i in direction d at n + i (n + m) + d."""

    def rates(_, z):
        y, s = z[:n], [z[n + i * (n + m): n + (i + 1) * (n + m)] for i in range(n)]
        r, j, b = model(y, number)
        out = list(r)
        for i in range(n):
            for d in range(n + m):
                own = b[i][d - n] if d >= n else 0
                out.append(sum(j[i][k] * s[k][d] for k in range(n)) + own)
        return out

    return rates


def solve(name, model, start, parameters, times, exact=True):
    n, m = len(start), len(parameters)
    begin = [1.0 if i == d else 0.0 for i in range(n) for d in range(n + m)]
    z0 = list(start) + begin
    found = solve_ivp(extended(model, n, m, parameters), (0, times[-1]), z0, method="DOP853" if exact else "Radau",
                      t_eval=times, rtol=1e-13 if exact else 1e-12, atol=1e-14 if exact else 1e-15).y.T
    values = found
    if exact:
        f = mp.odefun(extended(model, n, m, [mp.mpf(p) for p in parameters]), 0, [mp.mpf(z) for z in z0], tol=mp.mpf(10) ** -22)
        values = np.array([[float(x) for x in f(t)] for t in times])
        print(name, "SciPy is off by", abs(values - found).max(), file=sys.stderr)
    return {"initial": start, "parameters": parameters, "times": times,
            "values": values[:, :n].ravel().tolist(), "slopes": values[:, n:].ravel().tolist()}


print(json.dumps({
    "lotkaVolterra": solve("lotkaVolterra", lotka_volterra, [10.0, 5.0], [0.6, 0.03, 0.8, 0.02], [1.0, 2.5, 7.0, 20.0]),
    "michaelisMenten": solve("michaelisMenten", michaelis_menten, [10.0, 0.0], [2.5, 1.2, 0.05], [0.1, 0.5, 2.0, 5.0, 12.0]),
    "robertson": solve("robertson", robertson, [1.0, 0.0, 0.0], [0.04, 1e4, 3e7], [0.4, 4.0, 40.0, 400.0], exact=False),
}, indent=1))
