/** What a training step computes by each estimator: the same products as by the total derivative. */
import { expect, test } from "vitest";
import { bound, compileAlgorithm, particles, training } from "../../../src/inference/internal.ts";
import { paramStore } from "../../../src/model/index.ts";
import { sgd } from "../../../src/optim/index.ts";
import { AUTOENCODERS, type Estimator } from "../../../src/papers/stl/index.ts";
import { axis, input } from "../../../src/tensor/index.ts";

/** Matrix products of a step of a small importance-weighted autoencoder. */
function products(layers: 1 | 2, gradient: Estimator): number {
  const [image, pixel] = [axis("image", 16), axis("pixel", 128)];
  const { model, guide } = AUTOENCODERS[layers](pixel, { hidden: 64, latents: 16 });
  const parameters = paramStore();
  const data = { x: input("x", [image, pixel]), image, total: 16 };
  const pair = { model, guide, data, parameters, gradient, particles: particles.global(3) };
  const algorithm = training({
    objective: (_, key) => bound({ ...pair, key }),
    parameters,
    optimiser: sgd(0.01),
    seed: 0,
  });
  return compileAlgorithm(algorithm, { backend: "wasm" }).explain().split("product ").length - 1;
}

test("with one layer of latents", () => {
  const total = products(1, "total");
  expect(total).toBeGreaterThan(17);
  for (const gradient of ["path", "pathBlocked", "doublyReparameterised"] as const) {
    expect(products(1, gradient), gradient).toBe(total);
  }
});

test("with two, where the derivative by draws and that by parameters part in the network between them", () => {
  const total = products(2, "total");
  const between = ["q2.1", "q2.2", "q2.mean", "q2.logSd"].length;
  expect(products(2, "path")).toBe(total + between);
  expect(products(2, "doublyReparameterised")).toBe(total + between + 1);
});
