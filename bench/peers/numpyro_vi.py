"""NumPyro's AutoMultivariateNormal on a model of posteriordb, as bench/README.md tells of `race`. Prints one line of JSON."""
import argparse, json, math, os, time
import common
parser = argparse.ArgumentParser()
parser.add_argument("--folder", required=True, help="of posteriordb, with <model>/data.json")
parser.add_argument("--model", required=True)
parser.add_argument("--optimizer", default="adam", choices=["adam", "dowg"])
parser.add_argument("--steps", type=int, default=20000)
parser.add_argument("--every", type=int, default=250)
parser.add_argument("--seconds", type=float, default=60)
parser.add_argument("--seed", type=int, default=0)

DRAWS = 2000
os.environ["JAX_PLATFORMS"] = "cpu"
try:
    import jax, numpyro
except ImportError as error:
    common.missing(f"pip install numpyro ({error})")
jax.config.update("jax_enable_x64", True)
import jax.numpy as jnp, numpy as np, numpyro.distributions as dist
from jax.flatten_util import ravel_pytree
from numpyro import deterministic, factor, plate, sample
from numpyro.distributions import constraints
from numpyro.infer import Predictive, SVI, Trace_ELBO
from numpyro.infer.autoguide import AutoMultivariateNormal

POSITIVE = dist.ImproperUniform(constraints.positive, (), ())

def regression(y, columns, spread=POSITIVE):
    x = np.stack(np.broadcast_arrays(*[np.asarray(c, float) for c in columns], y)[:-1], axis=1)
    def model():
        beta = sample("beta", dist.ImproperUniform(constraints.real_vector, (), (x.shape[1],)))
        sigma = sample("sigma", spread)
        sample("y", dist.Normal(x @ beta, sigma), obs=y)
    return model

def schools(d, centred):
    y, error = d["y"], d["sigma"]
    def model():
        mu = sample("mu", dist.Normal(0, 5))
        tau = sample("tau", dist.HalfCauchy(5))
        with plate("school", len(y)):
            if centred:
                theta = sample("theta", dist.Normal(mu, tau))
            else:
                theta = deterministic("theta", mu + tau * sample("eta", dist.Normal(0, 1)))
            sample("y", dist.Normal(theta, error), obs=y)
    return model

def autoregression(d):
    y, k = d["y"], d["K"]
    before = np.stack([y[k - lag:len(y) - lag] for lag in range(1, k + 1)], axis=1)
    def model():
        alpha = sample("alpha", dist.Normal(0, 10))
        beta = sample("beta", dist.Normal(0, 10).expand([k]).to_event(1))
        sigma = sample("sigma", dist.HalfCauchy(2.5))
        sample("y", dist.Normal(alpha + before @ beta, sigma), obs=y[k:])
    return model

def garch(d):
    y, first = d["y"], float(d["sigma1"]) ** 2
    def model():
        mu = sample("mu", dist.ImproperUniform(constraints.real, (), ()))
        alpha0 = sample("alpha0", POSITIVE)
        alpha1 = sample("alpha1", dist.Uniform(0, 1))
        # Automatic guides want bounds that are constant: beta1 as a share of its interval, flat as it is.
        share = sample("share", dist.Uniform(0, 1))
        beta1 = deterministic("beta1", share * (1 - alpha1))
        factor("interval", jnp.log1p(-alpha1))
        def step(s2, r2):
            return alpha0 + alpha1 * r2 + beta1 * s2, s2
        _, s2 = jax.lax.scan(step, jnp.asarray(first), jnp.square(y - mu))
        sample("y", dist.Normal(mu, jnp.sqrt(s2)), obs=y)
    return model

def nes(d):
    ages = [d["age_discrete"] == age for age in (2, 3, 4)]
    return regression(d["partyid7"], [1, d["real_ideo"], d["race_adj"], *ages, d["educ1"], d["gender"], d["income"]])

def mesquite(d):
    sizes = ["diam1", "diam2", "canopy_height", "total_height", "density"]
    return regression(np.log(d["weight"]), [1, *[np.log(d[name]) for name in sizes], d["group"]])

MODELS = {
    "arK-arK": autoregression,
    "earnings-logearn_height": lambda d: regression(np.log(d["earn"]), [1, d["height"]]),
    "eight_schools-eight_schools_centered": lambda d: schools(d, True),
    "eight_schools-eight_schools_noncentered": lambda d: schools(d, False),
    "garch-garch11": garch,
    "kidiq-kidscore_interaction": lambda d: regression(
        d["kid_score"], [1, d["mom_hs"], d["mom_iq"], d["mom_hs"] * d["mom_iq"]], dist.HalfCauchy(2.5)),
    "kidiq-kidscore_momiq": lambda d: regression(d["kid_score"], [1, d["mom_iq"]], dist.HalfCauchy(2.5)),
    "mesquite-logmesquite": mesquite,
    "nes1980-nes": nes,
}

def load(folder, name):
    """The model of that name, given its data."""
    with open(os.path.join(folder, name, "data.json")) as file:
        read = json.load(file)
    return MODELS[name]({key: np.asarray(x, float) if isinstance(x, list) else x for key, x in read.items()})

class Averaged(numpyro.optim._NumPyroOptim):
    """DoWG (arXiv 2305.16284, algorithm 1) with r0 = 1e-6 (1 + |x0|), and the iterates averaged by weights of 9 / (t + 8)."""
    def __init__(self):
        super().__init__(lambda: (self.start, self.move, lambda state: state[0]))

    def start(self, x):
        r = 1e-6 * (1 + jnp.linalg.norm(ravel_pytree(x)[0]))
        return x, x, x, r, jnp.zeros_like(r)

    def move(self, i, g, state):
        x, x0, mean, r, v = state
        away = ravel_pytree(x)[0] - ravel_pytree(x0)[0]
        r = jnp.maximum(r, jnp.linalg.norm(away))
        v = v + r ** 2 * jnp.sum(ravel_pytree(g)[0] ** 2)
        x = jax.tree.map(lambda x, g: x - r ** 2 / jnp.sqrt(v) * g, x, g)
        mean = jax.tree.map(lambda m, x: m + 9 / (i + 9) * (x - m), mean, x)
        return x, x0, mean, r, v

OPTIMIZERS = {
    "adam": (lambda: numpyro.optim.Adam(0.01), lambda svi, state: svi.get_params(state)),
    "dowg": (Averaged, lambda svi, state: svi.constrain_fn(state.optim_state[1][2])),
}

def race(model, args):
    """Trains, and stops now and then for the moments; their time is not counted."""
    optimizer, parameters_of = OPTIMIZERS[args.optimizer]
    started = time.perf_counter()
    guide = AutoMultivariateNormal(model)
    svi = SVI(model, guide, optimizer(), Trace_ELBO())
    state = svi.init(jax.random.key(args.seed))
    advance = lambda state: jax.lax.scan(lambda s, _: (svi.stable_update(s)[0], None), state, None, length=args.every)[0]
    advance = jax.jit(advance).lower(state).compile()
    compiling = time.perf_counter() - started

    @jax.jit
    def moments(state, key):
        draws = guide.sample_posterior(key, parameters_of(svi, state), sample_shape=(DRAWS,))
        values = {**draws, **Predictive(model, draws)(key)}
        return {name: (x.mean(0), x.std(0, ddof=1)) for name, x in values.items() if name != "y"}

    def elements(moments):
        number = lambda x: float(x) if math.isfinite(x) else None
        for name, (mean, sd) in moments.items():
            if np.ndim(mean) == 0:
                yield name, (number(mean), number(sd))
            else:
                for i, pair in enumerate(zip(mean, sd)):
                    yield f"{name}[{i}]", tuple(map(number, pair))

    seconds, checkpoints = 0, []
    for steps in range(args.every, args.steps + 1, args.every):
        before = time.perf_counter()
        state = jax.block_until_ready(advance(state))
        seconds += time.perf_counter() - before
        found = dict(elements(jax.device_get(moments(state, jax.random.key(steps)))))
        checkpoints.append({"steps": steps, "seconds": seconds, "moments": found})
        if seconds > args.seconds:
            break
    return {"version": numpyro.__version__, "compileSeconds": compiling, "checkpoints": checkpoints}

if __name__ == "__main__":
    args = parser.parse_args()
    common.say(race(load(args.folder, args.model), args))
