/** Guides that are made from the model. */
import type { Distribution } from "../../distributions/index.ts";
import { type Model, type Plate, type Sites, type Statement, scaleOf } from "../../model/index.ts";
import { SurmiseError } from "../../tensor/index.ts";

/** The posterior approximation of one latent; what it trains it declares by `param`. */
export type GuideFamily = (statement: Statement, param: Sites["param"]) => Distribution;

/**
 * A guide for `model`: the model itself, read with another distribution in the place of each latent's
 * own, and without observations. So its latents stand in the same plates, its parameters carry the
 * axes of the sites, and a support that depends on other latents follows their draws.
 *
 * @throws SurmiseError (when traced) if a latent stands in a subsampled plate, or has a support for
 * which the family has nothing.
 *
 * @example fit({ model, guide: automaticGuide(model, meanField()), ... })
 */
export function automaticGuide<Data>(
  model: Model<Data, unknown>,
  family: GuideFamily,
): Model<Data, unknown> {
  return (sites, data) => {
    const open: Plate[] = [];
    const met = new Set<string>();
    const within: Sites = {
      ...sites,
      sample(name, distribution) {
        const statement = { name, distribution, plates: [...open] };
        checkWhole(statement);
        const known = met.has(name) || distribution.support.kind === "point";
        met.add(name);
        return sites.sample(name, known ? distribution : family(statement, sites.param));
      },
      observe: () => {},
      deterministic: (_, value) => value,
      plate(axis, body, options) {
        open.push({ axis, total: options?.total ?? axis.size });
        try {
          return sites.plate(axis, body, options);
        } finally {
          open.pop();
        }
      },
    };
    return model(within, data);
  };
}

function checkWhole({ name, plates }: Statement): void {
  const part = plates.find((plate) => scaleOf(plate) !== 1);
  if (part === undefined) return;
  throw new SurmiseError(
    `latent '${name}': plate '${part.axis.name}' holds ${part.axis.size} of ${part.total} elements, ` +
      "but an automatic guide has parameters for each element: write a guide whose parameters are " +
      "functions of the data, or give the plate all its elements",
  );
}
