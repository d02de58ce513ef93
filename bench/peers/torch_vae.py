"""PyTorch, eager: one Adam step of the VAE, or one matrix product, served by the line protocol of bench/README.md."""
import argparse, json, os, sys, time

parser = argparse.ArgumentParser()
parser.add_argument("--workload", choices=["vae", "gemm"], default="vae")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=100)
parser.add_argument("--hidden", type=int, default=500)
parser.add_argument("--latents", type=int, default=20)
args = parser.parse_args()
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = str(args.threads)

def say(message):
    print(json.dumps(message), flush=True)

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ModuleNotFoundError:
    say({"missing": "pip install -r bench/requirements.txt"})
    sys.exit(0)

PIXELS, ROWS, LEARNING_RATE = 784, 10000, 0.001
BATCH, HIDDEN, LATENTS = args.batch, args.hidden, args.latents
torch.set_num_threads(args.threads)

class VAE(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = torch.nn.Linear(PIXELS, HIDDEN)
        self.head = torch.nn.Linear(HIDDEN, 2 * LATENTS)  # mean and log-variance
        self.decoder = torch.nn.Linear(LATENTS, HIDDEN)
        self.output = torch.nn.Linear(HIDDEN, PIXELS)
        for layer in self.children():
            torch.nn.init.xavier_uniform_(layer.weight)
            torch.nn.init.zeros_(layer.bias)

    def forward(self, x, noise):
        """Mean over the batch of the negative ELBO of binary images."""
        mu, lv = self.head(torch.tanh(self.encoder(x))).chunk(2, 1)
        z = torch.addcmul(mu, torch.exp(0.5 * lv), noise)
        logits = self.output(torch.tanh(self.decoder(z)))
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = -0.5 * (1 + lv - mu * mu - lv.exp()).sum()
        return (reconstruction + kl) / BATCH

def check():
    """Loss and gradient norm at the fixed parameters, images and noise."""
    shapes = [(PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, LATENTS), (LATENTS,), (HIDDEN, LATENTS), (LATENTS,),
              (LATENTS, HIDDEN), (HIDDEN,), (HIDDEN, PIXELS), (PIXELS,)]
    W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2 = [
        torch.from_numpy((0.1 * np.sin(0.37 * np.arange(np.prod(shape)) + p)).astype(np.float32).reshape(shape))
        for p, shape in enumerate(shapes)]
    b, j = np.arange(BATCH)[:, None], np.arange(PIXELS)[None, :]
    x = torch.from_numpy(((7 * b + 3 * j + (b * j) % 11) % 5 == 0).astype(np.float32))
    noise = torch.from_numpy(np.sin(1.3 * b + 0.7 * np.arange(LATENTS)[None, :]).astype(np.float32))
    model = VAE()
    layers = [(model.encoder, W1, b1), (model.head, torch.cat([Wm, Wv], 1), torch.cat([bm, bv])),
              (model.decoder, U1, c1), (model.output, U2, c2)]
    with torch.no_grad():
        for layer, weight, bias in layers:
            layer.weight.copy_(weight.T)
            layer.bias.copy_(bias)
    loss = model(x, noise)
    loss.backward()
    norm = sum(float(p.grad.double().square().sum()) for p in model.parameters()) ** 0.5
    result = {"loss": loss.item(), "gradientNorm": norm}
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "check.json")) as file:
        reference = json.load(file)
    if (reference["batch"], reference["hidden"], reference["latents"]) == (BATCH, HIDDEN, LATENTS):
        for key, value in result.items():
            assert abs(value / reference[key] - 1) < 1e-4, f"{key} is {value}, expected {reference[key]}"
    return result

def vae():
    checked = check()
    pixels = torch.where(torch.rand(ROWS, PIXELS) < 0.2, torch.randint(256, (ROWS, PIXELS)), 0).to(torch.uint8)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, fused=True)
    order, position = torch.randperm(ROWS), 0
    def step():
        nonlocal order, position
        if position + BATCH > ROWS:
            order, position = torch.randperm(ROWS), 0
        rows = pixels[order[position:position + BATCH]]
        position += BATCH
        x = (255 * torch.rand(rows.shape) < rows).float()
        optimizer.zero_grad(set_to_none=True)
        model(x, torch.randn(BATCH, LATENTS)).backward()
        optimizer.step()
    return step, checked

def gemm():
    a, b = torch.rand(BATCH, PIXELS), torch.rand(PIXELS, HIDDEN)
    return lambda: a @ b, None

step, checked = gemm() if args.workload == "gemm" else vae()

def run(seconds, least):
    start, steps = time.perf_counter(), 0
    while steps < least or time.perf_counter() - start < seconds:
        step()
        steps += 1
    return {"ms": (time.perf_counter() - start) / steps * 1e3, "steps": steps}

run(0.3, 3)
ready = {"ready": True, "version": torch.__version__, "threads": args.threads}
say({**ready, "check": checked} if checked else ready)
for line in sys.stdin:
    request = json.loads(line)
    if request.get("quit"):
        break
    say(run(request["run"]["seconds"], 2))
