import { checkArguments, FUNCTION } from "../../tensor/internal.ts";
import type { Model } from "../model.ts";

/**
 * The same model with nothing observed: what it observes it samples instead, under the same names, and its factors
 * are left out. Drawn, it gives prior predictions; with some latents replayed, posterior predictions.
 *
 * @example trace(unobserved(model), data, draw(key(1))).latents
 */
export function unobserved<Data, Result>(model: Model<Data, Result>): Model<Data, Result> {
  checkArguments("unobserved", { model }, FUNCTION);
  const drawn: Model<Data, Result> = (sites, data) =>
    model(
      {
        ...sites,
        observe: (name, distribution) => void sites.sample(name, distribution),
        factor: () => {},
      },
      data,
    );
  const { dtype } = model;
  return dtype === undefined ? drawn : Object.assign(drawn, { dtype });
}
