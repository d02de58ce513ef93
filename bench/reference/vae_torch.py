"""Trains the VAE of the benchmark on MNIST in PyTorch, for reference, and prints the test ELBO and the importance-weighted
negative log-likelihood as JSON. Reads the IDX .gz files in the folder $SURMISE_DATA/mnist."""
import argparse, gzip, json, os, time
import numpy as np
import torch
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--steps", type=int, default=6000)
parser.add_argument("--optimizer", choices=["adam", "adagrad"], default="adam")
parser.add_argument("--lr", type=float, default=0.001)
args = parser.parse_args()
torch.manual_seed(args.seed)
BATCH, PIXELS, HIDDEN, LATENTS = 100, 784, 500, 20

def images(name):
    with gzip.open(os.path.join(os.environ["SURMISE_DATA"], "mnist", name)) as file:
        return torch.from_numpy(np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, PIXELS).copy())

def binarise(pixels):
    return (255 * torch.rand(pixels.shape) < pixels).float()

class VAE(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(PIXELS, HIDDEN)
        self.mean = torch.nn.Linear(HIDDEN, LATENTS)
        self.log_variance = torch.nn.Linear(HIDDEN, LATENTS)
        self.decoder = torch.nn.Linear(LATENTS, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, PIXELS)
        for layer in self.children():
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)

    def encode(self, x):
        h = torch.tanh(self.encoder(x))
        return self.mean(h), self.log_variance(h)

    def log_likelihood(self, x, z):
        logits = self.output(torch.tanh(self.decoder(z)))
        return (x * logits - F.softplus(logits)).sum(-1)

    def elbo(self, x):
        """ELBO of each image with one sample."""
        mu, lv = self.encode(x)
        z = mu + torch.exp(lv / 2) * torch.randn_like(mu)
        return self.log_likelihood(x, z) + 0.5 * (1 + lv - mu**2 - lv.exp()).sum(-1)

    def importance_weighted(self, x, samples):
        """Importance-weighted estimate of the log-likelihood of one image."""
        mu, lv = self.encode(x)
        noise = torch.randn(samples, LATENTS)
        z = mu + torch.exp(lv / 2) * noise
        log_weights = self.log_likelihood(x, z) + 0.5 * (noise**2 - z**2 + lv).sum(-1)
        return torch.logsumexp(log_weights, 0) - np.log(samples)

train, test = images("train-images-idx3-ubyte.gz"), images("t10k-images-idx3-ubyte.gz")
model = VAE()
optimizer = {"adam": torch.optim.Adam, "adagrad": torch.optim.Adagrad}[args.optimizer](model.parameters(), lr=args.lr)
start = time.perf_counter()
for step in range(args.steps):
    position = step * BATCH % len(train)
    if position == 0:
        order = torch.randperm(len(train))
    x = binarise(train[order[position:position + BATCH]])
    optimizer.zero_grad(set_to_none=True)
    (-model.elbo(x).mean()).backward()
    optimizer.step()
seconds = time.perf_counter() - start

with torch.no_grad():
    x = binarise(test)
    print(json.dumps({
        **vars(args), "seconds": round(seconds, 1),
        "testElbo": model.elbo(x).mean().item(),
        "nll": -sum(model.importance_weighted(image, 500).item() for image in x[:1000]) / 1000,
    }))
