/** What the cells of all experiments have in common. */
import type { CellConfig, CellResult } from "../../../experiments/index.ts";

/** What is trained by. */
export const METHODS = {
  aevb: "AEVB",
  wakeSleep: "wake-sleep",
  mcem: "MCEM",
  fullVb: "full variational Bayes",
} as const;

/** A key of `METHODS`. */
export type Method = keyof typeof METHODS;

/** What a curve tells of training and test images, in nats per image. */
export const JUDGES = {
  bound: "lower bound",
  evidence: "log marginal likelihood",
} as const;

/** A key of `JUDGES`. */
export type Judge = keyof typeof JUDGES;

/** The data sets: handwritten digits in black and white, grey faces. */
export const DATA = { mnist: "MNIST", frey: "Frey faces" } as const;

/** A key of `DATA`. */
export type DataName = keyof typeof DATA;

/** A cell: one training. */
export interface AevbConfig extends CellConfig {
  /** Which experiment it belongs to. */
  readonly experiment: "rates" | "fig2" | "fig3" | "manifolds" | "full-vb";
  /** What is trained by. */
  readonly method: Method;
  /** The data set. */
  readonly data: DataName;
  /** How many of its training images there are, the first ones. */
  readonly trainImages: number;
  /** Elements of a code. */
  readonly latents: number;
  /** Hidden units of each network. */
  readonly hidden: number;
  /** Adagrad's. */
  readonly rate: number;
  /** Training images seen, each as often as it is. */
  readonly samples: number;
  /** Points of the curve, the last of them at the end. */
  readonly points: number;
  /** What the curve tells. */
  readonly judge: Judge;
  /** Of how many training and how many test images, the first ones. */
  readonly judged: number;
}

/** The result. */
export interface AevbResult extends CellResult {
  /** Of training images, in nats per image. */
  readonly train: number;
  /** Of test images, in nats per image. */
  readonly test: number;
  /** The objective of the last steps, with all that is known of the weights, in nats per training image. */
  readonly objective: number;
  /** The plane of two latents, decoded. */
  readonly manifold?: Manifold;
}

/** Images on a grid. */
export interface Manifold {
  /** Images in a row, and rows. */
  readonly side: number;
  /** Of an image, in pixels. */
  readonly height: number;
  /** Of an image, in pixels. */
  readonly width: number;
  /** A byte for each pixel, image by image, as base64. */
  readonly images: string;
}
