import {
  draw,
  type Interpretation,
  type Model,
  type Parameters,
  replay,
  type Trace,
  trace,
} from "../model/index.ts";
import { type Axis, type Key, SurmiseError } from "../tensor/index.ts";

/** A model p, a posterior approximation q of its latents, and what both are given. */
export interface Pair<Data> {
  readonly model: Model<Data, unknown>;
  /** The guide: its latents are the model's, by name. */
  readonly guide: Model<Data, unknown>;
  readonly data: Data;
  /** Of this run of the two: fold the step into it. */
  readonly key: Key;
  /** The store that they share. */
  readonly parameters: Parameters;
}

export interface Traces {
  readonly model: Trace;
  readonly guide: Trace;
}

/**
 * The guide's draws along the axes `particles`, and the model run on them.
 *
 * @throws SurmiseError if a latent is missing in one of the two, or stands in other plates, has other
 * event axes, or another kind of values.
 */
export function traceBoth<Data>(pair: Pair<Data>, particles: readonly Axis[]): Traces {
  const { data, parameters } = pair;
  const guide = trace(pair.guide, data, draw(pair.key, particles), parameters);
  const model = trace(pair.model, data, replay(guide, missingInGuide), parameters);
  checkGuide(guide, model);
  return { model, guide };
}

const missingInGuide: Interpretation = ({ name }) => {
  throw new SurmiseError(
    `latent '${name}' of the model is missing in the guide: add sample('${name}', ...) to the guide`,
  );
};

function checkGuide(guide: Trace, model: Trace): void {
  const [observed] = guide.observed;
  if (observed !== undefined) {
    throw new SurmiseError(
      `the guide observes '${observed.name}': a guide has only latents; observe in the model`,
    );
  }
  const known = new Map(model.latents.map((latent) => [latent.name, latent]));
  for (const { name, plates } of guide.latents) {
    const latent = known.get(name);
    if (latent === undefined) {
      throw new SurmiseError(
        `latent '${name}' of the guide is missing in the model: remove it from the guide, or add ` +
          `sample('${name}', ...) to the model`,
      );
    }
    for (const { axis, total } of plates) {
      const expected = latent.plates.find((plate) => plate.axis === axis)?.total;
      if (total !== axis.size && total !== expected) {
        throw new SurmiseError(
          `latent '${name}': plate '${axis.name}' has total ${total} in the guide and ${expected} ` +
            "in the model; the guide may leave it out",
        );
      }
    }
  }
}
