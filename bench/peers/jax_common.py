"""What the JAX peers share."""
import os
import common

def start():
    """Arguments, jax and jax.numpy. XLA has as many threads as the process may use processors."""
    args = common.arguments()
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        if args.threads < len(allowed):
            os.sched_setaffinity(0, allowed[:args.threads])
    os.environ["JAX_PLATFORMS"] = "cpu"
    try:
        import jax
    except ModuleNotFoundError:
        common.missing("pip install -r bench/requirements.txt")
    import jax.numpy as jnp
    args.idle = common.peak()
    return args, jax, jnp

def check(jax, loss, shapes, *inputs):
    """Loss and gradient norm at the fixed parameters."""
    import numpy as np
    value, gradients = jax.jit(jax.value_and_grad(loss))(common.parameters(shapes), *inputs)
    norm = sum(np.square(np.asarray(g, np.float64)).sum() for g in gradients) ** 0.5
    return {"loss": float(value), "gradientNorm": float(norm)}

def glorot(jax, key, shapes):
    """Matrices by Glorot's rule, and zero vectors."""
    keys = jax.random.split(key, len(shapes))
    start = jax.nn.initializers.glorot_uniform()
    return [start(k, s) if len(s) == 2 else jax.numpy.zeros(s) for k, s in zip(keys, shapes)]

def images(jax):
    """Binary images to train on, one in eight pixels white, and a random order."""
    pixels, order = jax.random.split(jax.random.key(1))
    data = jax.random.bernoulli(pixels, 0.13, (common.ROWS, common.PIXELS)).astype("float32")
    return data, jax.random.permutation(order, common.ROWS)

def rows_of(jax, order, count, batch):
    """The rows of minibatch `count`."""
    return jax.lax.dynamic_slice(order, (count * batch % (common.ROWS - common.ROWS % batch),), (batch,))

def adam(jnp, parameters, slots, gradients, count, rate, epsilon):
    """One step of Adam; `slots` are pairs of lists."""
    t = count + 1.0
    means = [0.9 * m + 0.1 * g for m, g in zip(slots[0], gradients)]
    squares = [0.999 * v + 0.001 * g * g for v, g in zip(slots[1], gradients)]
    size, spread = rate / (1 - 0.9 ** t), 1 / jnp.sqrt(1 - 0.999 ** t)
    moved = [p - size * m / (jnp.sqrt(v) * spread + epsilon) for p, m, v in zip(parameters, means, squares)]
    return moved, (means, squares)

STEPS = 4

def serve(jax, args, check, update, state, *constants):
    """Serves the training step `update`, a function of a state and constants that gives the next state. As in a training
    loop some steps are under way before one waits for them."""
    compiled = jax.jit(update, donate_argnums=0)
    def step():
        nonlocal state
        for _ in range(STEPS):
            state = compiled(state, *constants)
        jax.block_until_ready(state)
    common.serve(jax.__version__, args.threads, args.idle, check, step, STEPS)
