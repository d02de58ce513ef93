/** Models of images as a kind of problem. */
import { createHash } from "node:crypto";
import type { ImageDataset, ImageSet } from "../../data/index.ts";
import { runFiles, type Sources } from "../../runs/index.ts";
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
        sources: sourcesOf(data),
        open: () => new ImageTask(config, data, build),
      };
    },
  };
}

/** The images with their sizes, those to fit and those to evaluate on. */
function sourcesOf({ train, test }: ImageDataset): Sources {
  const shape = ({ count, height, width }: ImageSet) => `${count} x ${height} x ${width}`;
  const hash = ({ images, values }: ImageSet) =>
    createHash("sha256")
      .update(values ?? images)
      .digest("hex")
      .slice(0, 16);
  const of = (name: string, set: ImageSet) => [
    [`the shape of the ${name} images`, shape(set)],
    [`the ${name} images`, hash(set)],
  ];
  return Object.fromEntries([...of("training", train), ...of("test", test)]);
}
