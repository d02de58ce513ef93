"""PyTorch: a step of gradient descent on a network of three convolutions, pictures and weights with channels last in memory."""
import common, torch_common
args, torch = torch_common.start()
import numpy as np
import torch.nn.functional as F

batch, channels, window = args.sizes.batch, args.sizes.channels, args.sizes.window
SIDE, RATE = 28, 1e-3
LAST = torch.channels_last

def loss(parameters, x):
    for w, b in zip(parameters[::2], parameters[1::2]):
        x = F.relu(F.conv2d(x, w, b, padding="same"))
    return ((x - 1) ** 2).mean()

shapes = []
for ins in (1, channels, channels):
    shapes += [(channels, window, window, ins), (channels,)]
# The fixed weights are [to, rows, columns, from]; PyTorch has them [to, from, rows, columns].
fixed = [
    torch.from_numpy(p.transpose(0, 3, 1, 2).copy()).contiguous(memory_format=LAST) if p.ndim == 4 else torch.from_numpy(p)
    for p in common.parameters(shapes)
]
parameters = [p.requires_grad_() for p in fixed]

def pictures(flat):
    x = torch.from_numpy(np.asarray(flat, np.float32).reshape(-1, 1, SIDE, SIDE))
    return x.contiguous(memory_format=LAST)

value = loss(parameters, pictures(common.images(batch)))
value.backward()
check = {"loss": value.item(), "gradientNorm": torch_common.gradient_norm(parameters)}

def update(x):
    for p in parameters:
        p.grad = None
    value = loss(parameters, x)
    value.backward()
    with torch.no_grad():
        for p in parameters:
            p.sub_(p.grad, alpha=RATE)
    return value

if args.compile:
    loss = torch.compile(loss)

x = pictures(np.random.default_rng(1).random((batch, SIDE * SIDE)) < 0.13)
torch_common.serve(torch, args, check, lambda: update(x))
