"""JAX under jit: one step of gradient ascent on Bernoulli logits l of bits x, in place, and the sum of the log densities."""
import jax_common
args, jax, jnp = jax_common.start()
import numpy as np

RATE = 0.001
l = jnp.asarray(3 * np.sin(0.37 * np.arange(args.sizes.n)), "float32")
x = jnp.asarray(np.arange(args.sizes.n) % 3 == 0, "float32")

def loss_and_slope(l, x):
    return jnp.sum(jax.nn.softplus(l) - x * l), x - jax.nn.sigmoid(l)

def ascend(state, x):
    loss, slope = loss_and_slope(state[0], x)
    return state[0] + RATE * slope, loss

loss, slope = jax.jit(loss_and_slope)(l, x)
checked = {"loss": float(loss), "gradientNorm": float(jnp.linalg.norm(slope))}
jax_common.serve(jax, args, checked, ascend, (l, loss), x)
