/** How good an autoencoder is on given images: the lower bound, or the marginal likelihood by appendix D. */
import type { ImageSet } from "../../data/index.ts";
import { normal } from "../../distributions/index.ts";
import { bound, chainEvidence, type ProgramState } from "../../inference/index.ts";
import { writeSeed, writeState } from "../../inference/internal.ts";
import type { Model, ParamStore } from "../../model/index.ts";
import type { ImageBatch } from "../../problems/index.ts";
import { compile } from "../../runtime/index.ts";
import {
  type Axis,
  axis,
  cast,
  checkArguments,
  FUNCTION,
  fold,
  input,
  NUMBER,
  OBJECT,
  objectWith,
  seedKey,
} from "../../tensor/internal.ts";

/** What is judged. */
export interface Judged {
  /** p(x, z). */
  readonly model: Model<ImageBatch>;
  /** q(z given x). */
  readonly guide: Model<ImageBatch>;
  /** The axis of the pixels. */
  readonly pixels: Axis;
  /** The axis of a code. */
  readonly latents: Axis;
  /** The parameters of both, as they were trained. */
  readonly store: ParamStore;
  /** The draws follow from it. */
  readonly seed: number;
}

/** Mean over the images of a set under any weights, in nats per image. */
export type JudgeOf = (set: ImageSet, weights: ProgramState) => number;

const JUDGED = objectWith({ model: FUNCTION, guide: FUNCTION, store: OBJECT, seed: NUMBER });

/** Images side by side. */
const TOGETHER = 50;
/** Draws of the prior that chains may begin at, first trajectories, samples, and trajectories from one to the next. */
const CHAINS = { starts: 1000, warmup: 300, samples: 50, thin: 5 };
/** Trajectories that `evidenceJudge` makes for each image, of four leapfrog steps. */
export const TRAJECTORIES = CHAINS.warmup + 2 * CHAINS.samples * CHAINS.thin;

/**
 * The lower bound with one draw for each image, and the divergence from the prior in closed form. What the weights add
 * to it is left out. Images are taken in fifties, and those beyond the last whole fifty are not looked at.
 */
export function boundJudge(judged: Judged): JudgeOf {
  checkArguments("boundJudge", { judged }, JUDGED);
  const { model, guide, pixels, store, seed } = judged;
  const image = axis("image", TOGETHER);
  const batch = input("#batch", [], "int32");
  const x = cast(input("#images", [image, pixels], "uint8"), "float32").mul(1 / 255);
  const { sites } = bound({
    ...{ model, guide, data: { x, image, total: TOGETHER }, parameters: store, kl: "closed" },
    key: fold(fold(seedKey(), "judge"), batch),
  });
  const program = compile({ outputs: { total: sites.x.add(sites.z) } });
  return (set, weights) => {
    writeState(program, weights);
    writeSeed(program, seed);
    const size = TOGETHER * pixels.size;
    const batches = Math.floor(set.count / TOGETHER);
    let total = 0;
    for (let i = 0; i < batches; i++) {
      const inputs = { "#batch": i, "#images": set.images.subarray(i * size, (i + 1) * size) };
      total += program.run({ inputs }).total.data[0];
    }
    return total / (batches * TOGETHER);
  };
}

/**
 * The log marginal likelihood by chains of the posterior (appendix D), for codes of fewer than 5 elements. Compiled once for
 * each size of a set.
 */
export function evidenceJudge(judged: Judged): JudgeOf {
  checkArguments("evidenceJudge", { judged }, JUDGED);
  const { model, pixels, latents, store, seed } = judged;
  const guide: Model<ImageBatch> = ({ sample, plate }, { image }) => {
    plate(image, () => sample("z", normal(0, 1).event(latents)));
  };
  const made = new Map<number, ReturnType<typeof chainEvidence>>();
  const logEvidenceOf = (count: number) => {
    const image = axis("image", count);
    const x = cast(input("#images", [image, pixels], "uint8"), "float32").mul(1 / 255);
    const data = { x, image, total: count };
    return chainEvidence({ ...{ model, guide, data, parameters: store, seed }, ...CHAINS });
  };
  return ({ images, count }, weights) => {
    const logEvidence = made.get(count) ?? logEvidenceOf(count);
    made.set(count, logEvidence);
    const found = logEvidence(weights, { "#images": images });
    return found.reduce((a, b) => a + b) / count;
  };
}
