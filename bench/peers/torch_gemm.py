"""PyTorch: the product of two matrices into a third."""
import torch_common
args, torch = torch_common.start()

def operand(rows, columns, p):
    """Entry i is (1 + sin(0.37 i + p)) / 2."""
    i = torch.arange(rows * columns, dtype=torch.float64)
    return (0.5 * (1 + torch.sin(0.37 * i + p))).float().view(rows, columns)

a, b = operand(args.sizes.m, args.sizes.k, 0), operand(args.sizes.k, args.sizes.n, 1)
c = a @ b
checked = {"sum": c.double().sum().item(), "norm": c.double().norm().item()}
multiply = torch.compile(torch.mm) if args.compile else (lambda a, b: torch.mm(a, b, out=c))

torch_common.serve(torch, args, checked, lambda: multiply(a, b))
