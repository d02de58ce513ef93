/** Full variational Bayes (Kingma and Welling, ICLR 2014, appendix F): a posterior over the weights of the decoder too. */
import { normal } from "../../distributions/index.ts";
import { draw, type Model, paramStore, trace } from "../../model/index.ts";
import { constantInit, normalInit } from "../../nn/index.ts";
import { checkArguments, exp, FUNCTION, key, objectWith } from "../../tensor/internal.ts";

/** How the guide of the weights begins: means are drawn with this sd, log sds are this. */
const START = { sd: 0.1, logSd: -3 };

/**
 * The pair in which every parameter of the model that has a prior is a latent, with that prior, and with a normal
 * of its own in the guide, whose parameters are `NAME.mean` and `NAME.logSd`.
 */
export function fullBayes<Data>(pair: {
  readonly model: Model<Data>;
  readonly guide: Model<Data>;
}): { readonly model: Model<Data>; readonly guide: Model<Data> } {
  checkArguments("fullBayes", { pair }, objectWith({ model: FUNCTION, guide: FUNCTION }));
  return {
    model: (sites, data) =>
      pair.model(
        {
          ...sites,
          param: (name, axes, options) =>
            options.prior
              ? sites.sample(name, options.prior.event(...axes))
              : sites.param(name, axes, options),
        },
        data,
      ),
    guide(sites, data) {
      const parameters = paramStore();
      trace(pair.model, data, draw(key(0)), parameters);
      const [init, logSd] = [normalInit(START.sd), constantInit(START.logSd)];
      for (const { name, axes, prior } of parameters.list()) {
        if (prior === undefined) continue;
        const mean = sites.param(`${name}.mean`, axes, { init });
        const sd = exp(sites.param(`${name}.logSd`, axes, { init: logSd }));
        sites.sample(name, normal(mean, sd).event(...axes));
      }
      pair.guide(sites, data);
    },
  };
}
