/** The autoencoders of the examples train: after a few steps they explain digits that they have not seen far better. */
import { expect, test } from "vitest";
import { conditional } from "../examples/autoencoders/conditional.ts";
import { convolutional } from "../examples/autoencoders/convolutional.ts";
import { testBound } from "../examples/autoencoders/digits.ts";
import { semiSupervised } from "../examples/autoencoders/semiSupervised.ts";
import { twoLayer } from "../examples/autoencoders/twoLayer.ts";

/** 784 pixels of black or white, each as likely as the other. */
const NOTHING = -784 * Math.LN2;

test.each([
  ["conditional", conditional],
  ["two layers", twoLayer],
  ["convolutional", convolutional],
  ["semi-supervised", semiSupervised],
])("%s", (_, autoencoder) => {
  const length = { train: 500, test: 100 };
  const before = testBound(autoencoder, { ...length, steps: 1 });
  const after = testBound(autoencoder, { ...length, steps: 40 });
  expect(before).toBeGreaterThan(1.3 * NOTHING);
  // Log probabilities are below 0.
  expect(after).toBeLessThan(0);
  expect(after).toBeGreaterThan(0.95 * before);
});
