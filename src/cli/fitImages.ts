/** `surmise fit NAME`: trains a model of images with any settings. */
import {
  type ImageSettings,
  imageConfig,
  type Outcome,
  resumeRun,
  startRun,
} from "../runs/index.ts";
import { type AttendFlags, type Attention, attend } from "./attend.ts";
import { buildModel, modelNamed } from "./models.ts";
import { optionName } from "./options.ts";
import { metricsTable, picturesText } from "./show.ts";

/** Begins a run in the folder that `folderFor` makes of its name. */
export function fitImages(
  given: ImageSettings,
  flags: AttendFlags,
  folderFor: (name: string) => string,
): Promise<void> {
  const config = imageConfig(given, optionName);
  modelNamed(config.model);
  const folder = folderFor(`${config.model}-${config.data}`);
  return attend(folder, flags, (attention) => startRun(config, watched(attention)), summary);
}

/** Goes on with the run in a folder. */
export function resumeImages(
  folder: string,
  given: ImageSettings,
  flags: AttendFlags & { readonly force?: boolean },
): Promise<void> {
  const { force = false } = flags;
  const existing = { given, force, nameOf: optionName };
  return attend(
    folder,
    flags,
    (attention) => resumeRun({ ...watched(attention), ...existing }),
    summary,
  );
}

function watched({ onProgress, ready, ...attention }: Attention) {
  return {
    ...attention,
    build: buildModel,
    load: { onProgress },
    onReady: ({
      config,
      data,
      loop,
    }: Parameters<NonNullable<Parameters<typeof startRun>[1]["onReady"]>>[0]) =>
      ready({
        what: `${config.model} on ${data.name}, ${config.latents} latents`,
        steps: config.steps,
        loop,
      }),
  };
}

/** The table, some generated images, and where the files are. */
function summary({ config, result, run, pictures }: Outcome & { kind: "finished" }): string {
  const { metrics, speed, files } = result;
  const parts = [metricsTable(metrics, speed.samplesPerSecond, config.nllDraws)];
  if (run !== undefined && pictures !== undefined) {
    parts.push(picturesText(pictures.samples.slice(0, 10), run.data.test, 5));
  }
  parts.push(`weights ${files.weights}\nreport  ${files.report}`);
  return parts.join("\n\n");
}
