"""JAX under jit: one Adam step of massively parallel reweighted wake-sleep on the MovieLens model of bench/README.md, wake-phase
q, |z - mu|^2 by a matrix product."""
import math
import common, jax_common
args, jax, jnp = jax_common.start()
import numpy as np

USERS, FILMS, GENRES, K = args.sizes.users, args.sizes.films, args.sizes.genres, args.sizes.K
LEVELS = 5
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
SHAPES = [(GENRES,), (GENRES,), (LEVELS,), (USERS, GENRES), (USERS, GENRES)]

u, f, g = np.arange(USERS)[:, None, None], np.arange(FILMS)[:, None], np.arange(GENRES)
films = jnp.asarray((3 * u + 5 * f + 7 * g + (u * g) % 13) % 5 == 0, "float32")
u, f = np.arange(USERS)[:, None], np.arange(FILMS)
signs = jnp.asarray(np.where((u + f + (u * f) % 7) % 2 == 0, 1, -1), "float32")

def log_normal(x, mean, log_sd):
    return -(0.5 * ((x - mean) * jnp.exp(-log_sd)) ** 2 + log_sd).sum(-1) - HALF_LOG_2PI * GENRES

def loss(q, mu, psi, z):
    mu_mean, mu_log_sd, psi_logits, z_mean, z_log_sd = q
    logits = jnp.einsum("kug,ufg->kuf", z, films)
    z_term = jax.nn.log_sigmoid(logits * signs).sum(-1) - log_normal(z, z_mean, z_log_sd)          # [Kz, users]
    distance = (z * z).sum(-1)[:, None] - 2 * jnp.einsum("kug,mg->kmu", z, mu) + (mu * mu).sum(-1)[:, None]
    scale = (-0.5 * jnp.exp(-psi.astype("float32")))[:, None]
    weights = z_term[:, None, None] + scale * distance[:, :, None]                                 # [Kz, Kmu, Kpsi, users]
    total = jax.nn.logsumexp(weights, 0).sum(-1)
    total = total - USERS * (0.5 * GENRES * psi.astype("float32") + GENRES * HALF_LOG_2PI + math.log(K))
    mu_term = -0.5 * (mu * mu).sum(-1) - HALF_LOG_2PI * GENRES - log_normal(mu, mu_mean, mu_log_sd)
    psi_term = -math.log(LEVELS) - jax.nn.log_softmax(psi_logits)
    return 2 * math.log(K) - jax.nn.logsumexp(total + mu_term[:, None] + psi_term[psi])

def update(state):
    q, slots, key, count = state
    mu_mean, mu_log_sd, psi_logits, z_mean, z_log_sd = q
    key, for_mu, for_psi, for_z = jax.random.split(key, 4)
    mu = mu_mean + jnp.exp(mu_log_sd) * jax.random.normal(for_mu, (K, GENRES))
    psi = jax.random.categorical(for_psi, psi_logits, shape=(K,))
    z = z_mean + jnp.exp(z_log_sd) * jax.random.normal(for_z, (K, USERS, GENRES))
    gradients = jax.grad(loss)(q, mu, psi, z)
    q, slots = jax_common.adam(jnp, q, slots, gradients, count, 0.001, 1e-8)
    return q, slots, key, count + 1

fixed = (common.noise(1, K, GENRES)[0], (2 * np.arange(K) + 1) % LEVELS, common.noise(K, USERS, GENRES))
checked = jax_common.check(jax, loss, SHAPES, *fixed)
zeros = lambda: [jnp.zeros(s) for s in SHAPES]
jax_common.serve(jax, args, checked, update, (zeros(), (zeros(), zeros()), jax.random.key(0), 0))
