"""JAX: steps of HMC, 5 leapfrog steps each, on a one-dimensional normal distribution, one chain, in one loop under jit."""
import common, jax_common
args, jax, jnp = jax_common.start()

MEAN, SD, STEP_SIZE, LEAPFROGS, STEPS = 0.5, 2.0, 0.3, 5, 10_000

def log_density(z):
    return -0.5 * ((z - MEAN) / SD) ** 2

value_and_slope = jax.value_and_grad(log_density)

def transition(z, momentum, u):
    """The next position of the chain, and whether it moved."""
    value, slope = value_and_slope(z)
    start = value - 0.5 * momentum * momentum
    new, p = z, momentum + 0.5 * STEP_SIZE * slope
    for i in range(LEAPFROGS):
        new = new + STEP_SIZE * p
        value, slope = value_and_slope(new)
        p = p + (STEP_SIZE if i < LEAPFROGS - 1 else 0.5 * STEP_SIZE) * slope
    accept = jnp.log(u) < value - 0.5 * p * p - start
    return jnp.where(accept, new, z), accept

def check():
    z, total, moved = jnp.float32(0), 0.0, 0
    once = jax.jit(transition)
    for i in range(50):
        z, accept = once(z, jnp.float32(2) * jnp.sin(jnp.float32(1.3 * i + 0.5)), 1e9 if i % 4 == 0 else 1e-9)
        moved += int(accept)
        total += float(z)
    return {"position": float(z), "mean": total / 50, "moved": moved}

@jax.jit
def run(z, key):
    def step(i, z):
        momentum, u = jax.random.split(jax.random.fold_in(key, i))
        return transition(z, jax.random.normal(momentum), jax.random.uniform(u))[0]
    return jax.lax.fori_loop(0, STEPS, step, z)

z, calls = jnp.float32(0), 0

def step():
    global z, calls
    calls += 1
    z = run(z, jax.random.key(calls)).block_until_ready()

common.serve(jax.__version__, args.threads, args.idle, check(), step, STEPS)
