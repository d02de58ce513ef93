"""B-splines and natural cubic splines of SciPy at a few places, in doubles.

    pip install scipy
    python splines.py > splines.json && npx biome format --write splines.json
"""
import json
import numpy as np
import scipy
from scipy.interpolate import BSpline, CubicSpline

knots = [0.0, 0.4, 1.5, 2.0, 3.7]
x = np.array([-0.7, 0.0, 0.1, 0.4, 0.9, 1.5, 1.99, 2.6, 3.7, 4.2])
out = {"from": f"scipy {scipy.__version__}", "knots": knots, "x": x.tolist(), "bSplines": {}, "slopes": {}}
for degree in (1, 2, 3):
    t = np.r_[[knots[0]] * degree, knots, [knots[-1]] * degree]
    n = len(t) - degree - 1
    f = [BSpline(t, np.eye(n)[i], degree) for i in range(n)]
    out["bSplines"][degree] = np.array([b(x) for b in f]).T.ravel().tolist()
    out["slopes"][degree] = np.array([b.derivative()(x) for b in f]).T.ravel().tolist()
natural = CubicSpline(knots, np.eye(5), bc_type="natural")
inside = natural(np.clip(x, 0, 3.7))
slope = natural(np.clip(x, 0, 3.7), 1)
out["natural"] = (inside + slope * (x - np.clip(x, 0, 3.7))[:, None]).ravel().tolist()
sample = np.array([3.0, 1.0, 2.0, 2.0, 7.0, 5.5])
out["quantiles"] = np.quantile(sample, np.linspace(0, 1, 4)).tolist()
print(json.dumps(out, indent=1))
