"""PyTorch: one Adagrad step of the variational autoencoder 784-hidden-latents with one tanh layer each way."""
import common, torch_common
args, torch = torch_common.start()
import torch.nn.functional as F
from torch import nn

BATCH, HIDDEN, LATENTS = args.sizes.batch, args.sizes.hidden, args.sizes.latents

class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(common.PIXELS, HIDDEN)
        self.head = nn.Linear(HIDDEN, 2 * LATENTS)  # mean and log-variance
        self.decoder = nn.Linear(LATENTS, HIDDEN)
        self.output = nn.Linear(HIDDEN, common.PIXELS)

    def forward(self, x, noise):
        """Mean over the batch of the negative ELBO of binary images."""
        mu, lv = self.head(torch.tanh(self.encoder(x))).chunk(2, 1)
        z = torch.addcmul(mu, torch.exp(0.5 * lv), noise)
        logits = self.output(torch.tanh(self.decoder(z)))
        reconstruction = -F.logsigmoid((2 * x - 1) * logits).sum()  # the fewest passes for x in {0, 1}
        kl = -0.5 * (1 + lv - mu * mu - lv.exp()).sum()
        return (reconstruction + kl) / BATCH

def check(model, loss):
    shapes = [(common.PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, LATENTS), (LATENTS,), (HIDDEN, LATENTS), (LATENTS,),
              (LATENTS, HIDDEN), (HIDDEN,), (HIDDEN, common.PIXELS), (common.PIXELS,)]
    W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2 = map(torch.from_numpy, common.parameters(shapes))
    values = [W1.T, b1, torch.cat([Wm, Wv], 1).T, torch.cat([bm, bv]), U1.T, c1, U2.T, c2]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values):
            parameter.copy_(value)
    value = loss(torch.from_numpy(common.images(BATCH)), torch.from_numpy(common.noise(1, BATCH, LATENTS)[0]))
    value.backward()
    return {"loss": value.item(), "gradientNorm": torch_common.gradient_norm(model.parameters())}

fixed = VAE()
checked = check(fixed, torch.compile(fixed) if args.compile else fixed)
model = VAE()
loss = torch.compile(model) if args.compile else model
optimiser = torch_common.optimiser(torch, "Adagrad", model.parameters(), lr=0.01)
following = torch_common.minibatches(torch, BATCH)

def step():
    x, _ = following()
    optimiser.zero_grad(set_to_none=True)
    loss(x, torch.randn(BATCH, LATENTS)).backward()
    optimiser.step()

torch_common.serve(torch, args, checked, step)
