"""JAX under jit: one RMSProp step of the variational contrastive divergence (Ruiz and Titsias 2019), 8 iterations of HMC of 5
leapfrog steps through a decoder of two layers of relu."""
import math
import common, jax_common
args, jax, jnp = jax_common.start()

BATCH, HIDDEN, LATENTS = args.sizes.batch, args.sizes.hidden, args.sizes.latents
ITERATIONS, LEAPFROGS, STEP_SIZE = 8, 5, 0.05
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

def shapes_of(*widths):
    return sum([[(n, m), (m,)] for n, m in zip(widths[:-1], widths[1:])], [])

ENCODER, DECODER = (common.PIXELS, HIDDEN, HIDDEN, LATENTS), (LATENTS, HIDDEN, HIDDEN, common.PIXELS)
SHAPES = 2 * shapes_of(*ENCODER) + shapes_of(*DECODER)

def network(parameters, x):
    W1, b1, W2, b2, W3, b3 = parameters
    return jax.nn.relu(jax.nn.relu(x @ W1 + b1) @ W2 + b2) @ W3 + b3

def log_joint(decoder, x, z):
    logits = network(decoder, z)
    likelihood = (x * logits - jax.nn.softplus(logits)).sum(1)
    return likelihood - 0.5 * (z * z).sum(1) - HALF_LOG_2PI * LATENTS

def log_q(z, mean, log_sd):
    return -(0.5 * ((z - mean) * jnp.exp(-log_sd)) ** 2 + log_sd).sum(1) - HALF_LOG_2PI * LATENTS

def improve(decoder, x, z, step_size, momenta, uniforms):
    """z after all iterations, and the share of proposals that were accepted."""
    def total(z):
        values = log_joint(decoder, x, z)
        return values.sum(), values
    value_and_slope = jax.value_and_grad(total, has_aux=True)
    slope_at = jax.grad(lambda z: log_joint(decoder, x, z).sum())

    def iterate(state, draws):
        z, slope, value = state
        momentum, u = draws
        start = value - 0.5 * (momentum * momentum).sum(1)
        def leap(_, at):
            new, p, _ = at
            new = new + step_size * p
            slope = slope_at(new)
            return new, p + step_size * slope, slope
        new, p, _ = jax.lax.fori_loop(0, LEAPFROGS - 1, leap, (z, momentum + 0.5 * step_size * slope, slope))
        new = new + step_size * p
        (_, new_value), new_slope = value_and_slope(new)
        p = p + 0.5 * step_size * new_slope
        accept = jnp.log(u) < new_value - 0.5 * (p * p).sum(1) - start
        rows = accept[:, None]
        state = (jnp.where(rows, new, z), jnp.where(rows, new_slope, slope), jnp.where(accept, new_value, value))
        return state, accept.mean()

    (_, value), slope = value_and_slope(z)
    (z, _, _), accepted = jax.lax.scan(iterate, (z, slope, value), (momenta, uniforms))
    return z, accepted.mean()

def objective(parameters, x, step_size, noise, momenta, uniforms, control):
    """Minus the ELBO with the derivative of the loss, f of each image, the share of proposals that were accepted."""
    hold = jax.lax.stop_gradient
    decoder = parameters[12:]
    mean, log_sd = network(parameters[:6], x), network(parameters[6:12], x)
    z0 = mean + jnp.exp(log_sd) * noise
    frozen = [hold(p) for p in decoder]
    zt, accepted = improve(frozen, x, hold(z0), step_size, momenta, uniforms)
    zt = hold(zt)
    elbo = log_joint(frozen, x, z0) - log_q(z0, mean, log_sd)
    joint_at_end, q_at_end = log_joint(decoder, x, zt), log_q(zt, mean, log_sd)
    f = hold(joint_at_end - q_at_end)
    others = (f - control(f)) * log_q(hold(z0), mean, log_sd) - q_at_end - joint_at_end
    return (others - hold(others) - elbo).mean(), (f, accepted)

def update(state, data, order):
    parameters, squares, key, count, step_size, means, seen = state
    key, *keys = jax.random.split(key, 4)
    rows = jax_common.rows_of(jax, order, count, BATCH)
    known, old = seen[rows], means[rows]
    draws = [jax.random.normal(keys[0], (BATCH, LATENTS)), jax.random.normal(keys[1], (ITERATIONS, BATCH, LATENTS)),
             jax.random.uniform(keys[2], (ITERATIONS, BATCH))]
    control = lambda f: jnp.where(known, old, f.mean())
    gradients, (f, accepted) = jax.grad(objective, has_aux=True)(parameters, data[rows], step_size, *draws, control)
    squares = [0.99 * s + 0.01 * g * g for s, g in zip(squares, gradients)]
    parameters = [p - 5e-4 * g / (jnp.sqrt(s) + 1e-8) for p, g, s in zip(parameters, gradients, squares)]
    means = means.at[rows].set(jnp.where(known, 0.9 * old + 0.1 * f, f))
    step_size = step_size * jnp.exp(0.02 * (accepted - 0.9))
    return parameters, squares, key, count + 1, step_size, means, seen.at[rows].set(True)

draws = common.noise(1 + ITERATIONS, BATCH, LATENTS)
certain = jnp.where((jnp.arange(BATCH) + jnp.arange(ITERATIONS)[:, None]) % 4 == 0, 1e9, 1e-9)
fixed_loss = lambda parameters: objective(parameters, common.images(BATCH), STEP_SIZE, draws[0], draws[1:], certain,
                                          jnp.mean)[0]
checked = jax_common.check(jax, fixed_loss, SHAPES)
state = (jax_common.glorot(jax, jax.random.key(0), SHAPES), [jnp.zeros(s) for s in SHAPES], jax.random.key(2), 0,
         jnp.float32(STEP_SIZE), jnp.zeros(common.ROWS), jnp.zeros(common.ROWS, bool))
jax_common.serve(jax, args, checked, update, state, *jax_common.images(jax))
