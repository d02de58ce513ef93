/** Models of images as a kind of problem. */
import { createHash } from "node:crypto";
import type { ImageDataset } from "../../data/index.ts";
import { runFiles } from "../../runs/index.ts";
import type { ProblemKind } from "../problem.ts";
import { loadImageData } from "./data.ts";
import type { BuildPair } from "./model.ts";
import { type ImageConfig, imageConfig } from "./settings.ts";
import { ImageTask } from "./task.ts";
import type { ImageResult, MetricsRecord } from "./trained.ts";

/** Fits the models that `build` makes. */
export function imagesProblem(
  build: BuildPair,
): ProblemKind<ImageConfig, ImageResult, MetricsRecord> {
  return {
    kind: "images",
    configure: imageConfig,
    folderName: ({ model, data }) => `${model}-${data}`,
    files: runFiles,
    async load(config, options) {
      const data = await loadImageData(config, options);
      return {
        title: `${config.model} on ${data.name}, ${config.latents} latents`,
        fingerprint: fingerprint(data),
        source: `the data '${config.data}'`,
        open: () => new ImageTask(config, data, build),
      };
    },
  };
}

function fingerprint({ train }: ImageDataset): string {
  return createHash("sha256").update(train.images).digest("hex").slice(0, 16);
}
