import type { Axis } from "../../tensor/index.ts";
import type { Model } from "../model.ts";
import type { Minibatch } from "../sites.ts";

/** The same model, whose sums over a plate are estimated from a minibatch of its elements. */
export function subsampled<Data, Result>(
  model: Model<Data, Result>,
  plate: Axis,
  minibatch: Minibatch,
): Model<Data, Result> {
  const { dtype } = model;
  const within: Model<Data, Result> = (sites, data) =>
    model(
      {
        ...sites,
        plate: (axis, body, options) =>
          sites.plate(axis, body, axis === plate ? { ...options, minibatch } : options),
      },
      data,
    );
  return dtype === undefined ? within : Object.assign(within, { dtype });
}
