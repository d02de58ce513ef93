"""PyTorch: one Adam step of massively parallel reweighted wake-sleep on the MovieLens model of bench/README.md, wake-phase q.
|z - mu|^2 is a matrix product, over chunks of users that fit the cache, or over all users at once with --compile.
--psi5 does this for the 5 distinct values of psi instead of its K draws, and gathers: same value and gradient.
--naive broadcasts torch.distributions, K x K x K x users x genres values at once."""
import math
import common, torch_common
args, torch = torch_common.start("--psi5", "--naive")
import numpy as np
import torch.nn.functional as F
from torch.distributions import Bernoulli, Normal

USERS, FILMS, GENRES, K = args.sizes.users, args.sizes.films, args.sizes.genres, args.sizes.K
LEVELS = 5
CHUNK = 250_000  # elements: a megabyte
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

u, f, g = np.arange(USERS)[:, None, None], np.arange(FILMS)[:, None], np.arange(GENRES)
films = torch.from_numpy(((3 * u + 5 * f + 7 * g + (u * g) % 13) % 5 == 0).astype(np.float32))
u, f = np.arange(USERS)[:, None], np.arange(FILMS)
signs = torch.from_numpy(np.where((u + f + (u * f) % 7) % 2 == 0, 1, -1).astype(np.float32))

def guide():
    """Mean and log standard deviation of mu, logits of psi, mean and log standard deviation of z."""
    shapes = [(GENRES,), (GENRES,), (LEVELS,), (USERS, GENRES), (USERS, GENRES)]
    return shapes, [torch.zeros(shape, requires_grad=True) for shape in shapes]

def log_normal(x, mean, log_sd):
    return -(0.5 * ((x - mean) * torch.exp(-log_sd)) ** 2 + log_sd).sum(-1) - HALF_LOG_2PI * GENRES

def finish(per_mu_and_psi, q, mu, psi):
    mu_mean, mu_log_sd, psi_logits, _, _ = q
    mu_term = -0.5 * (mu * mu).sum(-1) - HALF_LOG_2PI * GENRES - log_normal(mu, mu_mean, mu_log_sd)
    psi_term = -math.log(LEVELS) - psi_logits.log_softmax(0)
    total = per_mu_and_psi + mu_term[:, None] + psi_term[psi]
    return 2 * math.log(K) - torch.logsumexp(total.view(-1), 0)

def matrix(q, mu, psi, z, users_at_once, distinct):
    _, _, _, z_mean, z_log_sd = q
    levels = torch.arange(LEVELS) if distinct else psi
    ratings = F.logsigmoid(torch.matmul(z.transpose(0, 1), films.transpose(1, 2)) * signs[:, None]).sum(-1).t()
    z_term = ratings - log_normal(z, z_mean, z_log_sd)                                             # [Kz, users]
    distance = (z * z).sum(-1)[:, None] - 2 * torch.matmul(mu, z.transpose(1, 2)) + (mu * mu).sum(-1)[:, None]
    scale = (-0.5 * torch.exp(-levels.float()))[:, None]                                           # [Kpsi, 1]
    total = 0
    for i in range(0, USERS, users_at_once):
        part = slice(i, i + users_at_once)
        weights = torch.addcmul(z_term[:, None, None, part], scale, distance[:, :, None, part])    # [Kz, Kmu, Kpsi, users]
        total = total + torch.logsumexp(weights, 0).sum(-1)
    total = total - USERS * (0.5 * GENRES * levels.float() + GENRES * HALF_LOG_2PI + math.log(K))
    return finish(total[:, psi] if distinct else total, q, mu, psi)

def naive(q, mu, psi, z):
    _, _, _, z_mean, z_log_sd = q
    log_q = Normal(z_mean, z_log_sd.exp(), validate_args=False).log_prob(z).sum(-1)
    logits = (z[:, :, None] * films).sum(-1)
    ratings = Bernoulli(logits=logits, validate_args=False).log_prob((signs > 0).float()).sum(-1)
    sd = torch.exp(0.5 * psi.float())[None, :, None, None, None]
    prior = Normal(mu[:, None, None, None], sd, validate_args=False).log_prob(z).sum(-1)           # [Kmu, Kpsi, Kz, users]
    per_user = torch.logsumexp(prior + (ratings - log_q), 2) - math.log(K)
    return finish(per_user.sum(-1), q, mu, psi)

def at_once(levels):
    return max(1, min(USERS, CHUNK // (levels * K * K)))

def loss(q, mu, psi, z):
    if args.naive:
        return naive(q, mu, psi, z)
    if args.psi5:
        return matrix(q, mu, psi, z, at_once(LEVELS), True)
    return matrix(q, mu, psi, z, USERS if args.compile else at_once(K), False)

if args.compile:
    loss = torch.compile(loss)

def check():
    shapes, q = guide()
    torch_common.load(torch, q, common.parameters(shapes))
    mu = torch.from_numpy(common.noise(1, K, GENRES)[0])
    psi = (2 * torch.arange(K) + 1) % LEVELS
    value = loss(q, mu, psi, torch.from_numpy(common.noise(K, USERS, GENRES)))
    value.backward()
    return {"loss": value.item(), "gradientNorm": torch_common.gradient_norm(q)}

checked = check()
_, q = guide()
optimiser = torch_common.optimiser(torch, "Adam", q, lr=0.001)

def draw():
    mu_mean, mu_log_sd, psi_logits, z_mean, z_log_sd = q
    with torch.no_grad():
        mu = mu_mean + mu_log_sd.exp() * torch.randn(K, GENRES)
        psi = torch.multinomial(psi_logits.softmax(0), K, replacement=True)
        return mu, psi, z_mean + z_log_sd.exp() * torch.randn(K, USERS, GENRES)

def step():
    optimiser.zero_grad(set_to_none=True)
    loss(q, *draw()).backward()
    optimiser.step()

torch_common.serve(torch, args, checked, step)
