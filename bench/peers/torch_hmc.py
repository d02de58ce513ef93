"""PyTorch: one step of HMC, 5 leapfrog steps, on a one-dimensional normal distribution, one chain. The derivative by autograd;
`--by-hand` writes it out; `--compile` compiles a step of that kind."""
import torch_common
args, torch = torch_common.start("--by-hand")

MEAN, SD, STEP_SIZE, LEAPFROGS = 0.5, 2.0, 0.3, 5
BY_HAND = args.by_hand or args.compile

def by_hand(z):
    d = (z - MEAN) / SD
    return (-0.5 * d * d).sum(), -d / SD

def by_autograd(z):
    z = z.detach().requires_grad_()
    d = (z - MEAN) / SD
    value = (-0.5 * d * d).sum()
    slope, = torch.autograd.grad(value, z)
    return value.detach(), slope

value_and_slope = by_hand if BY_HAND else by_autograd

def transition(z, momentum, u):
    """The next position of the chain, and whether it moved."""
    value, slope = value_and_slope(z)
    start = value - 0.5 * (momentum * momentum).sum()
    new, p = z, momentum + 0.5 * STEP_SIZE * slope
    for i in range(LEAPFROGS):
        new = new + STEP_SIZE * p
        value, slope = value_and_slope(new)
        p = p + (STEP_SIZE if i < LEAPFROGS - 1 else 0.5 * STEP_SIZE) * slope
    accept = torch.log(u) < value - 0.5 * (p * p).sum() - start
    return torch.where(accept, new, z), accept

if args.compile:
    transition = torch.compile(transition)

def check():
    z, total, moved = torch.zeros(1), 0.0, 0
    for i in range(50):
        momentum = 2 * torch.sin(torch.tensor([1.3 * i + 0.5]))
        z, accept = transition(z, momentum, torch.tensor([1e9 if i % 4 == 0 else 1e-9]))
        moved += int(accept)
        total += float(z)
    return {"position": float(z), "mean": total / 50, "moved": moved}

z = torch.zeros(1)

def step():
    global z
    z, _ = transition(z, torch.randn(1), torch.rand(1))

with torch.set_grad_enabled(not BY_HAND):
    torch_common.serve(torch, args, check(), step)
