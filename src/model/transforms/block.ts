import {
  type Axis,
  checkArguments,
  FUNCTION,
  fold,
  KEY,
  type Key,
  listOf,
  SurmiseError,
  TEXT,
} from "../../tensor/internal.ts";
import type { Model, Sites } from "../model.ts";

/**
 * The same model without the sites called `names`: what they sample is drawn under `key` and adds no
 * density, what they observe counts nothing, what they record is not recorded. So a part of a model can be
 * looked at on its own, the rest being as likely as the model says.
 *
 * @throws SurmiseError (when traced) if one of them is sampled in a chain.
 *
 * @example trace(block(model, ["z"], key(1)), data, draw(key(2))).latents // all but z
 */
export function block<Data, Result>(
  model: Model<Data, Result>,
  names: readonly string[],
  key: Key,
): Model<Data, Result> {
  checkArguments("block", { model }, FUNCTION);
  checkArguments("block", { names }, listOf(TEXT));
  checkArguments("block", { key }, KEY);
  const hidden = (name: string) => names.includes(name);
  return (sites, data) => {
    const open: Axis[] = [];
    let within: Axis | undefined;
    const drawHidden: Sites["sample"] = (name, distribution) => {
      if (within !== undefined) refuseChain(name, within);
      return distribution.sample(fold(fold(key, name), "draw"), [...open]);
    };
    return model(
      {
        ...sites,
        sample: (name, distribution, options) =>
          hidden(name) ? drawHidden(name, distribution) : sites.sample(name, distribution, options),
        observe: (name, distribution, value) => {
          if (!hidden(name)) sites.observe(name, distribution, value);
        },
        factor: (name, logDensity) => {
          if (!hidden(name)) sites.factor(name, logDensity);
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
        chain(axis, initial, step) {
          within = axis;
          try {
            return sites.chain(axis, initial, step);
          } finally {
            within = undefined;
          }
        },
      },
      data,
    );
  };
}

function refuseChain(name: string, { name: along }: Axis): never {
  throw new SurmiseError(
    `block: '${name}' is sampled in chain '${along}', where the next step may need it: leave it in, and ` +
      "look at the other sites of the trace",
  );
}
