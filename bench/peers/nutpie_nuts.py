"""nutpie: NUTS at its defaults on PyMC's density, compiled by Numba, one chain. `effective`: effective draws."""
import common
idle = common.peak()
args = common.arguments()
try:
    import numpy as np, nutpie, pymc
except ImportError as error:
    common.missing(f"pip install 'nutpie[pymc]' ({error})")
import posteriors

model, seed = posteriors.pymc_model(args.sizes), 0
point = model.initial_point()
sizes = [np.size(x) for x in point.values()]
parts = np.split(posteriors.start(sum(sizes)), np.cumsum(sizes)[:-1])
position = {name: np.reshape(x, np.shape(point[name])) for name, x in zip(point, parts)}
check = {"gradientNorm": float(np.linalg.norm(model.compile_dlogp()(position)))}
compiled = nutpie.compile_pymc_model(model)

def work():
    global seed
    seed += 1
    trace = nutpie.sample(compiled, draws=1000, tune=1000, chains=1, cores=1, seed=seed, progress_bar=False)
    return posteriors.least_ess(x.values for x in trace.posterior.data_vars.values())

common.serve_counted(nutpie.__version__, 1, idle, check, work, 1)
