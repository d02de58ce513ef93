/** Initialisation of automatic guides: at the location of the prior, with its scale as learning-rate scale. */
import {
  axesWithin,
  bijectionTo,
  type Distribution,
  finiteValues,
  isDiscrete,
} from "../../distributions/internal.ts";
import {
  checkRepeats,
  drawnAlong,
  type Initialiser,
  type Interpretation,
  type Model,
  otherSites,
  type ParamStore,
  type Plate,
  paramStore,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  type Axis,
  abs,
  cast,
  constant,
  floor,
  fold,
  index,
  key,
  log,
  SurmiseError,
  select,
  sqrt,
  standardNormal,
  type Tensor,
  unionAxes,
} from "../../tensor/internal.ts";

/**
 * Location and scale of a prior in the unconstrained space of its support, its parents being at their locations. Both may
 * lack axes along which they are constant.
 */
export interface Initialisation {
  /** The centre, in unconstrained space. */
  readonly location: Tensor;
  /** The standard deviation, in unconstrained space, positive. */
  readonly scale: Tensor;
  /**
   * Where a search begins: the location; in a model with discrete latents to be summed out a draw around it, as the
   * same place for all kinds, which are alike until the data tell them apart, is a saddle point.
   */
  readonly start: Initialiser;
  /** The prior, its parents being at their locations. */
  readonly prior: Distribution;
  /** The plates it stands in. */
  readonly plates: readonly Plate[];
}

/** The data with which each model was found to say the same twice. */
const repeated = new WeakMap<Model<never, unknown>, WeakSet<object>>();

/**
 * The model, run with every latent at the location of its prior, of which there need be no draws.
 *
 * @throws SurmiseError if it says something else when it is run again.
 */
export function traceAtPriors<Data>(model: Model<Data, unknown>, data: Data): Trace {
  const run = () => trace(model, data, atPriorLocations, initialParameters());
  const traced = run();
  checkRepeated(model, data, () => [traced, run()]);
  return traced;
}

/**
 * Whether a model says the same each time; looked at once.
 *
 * @param runs it twice, under one interpretation
 * @throws SurmiseError if it says something else when it is run again.
 */
export function checkRepeated<Data>(
  model: Model<Data, unknown>,
  data: Data,
  runs: () => readonly [Trace, Trace],
): void {
  const known = repeated.get(model) ?? new WeakSet();
  const given = typeof data === "object" && data !== null ? data : model;
  if (known.has(given)) return;
  checkRepeats(...runs());
  repeated.set(model, known.add(given));
}

/** The initialisation of each latent of a model, by name. */
export function initialisations<Data>(
  model: Model<Data, unknown>,
  data: Data,
): ReadonlyMap<string, Initialisation> {
  const { latents } = traceAtPriors(model, data);
  const isAlike = latents.some(({ distribution }) => finiteValues(distribution.support));
  return new Map(
    latents.map(({ name, distribution, init, plates }) => {
      const { location, scale } = initialisationOf(distribution, init);
      const start: Initialiser = (key, axes, dtype) => {
        if (!isAlike || init !== undefined) return location;
        const noise = standardNormal(fold(key, "start"), axes, dtype);
        return location.add(noise.mul(scale).mul(APART));
      };
      return [name, { location, scale, start, prior: distribution, plates }];
    }),
  );
}

/** In prior standard deviations. */
const APART = 0.02;

/**
 * Of the latent of this name.
 *
 * @throws SurmiseError if the model had no such latent when it was called to find them.
 */
export function initialisationNamed(
  initial: ReadonlyMap<string, Initialisation>,
  name: string,
): Initialisation {
  const found = initial.get(name);
  if (found !== undefined) return found;
  const had = [...initial.keys()].map((each) => `'${each}'`).join(", ");
  throw otherSites(`the latents ${had}`, `'${name}'`);
}

/** Every latent at the location of its prior, which for discrete ones is 0, or a count near the mean. */
export const atPriorLocations: Interpretation = (statement) => {
  const { distribution, init } = statement;
  const { support, eventAxes, dtype } = distribution;
  const axes = unionAxes(drawnAlong(statement), eventAxes);
  if (isDiscrete(support)) {
    const count = support.kind === "count" && ifThereIs(() => distribution.mean());
    const value = count ? cast(floor(count.add(0.5)), dtype) : constant(0, dtype);
    return { kind: "latent", value: broadcastOver(axes, value) };
  }
  if (support.kind === "point")
    return { kind: "latent", value: broadcastOver(axes, distribution.mean()) };
  const map = bijectionTo(support);
  if (init !== undefined) return { kind: "latent", value: broadcastOver(axes, init) };
  const { location: centre } = initialisationOf(distribution);
  return { kind: "latent", value: map.forward(broadcastOver(map.unconstrainedAxes(axes), centre)) };
};

/** Around the value that the model says, if it does. */
function initialisationOf(
  prior: Distribution,
  init?: Tensor,
): Pick<Initialisation, "location" | "scale"> {
  const [centre, width] = [constant(0, prior.dtype), constant(1, prior.dtype)];
  const own = priorLocationAndScale(prior);
  const { location: c = centre, scale: w = width } = {
    ...own,
    ...(init && { location: unconstrainedOf(init, prior) }),
  };
  // Whatever the prior's width: what is trained is counted in it.
  const finite = (x: Tensor) => abs(cast(x, "float64")).lt(Number.POSITIVE_INFINITY);
  return { location: select(finite(c), c, centre), scale: select(finite(w), w, width) };
}

/** The unconstrained numbers of a value of a latent, which may lack axes along which it is constant. */
export function unconstrainedOf(value: Tensor, { support }: Distribution): Tensor {
  if (isDiscrete(support)) return value;
  return bijectionTo(support).inverse(broadcastOver(axesWithin(support), value));
}

/** Locations and scales where a family has them, for not all have moments; else these. */
function priorLocationAndScale(prior: Distribution): {
  location?: Tensor | undefined;
  scale?: Tensor | undefined;
} {
  const { support } = prior;
  if (prior.locationScale !== undefined) return prior.locationScale();
  const mean = ifThereIs(() => prior.mean());
  switch (support.kind) {
    case "real":
      return { location: mean, scale: ifThereIs(() => sqrt(prior.variance())) };
    case "positive":
    case "unit":
    case "above":
    case "below":
    case "interval":
      return { location: mean && bijectionTo(support).inverse(mean) };
    case "count":
      return { location: mean && unconstrainedMean(mean, support.most) };
    default:
      return {};
  }
}

/** The logarithm of the mean of a count, or of its share of the most over the rest. */
function unconstrainedMean(mean: Tensor, most?: Tensor): Tensor {
  return most === undefined ? log(mean) : log(mean).sub(log(most.sub(mean)));
}

function ifThereIs(moment: () => Tensor): Tensor | undefined {
  try {
    return moment();
  } catch (cause) {
    if (cause instanceof SurmiseError) return undefined;
    throw cause;
  }
}

/** `x` over these axes too. */
export function broadcastOver(axes: readonly Axis[], x: Tensor): Tensor {
  return axes.reduce((y, a) => (y.has(a) ? y : y.add(cast(index(a).mul(0), y.dtype))), x);
}

/** A store whose parameters are what they are before training. */
export function initialParameters(): ParamStore {
  const store = paramStore();
  return {
    list: store.list,
    declare: (name, axes, options) => {
      const param = store.declare(name, axes, options);
      return { ...param, value: broadcastOver(axes, param.init(key(0), axes, param.dtype)) };
    },
  };
}
