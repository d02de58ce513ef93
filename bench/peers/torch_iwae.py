"""PyTorch: one Adam step of the importance-weighted autoencoders of Burda et al. (2016), one layer of latents or two;
as `nll` the log likelihood of a few images by 5000 draws, K at a time."""
import math
import common, torch_common
args, torch = torch_common.start()
import torch.nn.functional as F
from torch import nn

BATCH, HIDDEN, LATENTS, K = args.sizes.batch, args.sizes.hidden, args.sizes.latents, args.sizes.k
PIXELS = common.PIXELS
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)

def tanhs(*widths):
    layers = [[nn.Linear(n, m), nn.Tanh()] for n, m in zip(widths[:-1], widths[1:])]
    return nn.Sequential(*sum(layers, []))

class Gaussian(nn.Module):
    """Mean and log standard deviation by two layers of tanh and one more."""
    def __init__(self, inputs, hidden, outputs):
        super().__init__()
        self.body = tanhs(inputs, hidden, hidden)
        self.head = nn.Linear(hidden, 2 * outputs)

    def forward(self, x):
        return self.head(self.body(x)).chunk(2, -1)

def log_normal(z, mean, log_sd):
    return -(0.5 * ((z - mean) * torch.exp(-log_sd)) ** 2 + log_sd).sum(-1) - HALF_LOG_2PI * z.shape[-1]

def log_standard_normal(z):
    return -0.5 * (z * z).sum(-1) - HALF_LOG_2PI * z.shape[-1]

def log_q(noise, log_sd):
    """The log density of mean + sd * noise."""
    return -(0.5 * noise * noise + log_sd).sum(-1) - HALF_LOG_2PI * noise.shape[-1]

def log_bernoulli(x, logits):
    return F.logsigmoid((2 * x - 1) * logits).sum(-1)

class OneLayer(nn.Module):
    noises = [LATENTS]

    def __init__(self):
        super().__init__()
        self.q = Gaussian(PIXELS, HIDDEN, LATENTS)
        self.p = nn.Sequential(tanhs(LATENTS, HIDDEN, HIDDEN), nn.Linear(HIDDEN, PIXELS))

    def log_weights(self, x, noise):
        mean, log_sd = self.q(x)
        h = torch.addcmul(mean, log_sd.exp(), noise)
        return log_bernoulli(x, self.p(h)) + log_standard_normal(h) - log_q(noise, log_sd)

class TwoLayers(nn.Module):
    noises = [2 * LATENTS, LATENTS]

    def __init__(self):
        super().__init__()
        self.q1 = Gaussian(PIXELS, HIDDEN, 2 * LATENTS)
        self.q2 = Gaussian(2 * LATENTS, HIDDEN // 2, LATENTS)
        self.p1 = Gaussian(LATENTS, HIDDEN // 2, 2 * LATENTS)
        self.p0 = nn.Sequential(tanhs(2 * LATENTS, HIDDEN, HIDDEN), nn.Linear(HIDDEN, PIXELS))

    def log_weights(self, x, noise1, noise2):
        mean1, log_sd1 = self.q1(x)
        h1 = torch.addcmul(mean1, log_sd1.exp(), noise1)
        mean2, log_sd2 = self.q2(h1)
        h2 = torch.addcmul(mean2, log_sd2.exp(), noise2)
        return (log_bernoulli(x, self.p0(h1)) + log_normal(h1, *self.p1(h2)) + log_standard_normal(h2)
                - log_q(noise1, log_sd1) - log_q(noise2, log_sd2))

Network = TwoLayers if args.workload == "iwae-2" else OneLayer

def log_mean(model, x, noise):
    """The log of the mean weight of each image."""
    return torch.logsumexp(model.log_weights(x, *noise), 0) - math.log(K)

def compiled(function):
    return torch.compile(function) if args.compile else function

def loss_of(model):
    return compiled(lambda x, *noise: -log_mean(model, x, noise).mean())

def fixed_model():
    """The fixed values have a layer each for mean and log standard deviation; here they are one."""
    model = Network()
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    heads = [layer.head for layer in model.children() if isinstance(layer, Gaussian)]
    shapes = []
    for layer in layers:
        parts = 2 if layer in heads else 1
        width = layer.out_features // parts
        shapes += parts * [(layer.in_features, width), (width,)]
    fixed = map(torch.from_numpy, common.parameters(shapes))
    with torch.no_grad():
        for layer in layers:
            parts = [(next(fixed), next(fixed)) for _ in range(2 if layer in heads else 1)]
            layer.weight.copy_(torch.cat([weight for weight, _ in parts], 1).T)
            layer.bias.copy_(torch.cat([bias for _, bias in parts]))
    return model

def log_mean_of_chunks(log_means):
    """The log of the mean weight of each image over all chunks."""
    return torch.stack(log_means).logsumexp(0) - math.log(len(log_means))

def check_score():
    """The log likelihoods of the fixed images, added up, by two chunks of fixed draws."""
    model, x = fixed_model(), torch.from_numpy(common.images(BATCH))
    chunks = torch.from_numpy(common.noise(2 * K, BATCH, model.noises[0])).split(K)
    with torch.no_grad():
        return {"logLikelihood": log_mean_of_chunks([log_mean(model, x, [noise]) for noise in chunks]).sum().item()}

def check():
    model = fixed_model()
    noise = [torch.from_numpy(common.noise(K, BATCH, size)) for size in model.noises]
    value = loss_of(model)(torch.from_numpy(common.images(BATCH)), *noise)
    value.backward()
    return {"loss": value.item(), "gradientNorm": torch_common.gradient_norm(model.parameters())}

checked = check_score() if args.workload == "nll" else check()
model = Network()
following = torch_common.minibatches(torch, BATCH)

def draw_noise():
    return [torch.randn(K, BATCH, size) for size in model.noises]

def train():
    x, _ = following()
    optimiser.zero_grad(set_to_none=True)
    loss(x, *draw_noise()).backward()
    optimiser.step()

def score():
    """The mean log likelihood of the next images."""
    x, _ = following()
    chunks = args.sizes.draws // K
    with torch.no_grad():
        return log_mean_of_chunks([log_likelihood(x, *draw_noise()) for _ in range(chunks)]).mean()

if args.workload == "nll":
    log_likelihood = compiled(lambda x, *noise: log_mean(model, x, noise))
    torch_common.serve(torch, args, checked, score)
else:
    loss = loss_of(model)
    optimiser = torch_common.optimiser(torch, "Adam", model.parameters(), lr=0.001, eps=1e-4)
    torch_common.serve(torch, args, checked, train)
