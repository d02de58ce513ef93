"""Writes check.json: loss and gradient norm of the VAE step at the fixed parameters, images and noise of bench/README.md,
in float64 NumPy with the gradient written out by hand."""
import json, os
import numpy as np

BATCH, PIXELS, HIDDEN, LATENTS = 100, 784, 500, 20
shapes = [(PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, LATENTS), (LATENTS,), (HIDDEN, LATENTS), (LATENTS,),
          (LATENTS, HIDDEN), (HIDDEN,), (HIDDEN, PIXELS), (PIXELS,)]

def single(values):
    return values.astype(np.float32).astype(np.float64)

W1, b1, Wm, bm, Wv, bv, U1, c1, U2, c2 = [
    single(0.1 * np.sin(0.37 * np.arange(np.prod(shape)) + p)).reshape(shape) for p, shape in enumerate(shapes)]
b = np.arange(BATCH)[:, None]
j = np.arange(PIXELS)[None, :]
x = ((7 * b + 3 * j + (b * j) % 11) % 5 == 0).astype(np.float64)
eps = single(np.sin(1.3 * b + 0.7 * np.arange(LATENTS)[None, :]))

h = np.tanh(x @ W1 + b1)
mu, lv = h @ Wm + bm, h @ Wv + bv
sd = np.exp(lv / 2)
z = mu + sd * eps
g = np.tanh(z @ U1 + c1)
logits = g @ U2 + c2
kl = -0.5 * np.sum(1 + lv - mu**2 - sd**2)
loss = (np.sum(np.logaddexp(0, logits) - x * logits) + kl) / BATCH

d_logits = (1 / (1 + np.exp(-logits)) - x) / BATCH
d_g = d_logits @ U2.T * (1 - g**2)
d_z = d_g @ U1.T
d_mu = d_z + mu / BATCH
d_lv = d_z * eps * sd / 2 + 0.5 * (sd**2 - 1) / BATCH
d_h = (d_mu @ Wm.T + d_lv @ Wv.T) * (1 - h**2)
gradients = [x.T @ d_h, d_h.sum(0), h.T @ d_mu, d_mu.sum(0), h.T @ d_lv, d_lv.sum(0),
             z.T @ d_g, d_g.sum(0), g.T @ d_logits, d_logits.sum(0)]
norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))

with open(os.path.join(os.path.dirname(__file__), "check.json"), "w") as file:
    json.dump({"batch": BATCH, "hidden": HIDDEN, "latents": LATENTS, "loss": loss, "gradientNorm": norm}, file, indent=2)
    file.write("\n")
