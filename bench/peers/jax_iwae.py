"""JAX under jit: one Adam step of the importance-weighted autoencoders of Burda et al. (2016), one layer of latents or two;
as `nll` the log likelihood of a few images by 5000 draws, K at a time."""
import math
import common, jax_common
args, jax, jnp = jax_common.start()

BATCH, HIDDEN, LATENTS, K = args.sizes.batch, args.sizes.hidden, args.sizes.latents, args.sizes.k
PIXELS = common.PIXELS
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

def dense(inputs, outputs):
    return [(inputs, outputs), (outputs,)]

def gaussian(inputs, hidden, outputs):
    """Two layers, then mean and log standard deviation."""
    return dense(inputs, hidden) + dense(hidden, hidden) + 2 * dense(hidden, outputs)

def tanhs(parameters, x):
    W1, b1, W2, b2 = parameters
    return jnp.tanh(jnp.tanh(x @ W1 + b1) @ W2 + b2)

def apply_gaussian(parameters, x):
    h = tanhs(parameters[:4], x)
    Wm, bm, Ws, bs = parameters[4:]
    return h @ Wm + bm, h @ Ws + bs

def decode(parameters, z):
    return tanhs(parameters[:4], z) @ parameters[4] + parameters[5]

def log_normal(z, mean, log_sd):
    return -(0.5 * ((z - mean) * jnp.exp(-log_sd)) ** 2 + log_sd).sum(-1) - HALF_LOG_2PI * z.shape[-1]

def log_standard_normal(z):
    return -0.5 * (z * z).sum(-1) - HALF_LOG_2PI * z.shape[-1]

def log_q(noise, log_sd):
    """The log density of mean + sd * noise."""
    return -(0.5 * noise * noise + log_sd).sum(-1) - HALF_LOG_2PI * noise.shape[-1]

def log_bernoulli(x, logits):
    return (x * logits - jax.nn.softplus(logits)).sum(-1)

def one_layer(parameters, x, noise):
    mean, log_sd = apply_gaussian(parameters[:8], x)
    h = mean + jnp.exp(log_sd) * noise
    return log_bernoulli(x, decode(parameters[8:], h)) + log_standard_normal(h) - log_q(noise, log_sd)

def two_layers(parameters, x, noise1, noise2):
    q1, q2, p1, p0 = parameters[:8], parameters[8:16], parameters[16:24], parameters[24:]
    mean1, log_sd1 = apply_gaussian(q1, x)
    h1 = mean1 + jnp.exp(log_sd1) * noise1
    mean2, log_sd2 = apply_gaussian(q2, h1)
    h2 = mean2 + jnp.exp(log_sd2) * noise2
    return (log_bernoulli(x, decode(p0, h1)) + log_normal(h1, *apply_gaussian(p1, h2)) + log_standard_normal(h2)
            - log_q(noise1, log_sd1) - log_q(noise2, log_sd2))

if args.workload in ("iwae-1", "nll"):
    log_weights, noises = one_layer, [LATENTS]
    SHAPES = gaussian(PIXELS, HIDDEN, LATENTS) + dense(LATENTS, HIDDEN) + dense(HIDDEN, HIDDEN) + dense(HIDDEN, PIXELS)
else:
    log_weights, noises = two_layers, [2 * LATENTS, LATENTS]
    SHAPES = (gaussian(PIXELS, HIDDEN, 2 * LATENTS) + gaussian(2 * LATENTS, HIDDEN // 2, LATENTS)
              + gaussian(LATENTS, HIDDEN // 2, 2 * LATENTS)
              + dense(2 * LATENTS, HIDDEN) + dense(HIDDEN, HIDDEN) + dense(HIDDEN, PIXELS))

def loss(parameters, x, *noise):
    weights = log_weights(parameters, x, *noise)
    return -(jax.nn.logsumexp(weights, 0) - math.log(K)).mean()

def update(state, data, order):
    parameters, slots, key, count = state
    key, *keys = jax.random.split(key, 1 + len(noises))
    x = data[jax_common.rows_of(jax, order, count, BATCH)]
    noise = [jax.random.normal(k, (K, BATCH, size)) for k, size in zip(keys, noises)]
    gradients = jax.grad(loss)(parameters, x, *noise)
    parameters, slots = jax_common.adam(jnp, parameters, slots, gradients, count, 0.001, 1e-4)
    return parameters, slots, key, count + 1

def add_chunk(log_sum, parameters, x, noise):
    """The log of the sum of the weights of each image, with those of K more draws."""
    return jnp.logaddexp(log_sum, jax.nn.logsumexp(log_weights(parameters, x, noise), 0))

def check_score():
    """The log likelihoods of the fixed images, added up, by two chunks of fixed draws."""
    log_sum = jnp.full(BATCH, -jnp.inf)
    noises = common.noise(2 * K, BATCH, LATENTS)
    for noise in (noises[:K], noises[K:]):
        log_sum = jax.jit(add_chunk)(log_sum, common.parameters(SHAPES), common.images(BATCH), noise)
    return {"logLikelihood": float((log_sum - math.log(2 * K)).sum())}

def score(state, data):
    """The log likelihoods of the next images, added up."""
    parameters, key, first, total = state
    key, own = jax.random.split(key)
    x = jax.lax.dynamic_slice(data, (first, 0), (BATCH, PIXELS))
    def chunk(log_sum, k):
        noise = jax.random.normal(k, (K, BATCH, LATENTS))
        return add_chunk(log_sum, parameters, x, noise), None
    keys = jax.random.split(own, args.sizes.draws // K)
    log_sum, _ = jax.lax.scan(chunk, jnp.full(BATCH, -jnp.inf), keys)
    total = total + (log_sum - math.log(args.sizes.draws)).sum()
    return parameters, key, (first + BATCH) % common.ROWS, total

fixed_noise = [common.noise(K, BATCH, size) for size in noises]
parameters = jax_common.glorot(jax, jax.random.key(0), SHAPES)
if args.workload == "nll":
    data, _ = jax_common.images(jax)
    jax_common.serve(jax, args, check_score(), score, (parameters, jax.random.key(2), 0, 0.0), data)
else:
    checked = jax_common.check(jax, loss, SHAPES, common.images(BATCH), *fixed_noise)
    zeros = lambda: [jnp.zeros(s) for s in SHAPES]
    state = (parameters, (zeros(), zeros()), jax.random.key(2), 0)
    jax_common.serve(jax, args, checked, update, state, *jax_common.images(jax))
