/** Where the training of an automatic guide begins: at the centre of the prior, in steps of its width. */
import { bijectionTo, type Distribution, isDiscrete } from "../../distributions/index.ts";
import {
  drawnAlong,
  type Interpretation,
  type Model,
  type Parameters,
  parameters,
  trace,
} from "../../model/index.ts";
import {
  type Axis,
  abs,
  cast,
  constant,
  floor,
  index,
  key,
  log,
  SurmiseError,
  select,
  sqrt,
  type Tensor,
  unionAxes,
} from "../../tensor/index.ts";

/**
 * The centre and the width of a prior in the free space of its support, the latents before it being at their
 * centres. Both may lack axes along which they are constant.
 */
export interface Start {
  readonly centre: Tensor;
  readonly width: Tensor;
}

/** The starts of the latents of a model, by name. */
export function startsOf<Data>(
  model: Model<Data, unknown>,
  data: Data,
): ReadonlyMap<string, Start> {
  const { latents } = trace(model, data, atCentre, untrained());
  return new Map(latents.map(({ name, distribution }) => [name, startOf(distribution)]));
}

/** Every latent at the centre of its prior, which for discrete ones is 0, or a count near the mean. */
const atCentre: Interpretation = (statement) => {
  const { distribution } = statement;
  const { support, eventAxes, dtype } = distribution;
  const axes = unionAxes(drawnAlong(statement), eventAxes);
  if (isDiscrete(support)) {
    const count = support.kind === "count" && ifThereIs(() => distribution.mean());
    const value = count ? cast(floor(count.add(0.5)), dtype) : constant(0, dtype);
    return { kind: "latent", value: over(axes, value) };
  }
  if (support.kind === "point") return { kind: "latent", value: over(axes, distribution.mean()) };
  const map = bijectionTo(support);
  const { centre } = startOf(distribution);
  return { kind: "latent", value: map.forward(over(map.freeAxes(axes), centre)) };
};

function startOf(prior: Distribution): Start {
  const [centre, width] = [constant(0, prior.dtype), constant(1, prior.dtype)];
  const { centre: c = centre, width: w = width } = found(prior);
  const plain = (x: Tensor) => abs(x).lt(1e30);
  return { centre: select(plain(c), c, centre), width: select(plain(w), w, width) };
}

/** Locations and scales where a family has them, for not all have moments; else these. */
function found(prior: Distribution): { centre?: Tensor | undefined; width?: Tensor | undefined } {
  const { name, parameters, support } = prior;
  const located = locationAndScale(prior);
  if (located !== undefined) return located;
  if (name === "halfCauchy") return { centre: log(parameters.scale) };
  const mean = ifThereIs(() => prior.mean());
  switch (support.kind) {
    case "real":
      return { centre: mean, width: ifThereIs(() => sqrt(prior.variance())) };
    case "positive":
    case "unit":
    case "above":
    case "below":
    case "interval":
      return { centre: mean && bijectionTo(support).inverse(mean) };
    case "count":
      return { centre: mean && freeMean(mean, support.most) };
    default:
      return {};
  }
}

/** The logarithm of the mean of a count, or of its share of the most over the rest. */
function freeMean(mean: Tensor, most?: Tensor): Tensor {
  return most === undefined ? log(mean) : log(mean).sub(log(most.sub(mean)));
}

/** The location and the scale that a family has in the free space of its support, if it has them. */
export function locationAndScale({ name, parameters: p }: Distribution): Start | undefined {
  if (name === "normal" || name === "lognormal") return { centre: p.mean, width: p.sd };
  if (!LOCATED.has(name)) return undefined;
  return { centre: p.location, width: p.scale };
}

const LOCATED = new Set(["studentT", "cauchy", "laplace", "logistic", "gumbel"]);

function ifThereIs(moment: () => Tensor): Tensor | undefined {
  try {
    return moment();
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}

/** `x` over these axes too. */
export function over(axes: readonly Axis[], x: Tensor): Tensor {
  return axes.reduce((y, a) => (y.has(a) ? y : y.add(cast(index(a).mul(0), y.dtype))), x);
}

/** A store whose parameters are what they are before training. */
function untrained(): Parameters {
  const store = parameters();
  return {
    list: store.list,
    declare: (name, axes, options) => {
      const param = store.declare(name, axes, options);
      return { ...param, value: over(axes, param.init(key(0), axes, param.dtype)) };
    },
  };
}
