"""JAX under jit: the product of two matrices."""
import common, jax_common
args, jax, jnp = jax_common.start()
import numpy as np

def operand(rows, columns, p):
    """Entry i is (1 + sin(0.37 i + p)) / 2."""
    return jnp.asarray(0.5 * (1 + np.sin(0.37 * np.arange(rows * columns) + p)), "float32").reshape(rows, columns)

a, b = operand(args.sizes.m, args.sizes.k, 0), operand(args.sizes.k, args.sizes.n, 1)
multiply = jax.jit(jnp.matmul)
c = np.asarray(multiply(a, b), np.float64)
checked = {"sum": float(c.sum()), "norm": float(np.linalg.norm(c))}
common.serve(jax.__version__, args.threads, args.idle, checked, lambda: multiply(a, b).block_until_ready())
