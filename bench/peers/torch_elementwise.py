"""PyTorch: one step of gradient ascent on Bernoulli logits l of bits x, in place, and the sum of the log densities."""
import torch_common
args, torch = torch_common.start()
import torch.nn.functional as F

RATE = 0.001
i = torch.arange(args.sizes.n, dtype=torch.float64)
l, x = (3 * torch.sin(0.37 * i)).float(), (torch.arange(args.sizes.n) % 3 == 0).float()

def ascend(l, x):
    loss = F.binary_cross_entropy_with_logits(l, x, reduction="sum")
    l.add_(x - torch.sigmoid(l), alpha=RATE)
    return loss

checked = {
    "loss": F.binary_cross_entropy_with_logits(l.double(), x.double(), reduction="sum").item(),
    "gradientNorm": (x - torch.sigmoid(l)).double().norm().item(),
}
if args.compile:
    ascend = torch.compile(ascend)

torch_common.serve(torch, args, checked, lambda: ascend(l, x))
