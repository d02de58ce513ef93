"""What the PyTorch peers share. Import it before torch: it sets the number of threads."""
import common

def start(*flags):
    """Arguments and torch; `--compile` asks for torch.compile."""
    args = common.arguments("--compile", *flags)
    try:
        import torch
    except ModuleNotFoundError:
        common.missing("pip install -r bench/requirements.txt")
    if args.compile and not hasattr(torch, "compile"):
        common.missing(f"torch.compile is part of PyTorch 2; this is {torch.__version__}")
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    args.idle = common.peak()
    return args, torch

def optimiser(torch, name, parameters, **settings):
    """The fastest variant there is: fused since PyTorch 2.4, and else parameter by parameter."""
    kind = getattr(torch.optim, name)
    modern = tuple(int(n) for n in torch.__version__.split(".")[:2]) >= (2, 4)
    fast = {"fused": True} if modern and name != "RMSprop" else {"foreach": False}
    return kind(parameters, **settings, **fast)

def load(torch, parameters, fixed):
    """Copies the fixed values into parameters of the same shapes."""
    with torch.no_grad():
        for parameter, value in zip(parameters, fixed, strict=True):
            parameter.copy_(torch.from_numpy(value))

def gradient_norm(parameters):
    return sum(float(p.grad.double().square().sum()) for p in parameters) ** 0.5

def minibatches(torch, batch):
    """A function that takes the next batch of binary images, one in eight pixels white, in random order."""
    data = (torch.rand(common.ROWS, common.PIXELS) < 0.13).float()
    order, position = torch.randperm(common.ROWS), 0
    def following():
        nonlocal position
        rows = order[position:position + batch]
        position = (position + batch) % (common.ROWS - common.ROWS % batch)
        return data[rows], rows
    return following

def serve(torch, args, check, step, steps=1):
    common.serve(torch.__version__, args.threads, args.idle, check, step, steps)
