"""stanli: Stan's NUTS at its defaults, one chain. `nuts`: leapfrog steps after warm-up; `effective`: effective draws."""
import common
idle = common.peak()
args = common.arguments()
try:
    import numpy as np
    import stanli
except ImportError as error:
    common.missing(f"pip install stanli numpy ({error})")
import posteriors

code, data = posteriors.stan(args.sizes)
MODEL, seed = stanli.Model(stan_code=code, data=data), 0

def sample(**options):
    global seed
    seed += 1
    return MODEL.sample(**{"chains": 1, "parallel_chains": 1, "seed": seed, "refresh": 0, **options})

position = posteriors.start(MODEL.n_unconstrained)
check = {"gradientNorm": float(np.linalg.norm(MODEL.log_prob_grad(position)[1]))}

if args.workload == "nuts":
    warm = sample(samples=1)
    options = {"warmup": 0, "adapt_engaged": False, "step_size": float(warm.step_size[0]), "inv_metric": warm.inv_metric[0]}
    work = lambda: float(np.sum(sample(samples=1000, **options)["n_leapfrog__"]))
else:
    def work():
        fit = sample(samples=1000)
        return posteriors.least_ess(fit[name] for name in fit.variables)

common.serve_counted(stanli.__version__, 1, idle, check, work, 1 if args.workload == "effective" else 2)
