/** Results in the terminal. */
import type { Metrics, Picture } from "../problems/index.ts";
import { colorWanted, printImages } from "./terminal/picture.ts";
import { printTable } from "./terminal/table.ts";

/** The final numbers as a table. */
export function formatMetrics(
  { train, test }: Metrics,
  samplesPerSecond: number,
  draws: number,
): string {
  return printTable(
    ["nats per image", "train", "test"],
    [
      ["bound (ELBO)", train.elbo.toFixed(2), test.elbo.toFixed(2)],
      [`negative log-likelihood, ${draws} draws`, "", test.nll.toFixed(2)],
      ["images per second, training", Math.round(samplesPerSecond), ""],
    ],
  );
}

/** Images side by side, as wide as the terminal allows. */
export function formatPictures(
  images: readonly (Uint8Array | Picture)[],
  { height, width }: { readonly height: number; readonly width: number },
  columns: number,
): string {
  return printImages(images, {
    height,
    width,
    columns,
    maxColumns: process.stdout.columns ?? 80,
    color: colorWanted(),
  });
}
