"""NumPy and SciPy on the OpenBLAS they bring along, in float64: Cholesky factors, and the log density of a normal with its
derivative by the covariance, by hand: a single matrix by LAPACK's potrf, potrs and potri, many by NumPy's loops over them."""
import common
args = common.arguments()
try:
    import numpy as np, scipy
    from scipy.linalg import lapack
except ModuleNotFoundError:
    common.missing("pip install -r bench/requirements.txt")
idle = common.peak()

n, batch = args.sizes.n, args.sizes.batch
i, b = np.arange(n), np.arange(batch)
a = 1 / (1.0 + abs(i[:, None] - i)) + np.eye(n) * (1 + b / batch)[:, None, None]
y = np.sin(0.37 * i + b[:, None])

def lower_gradient(inverse, alpha):
    """Of the elements of the lower triangle, each of which below the diagonal stands for two."""
    slope = np.tril(alpha[..., :, None] * alpha[..., None, :] - inverse)
    slope[..., i, i] *= 0.5
    return slope

def single(a, y):
    l = lapack.dpotrf(a.T, lower=1)[0]
    alpha = lapack.dpotrs(l, y, lower=1)[0]
    log_density = -0.5 * y @ alpha - np.log(l.diagonal()).sum()
    return log_density, lower_gradient(lapack.dpotri(l, lower=1)[0], alpha)

def many(a, y):
    l = np.linalg.cholesky(a)
    right = np.linalg.inv(l)
    z = (right @ y[..., None])[..., 0]
    log_density = -0.5 * (z * z).sum() - np.log(l[:, i, i]).sum()
    left = right.transpose(0, 2, 1)
    return log_density, lower_gradient(left @ right, (left @ z[..., None])[..., 0])

if args.workload == "cholesky":
    l = np.linalg.cholesky(a)
    checked = {"logDeterminant": float(np.log(l[:, i, i]).sum()), "norm": float(np.linalg.norm(l))}
    columns = np.asfortranarray(a[0])
    step = (lambda: np.linalg.cholesky(a)) if batch > 1 else (lambda: lapack.dpotrf(columns, lower=1))
else:
    step = (lambda: many(a, y)) if batch > 1 else (lambda: single(a[0], y[0]))
    value, slope = step()
    checked = {"loss": -float(value), "gradientNorm": float(np.linalg.norm(slope))}

common.serve(f"{np.__version__}, scipy {scipy.__version__}", args.threads, idle, checked, step)
