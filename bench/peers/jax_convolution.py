"""JAX: a step of gradient descent on a network of three convolutions, channels last, the whole step under jit."""
import common, jax_common
args, jax, jnp = jax_common.start()
from jax import lax
import numpy as np

batch, channels, window = args.sizes.batch, args.sizes.channels, args.sizes.window
SIDE, RATE = 28, 1e-3

def loss(parameters, x):
    for w, b in zip(parameters[::2], parameters[1::2]):
        x = lax.conv_general_dilated(x, w, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC"))
        x = jax.nn.relu(x + b)
    return ((x - 1) ** 2).mean()

shapes = []
for ins in (1, channels, channels):
    shapes += [(channels, window, window, ins), (channels,)]
# The fixed weights are [to, rows, columns, from]; JAX has them [rows, columns, from, to].
fixed = [jnp.asarray(p.transpose(1, 2, 3, 0) if p.ndim == 4 else p) for p in common.parameters(shapes)]
pictures = lambda flat: jnp.asarray(np.asarray(flat, np.float32).reshape(-1, SIDE, SIDE, 1))
value, gradients = jax.jit(jax.value_and_grad(loss))(fixed, pictures(common.images(batch)))
norm = sum(np.square(np.asarray(g, np.float64)).sum() for g in gradients) ** 0.5
check = {"loss": float(value), "gradientNorm": float(norm)}

def update(parameters, x):
    return [p - RATE * g for p, g in zip(parameters, jax.grad(loss)(parameters, x))]

x = pictures(np.random.default_rng(1).random((batch, SIDE * SIDE)) < 0.13)
jax_common.serve(jax, args, check, update, fixed, x)
