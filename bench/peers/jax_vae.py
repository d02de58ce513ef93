"""JAX under jit: one Adagrad step of the variational autoencoder 784-hidden-latents with one tanh layer each way."""
import common, jax_common
args, jax, jnp = jax_common.start()

BATCH, HIDDEN, LATENTS = args.sizes.batch, args.sizes.hidden, args.sizes.latents
SHAPES = [(common.PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, LATENTS), (LATENTS,), (HIDDEN, LATENTS), (LATENTS,),
          (LATENTS, HIDDEN), (HIDDEN,), (HIDDEN, common.PIXELS), (common.PIXELS,)]

def loss(parameters, x, noise):
    """Mean over the batch of the negative ELBO of binary images."""
    W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2 = parameters
    h = jnp.tanh(x @ W1 + b1)
    mu, lv = h @ Wm + bm, h @ Wv + bv
    z = mu + jnp.exp(0.5 * lv) * noise
    logits = jnp.tanh(z @ U1 + c1) @ U2 + c2
    reconstruction = jnp.sum(jax.nn.softplus(logits) - x * logits)
    kl = -0.5 * jnp.sum(1 + lv - mu * mu - jnp.exp(lv))
    return (reconstruction + kl) / BATCH

def update(state, data, order):
    parameters, squares, key, count = state
    key, now = jax.random.split(key)
    x = data[jax_common.rows_of(jax, order, count, BATCH)]
    gradients = jax.grad(loss)(parameters, x, jax.random.normal(now, (BATCH, LATENTS)))
    squares = [s + g * g for s, g in zip(squares, gradients)]
    parameters = [p - 0.01 * g / (jnp.sqrt(s) + 1e-10) for p, g, s in zip(parameters, gradients, squares)]
    return parameters, squares, key, count + 1

checked = jax_common.check(jax, loss, SHAPES, common.images(BATCH), common.noise(1, BATCH, LATENTS)[0])
parameters = jax_common.glorot(jax, jax.random.key(0), SHAPES)
state = (parameters, [jnp.zeros(s) for s in SHAPES], jax.random.key(2), 0)
jax_common.serve(jax, args, checked, update, state, *jax_common.images(jax))
