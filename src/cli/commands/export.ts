/** `surmise export`: the decoder of a run on images as an ONNX file. */
import { join } from "node:path";
import { Command } from "commander";
import type { ImageConfig } from "../../problems/index.ts";
import { encodeOnnx, readRun, writeWhole } from "../../runs/index.ts";
import { SurmiseError } from "../../tensor/internal.ts";
import { modelNamed } from "../models.ts";
import { finishedWeights } from "./weights.ts";

/** The command. */
export function exportCommand(): Command {
  return new Command("export")
    .summary("write the decoder of a run on images as an ONNX file")
    .description(
      "write the decoder of a finished run on images as an ONNX file: codes z in, the probabilities or greys of pixels out",
    )
    .argument("<run>", "its folder")
    .option("--out <file>", "the file (default: decoder.onnx in the folder of the run)")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(exportRun);
}

async function exportRun(
  folder: string,
  { out, json }: { readonly out?: string; readonly json?: boolean },
): Promise<void> {
  const { kind, config } = await readRun(folder);
  if (kind !== "images") {
    throw new SurmiseError(
      `'${folder}' holds a run of kind '${kind}', and not of a model of images, whose decoder could be exported; the draws ` +
        "of a model file are in its own files",
    );
  }
  const tensors = await finishedWeights(folder);
  const images = config as ImageConfig;
  if (images.decoder === "real") {
    throw new SurmiseError(
      `'${folder}' holds a run with decoder real, whose means are in the units of its data: the export is for pixels`,
    );
  }
  const layers = modelNamed(images.model)
    .decoder(images)
    .map(({ name, activation }) => ({
      ...{ name, activation },
      weight: tensors[`${name}.weight`].data as Float32Array,
      bias: tensors[`${name}.bias`].data as Float32Array,
    }));
  const file = out ?? join(folder, "decoder.onnx");
  await writeWhole(file, encodeOnnx({ name: "decoder", input: "z", output: "x", layers }));
  process.stdout.write(`${json ? JSON.stringify({ files: { decoder: file } }) : file}\n`);
}
