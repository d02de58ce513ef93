import { type Axis, fold, type Key } from "../tensor/index.ts";
import type { Model } from "./model.ts";

/**
 * The same model without the sites called `names`: what they sample is drawn under `key` and adds no
 * density, what they observe counts nothing, what they record is not recorded. So a part of a model can be
 * looked at on its own, the rest being as likely as the model says.
 *
 * @example trace(block(model, ["z"], key(1)), data, draw(key(2))).latents // all but z
 */
export function block<Data, Result>(
  model: Model<Data, Result>,
  names: readonly string[],
  key: Key,
): Model<Data, Result> {
  const hidden = (name: string) => names.includes(name);
  return (sites, data) => {
    const open: Axis[] = [];
    return model(
      {
        ...sites,
        sample: (name, distribution) =>
          hidden(name)
            ? distribution.sample(fold(fold(key, name), "draw"), [...open])
            : sites.sample(name, distribution),
        observe: (name, distribution, value) => {
          if (!hidden(name)) sites.observe(name, distribution, value);
        },
        deterministic: (name, value) => (hidden(name) ? value : sites.deterministic(name, value)),
        plate(axis, body, options) {
          open.push(axis);
          try {
            return sites.plate(axis, body, options);
          } finally {
            open.pop();
          }
        },
      },
      data,
    );
  };
}
