/** A model read at a position in unconstrained space: every latent is the image of unconstrained numbers. */
import {
  axesWithin,
  bijectionTo,
  type Distribution,
  describeSupport,
  isDiscrete,
  type Support,
  sumAlong,
} from "../../distributions/internal.ts";
import {
  drawnAlong,
  type Interpretation,
  type Latent,
  type Model,
  overPlates,
  ownAxes,
  type ParamStore,
  type Statement,
  scaleOf,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  type Axis,
  cast,
  constant,
  key,
  SurmiseError,
  type Tensor,
  withoutAxes,
} from "../../tensor/internal.ts";
import { logPriors } from "../logWeight/priors.ts";

/** A latent of which a position has elements. */
export interface Unconstrained {
  /** The name of the latent. */
  readonly name: string;
  /** Of its unconstrained numbers: plates, then event axes, those of a set replaced (`bijectionTo`). */
  readonly axes: readonly Axis[];
  /** Its prior; in a chain, of the first step. */
  readonly distribution: Distribution;
}

/** The unconstrained numbers of a latent, over its axes and any further ones, such as chains. */
export type PositionOf = (latent: Unconstrained) => Tensor;

/** A model at a position in unconstrained space, and its log density there. */
export interface UnconstrainedTrace {
  /** The model, run on the constrained values. */
  readonly trace: Trace;
  /** In the order of the statements. */
  readonly latents: readonly Unconstrained[];
  /**
   * log p(data, constrain(u)) with the log priors of the parameters, and log |d constrain / d u| if requested for,
   * in nats: float64 over the further axes of the position.
   */
  readonly value: Tensor;
  /** What each site, and each parameter with a prior, adds to it. */
  readonly sites: Readonly<Record<string, Tensor>>;
}

/** A model, its data and parameters, and which log density is asked for. */
export interface UnconstrainedOptions<Data> {
  /** The model p. */
  readonly model: Model<Data, unknown>;
  /** What it is called with. */
  readonly data: Data;
  /** The store of its parameters. */
  readonly parameters: ParamStore;
  /** Whether log |d constrain / d u| is added. */
  readonly jacobian: boolean;
}

/**
 * Runs `model` once at a position. In a chain all steps are read at once, unless the support of a step depends on
 * the step before.
 *
 * @throws SurmiseError naming a latent that is discrete or stands in a subsampled plate.
 */
export function traceUnconstrained<Data>(
  { model, data, parameters, jacobian }: UnconstrainedOptions<Data>,
  positionOf: PositionOf,
): UnconstrainedTrace {
  const met = new Map<string, Unconstrained & { readonly position: Tensor }>();
  const interpretation: Interpretation = (statement) => {
    const known = knownValue(statement);
    if (known !== undefined) return { kind: "latent", value: known };
    const { name, distribution, plates, step } = statement;
    let latent = met.get(name);
    if (latent === undefined) {
      checkContinuous(statement);
      checkWhole(statement);
      const map = bijectionTo(distribution.support);
      const axes = map.unconstrainedAxes(ownAxes(plates, distribution));
      const one = { name, axes, distribution };
      latent = { ...one, position: positionOf(one) };
      met.set(name, latent);
    }
    const { position } = latent;
    const at =
      step === undefined || hasFixedEnds(distribution.support) ? position : step.at(position);
    return { kind: "latent", value: bijectionTo(distribution.support).forward(at) };
  };
  const run = trace(model, data, interpretation, parameters);
  const sites: Record<string, Tensor> = {};
  for (const site of [...run.latents, ...run.observed]) {
    const density = cast(site.logProb(), "float64");
    const latent = met.get(site.name);
    if (site.kind === "latent" && latent === undefined) continue;
    const value = overPlates(density, site.plates);
    sites[site.name] =
      jacobian && site.kind === "latent" && latent !== undefined
        ? value.add(logJacobian(site, latent.position))
        : value;
  }
  Object.assign(sites, logPriors([run], parameters));
  const value = Object.values(sites).reduce((a, b) => a.add(b), constant(0, "float64"));
  return { trace: run, latents: [...met.values()], value, sites };
}

/** The value of a latent that is known beforehand, a single point: nothing of it is unconstrained. */
export function knownValue(statement: Statement): Tensor | undefined {
  const { distribution } = statement;
  if (distribution.support.kind !== "point") return undefined;
  return distribution.sample(key(0), drawnAlong(statement));
}

/** log |d constrain / d u| of a latent given those that it depends on, summed over its elements. */
function logJacobian({ distribution, plates }: Latent, position: Tensor): Tensor {
  const { support } = distribution;
  const each = withoutAxes(ownAxes(plates, distribution), axesWithin(support));
  return sumAlong(cast(bijectionTo(support).logJacobian(position), "float64"), each);
}

/** Whether the support is the same at every step of a chain. */
function hasFixedEnds(support: Support): boolean {
  const { low, high } = support as { low?: Tensor; high?: Tensor };
  return [low, high].every((end) => end === undefined || end.op === "constant");
}

function checkContinuous({ name, distribution: { support } }: Statement): void {
  if (!isDiscrete(support)) return;
  throw new SurmiseError(
    `latent '${name}' has the support '${describeSupport(support)}': it is discrete, and a log density has no ` +
      "gradient along it; sum it out of the model, or choose method rws or mprws",
  );
}

function checkWhole({ name, plates }: Statement): void {
  const part = plates.find((plate) => scaleOf(plate) !== 1);
  if (part !== undefined) refusePart(`latent '${name}'`, part.axis, part.total);
}

/** Refuses a site in a plate that holds only a part of the data. */
export function refusePart(site: string, { name, size }: Axis, total: number): never {
  throw new SurmiseError(
    `${site}: plate '${name}' holds ${size} of ${total} elements, but a log density is that of all data: give ` +
      "the plate all its elements",
  );
}
