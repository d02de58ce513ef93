"""PyTorch: one RMSProp step of the variational contrastive divergence (Ruiz and Titsias 2019), 8 iterations of HMC of 5 leapfrog
steps through a decoder of two layers of relu. The gradient of the log density inside HMC is written out by hand, and its value
is computed at the ends of trajectories only: the fastest way we found."""
import math
import common, torch_common
args, torch = torch_common.start()
import torch.nn.functional as F
from torch import nn

BATCH, HIDDEN, LATENTS = args.sizes.batch, args.sizes.hidden, args.sizes.latents
ITERATIONS, LEAPFROGS, STEP_SIZE = 8, 5, 0.05
HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
maybe_compiled = torch.compile if args.compile else (lambda f: f)

def network(*widths):
    layers = [[nn.Linear(n, m), nn.ReLU()] for n, m in zip(widths[:-1], widths[1:])]
    return nn.Sequential(*sum(layers, [])[:-1])

class VCD:
    def __init__(self):
        self.mean = network(common.PIXELS, HIDDEN, HIDDEN, LATENTS)
        self.log_sd = network(common.PIXELS, HIDDEN, HIDDEN, LATENTS)
        self.decoder = network(LATENTS, HIDDEN, HIDDEN, common.PIXELS)
        self.decoding = list(self.decoder.parameters())
        self.parameters = [*self.mean.parameters(), *self.log_sd.parameters(), *self.decoding]
        self.step_size = STEP_SIZE
        self.slope = maybe_compiled(self._slope)
        self.slope_and_value = maybe_compiled(self._slope_and_value)

    def log_joint(self, x, z):
        return (F.logsigmoid((2 * x - 1) * self.decoder(z)).sum(1) - 0.5 * (z * z).sum(1)
                - HALF_LOG_2PI * LATENTS)

    def log_q(self, z, mean, log_sd):
        return -(0.5 * ((z - mean) * torch.exp(-log_sd)) ** 2 + log_sd).sum(1) - HALF_LOG_2PI * LATENTS

    def _forward(self, z):
        w1, b1, w2, b2, w3, b3 = self.decoding
        h1 = torch.relu(torch.addmm(b1, z, w1.t()))
        h2 = torch.relu(torch.addmm(b2, h1, w2.t()))
        return h1, h2, torch.addmm(b3, h2, w3.t())

    def _backward(self, x, z, h1, h2, logits):
        w1, _, w2, _, w3, _ = self.decoding
        g = (x - torch.sigmoid(logits)) @ w3
        g = torch.where(h2 > 0, g, 0.0) @ w2
        g = torch.where(h1 > 0, g, 0.0) @ w1
        return g - z

    def _slope(self, x, z):
        return self._backward(x, z, *self._forward(z))

    def _slope_and_value(self, x, z):
        h1, h2, logits = self._forward(z)
        value = F.logsigmoid((2 * x - 1) * logits).sum(1) - 0.5 * (z * z).sum(1) - HALF_LOG_2PI * LATENTS
        return self._backward(x, z, h1, h2, logits), value

    @torch.no_grad()
    def improve(self, x, z, momenta, uniforms):
        accepted = 0.0
        slope, value = self.slope_and_value(x, z)
        for iteration in range(ITERATIONS):
            p = momenta[iteration]
            start = value - 0.5 * (p * p).sum(1)
            new, new_slope = z, slope
            p = p + 0.5 * self.step_size * new_slope
            for i in range(LEAPFROGS - 1):
                new = new + self.step_size * p
                new_slope = self.slope(x, new)
                p = p + self.step_size * new_slope
            new = new + self.step_size * p
            new_slope, new_value = self.slope_and_value(x, new)
            p = p + 0.5 * self.step_size * new_slope
            accept = torch.log(uniforms[iteration]) < new_value - 0.5 * (p * p).sum(1) - start
            rows = accept[:, None]
            z, slope = torch.where(rows, new, z), torch.where(rows, new_slope, slope)
            value = torch.where(accept, new_value, value)
            accepted += accept.float().mean() / ITERATIONS
        return z, accepted

    def loss(self, x, noise, momenta, uniforms, control):
        """Minus the ELBO with the derivative of the loss, f of each image, the share of proposals that were accepted."""
        mean, log_sd = self.mean(x), self.log_sd(x)
        z0 = torch.addcmul(mean, log_sd.exp(), noise)
        still = z0.detach()
        zt, accepted = self.improve(x, still, momenta, uniforms)
        for p in self.decoding:
            p.requires_grad_(False)
        elbo = self.log_joint(x, z0) - self.log_q(z0, mean, log_sd)
        for p in self.decoding:
            p.requires_grad_(True)
        log_joint, log_q = self.log_joint(x, zt), self.log_q(zt, mean, log_sd)
        f = (log_joint - log_q).detach()
        others = (f - control(f)) * self.log_q(still, mean, log_sd) - log_q - log_joint
        return (others - others.detach() - elbo).mean(), f, accepted

def check():
    vcd = VCD()
    with torch.no_grad():
        fixed = common.parameters([tuple(reversed(p.shape)) for p in vcd.parameters])
        for parameter, value in zip(vcd.parameters, fixed):
            parameter.copy_(torch.from_numpy(value.T))
    draws = torch.from_numpy(common.noise(1 + ITERATIONS, BATCH, LATENTS))
    b = torch.arange(BATCH)
    uniforms = [torch.where((b + i) % 4 == 0, 1e9, 1e-9) for i in range(ITERATIONS)]
    value, _, _ = vcd.loss(torch.from_numpy(common.images(BATCH)), draws[0], draws[1:], uniforms, torch.mean)
    value.backward()
    return {"loss": value.item(), "gradientNorm": torch_common.gradient_norm(vcd.parameters)}

checked = check()
vcd = VCD()
optimiser = torch_common.optimiser(torch, "RMSprop", vcd.parameters, lr=5e-4)
following = torch_common.minibatches(torch, BATCH)
means, seen = torch.zeros(common.ROWS), torch.zeros(common.ROWS, dtype=torch.bool)

def step():
    x, rows = following()
    optimiser.zero_grad(set_to_none=True)
    known, old = seen[rows], means[rows]
    momenta, uniforms = torch.randn(ITERATIONS, BATCH, LATENTS), torch.rand(ITERATIONS, BATCH)
    loss, f, accepted = vcd.loss(x, torch.randn(BATCH, LATENTS), momenta, uniforms,
                                 lambda f: torch.where(known, old, f.mean()))
    loss.backward()
    optimiser.step()
    means[rows] = torch.where(known, 0.9 * old + 0.1 * f, f)
    seen[rows] = True
    vcd.step_size *= math.exp(0.02 * (float(accepted) - 0.9))

torch_common.serve(torch, args, checked, step)
