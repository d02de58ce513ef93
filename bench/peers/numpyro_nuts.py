"""NumPyro: NUTS at its defaults in float64. `nuts`: leapfrog steps of one chain after warm-up; `effective`: effective draws of
one chain; `chains`: draws of vectorised chains after warm-up."""
import common, jax_common
args, jax, jnp = jax_common.start()
jax.config.update("jax_enable_x64", True)
try:
    import numpy as np, numpyro
except ImportError as error:
    common.missing(f"pip install numpyro ({error})")
import posteriors
from jax.flatten_util import ravel_pytree
from numpyro.infer import MCMC, NUTS
from numpyro.infer.util import initialize_model

MODEL, seed = posteriors.numpyro_model(args.sizes), 0

def key():
    global seed
    seed += 1
    return jax.random.key(seed)

info = initialize_model(key(), MODEL)
# In the order of the model, which is not that of the names.
names = sorted(info.param_info.z, key=list(info.model_trace).index)
sizes = [np.size(info.param_info.z[name]) for name in names]
parts = np.split(posteriors.start(sum(sizes)), np.cumsum(sizes)[:-1])
position = {name: jnp.reshape(x, np.shape(info.param_info.z[name])) for name, x in zip(names, parts)}
gradient = ravel_pytree(jax.grad(info.potential_fn)(position))[0]
check = {"gradientNorm": float(jnp.linalg.norm(gradient))}

def sampler(warmup, draws, chains=1):
    return MCMC(NUTS(MODEL), num_warmup=warmup, num_samples=draws, num_chains=chains,
                chain_method="vectorized" if chains > 1 else "sequential", progress_bar=False)

if args.workload == "effective":
    mcmc = sampler(1000, 1000)
    def work():
        mcmc.run(key())
        return posteriors.least_ess(jax.block_until_ready(mcmc.get_samples()).values())
else:
    chains = getattr(args.sizes, "chains", 1)
    warmup, draws = (300, 100) if args.workload == "chains" else (1000, 1000)
    mcmc = sampler(warmup, draws, chains)
    mcmc.warmup(key())
    mcmc.post_warmup_state = mcmc.last_state
    def work():
        mcmc.run(key(), extra_fields=("num_steps",))
        steps = np.asarray(mcmc.get_extra_fields()["num_steps"])
        return steps.size if args.workload == "chains" else float(steps.sum())

common.serve_counted(numpyro.__version__, args.threads, args.idle, check, work, 1 if args.workload == "effective" else 2)
