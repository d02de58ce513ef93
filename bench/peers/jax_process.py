"""JAX: the log density of the values of a Gaussian process and its derivatives by scale, lengthscale and noise, in float64."""
import common, jax_common
args, jax, jnp = jax_common.start()
jax.config.update("jax_enable_x64", True)
from jax.scipy.linalg import solve_triangular

n = args.sizes.n
x, y = jnp.arange(n) / 20, jnp.sin(0.37 * jnp.arange(n))

def log_density(theta):
    scale, lengthscale, noise = theta
    k = scale ** 2 * jnp.exp(-0.5 * ((x[:, None] - x) / lengthscale) ** 2) + noise ** 2 * jnp.eye(n)
    l = jnp.linalg.cholesky(k)
    z = solve_triangular(l, y, lower=True)
    return -0.5 * z @ z - jnp.log(jnp.diagonal(l)).sum() - 0.5 * n * jnp.log(2 * jnp.pi)

run = jax.jit(jax.value_and_grad(log_density))
theta = jnp.array([1.2, 0.7, 0.3])
value, slopes = run(theta)
check = {"loss": -float(value), "gradientNorm": float(jnp.linalg.norm(slopes))}
common.serve(jax.__version__, args.threads, args.idle, check, lambda: jax.block_until_ready(run(theta)))
