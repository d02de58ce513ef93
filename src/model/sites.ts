import { type Distribution, sumAlong } from "../distributions/internal.ts";
import { type Axis, gatherInsideWhere, SurmiseError, type Tensor } from "../tensor/internal.ts";
import type { Param } from "./parameters.ts";

/** Elements of a plate that stand for all of them in a step of training. */
export interface Minibatch {
  /** An axis of as many elements as are taken. */
  readonly axis: Axis;
  /** Which they are: int32 positions along the axis of the plate, over `axis`. */
  readonly rows: Tensor;
}

/**
 * Conditional independence along an axis. Where the axis holds only some of the data (a minibatch),
 * `total` is how many there are in all, and every sum over the plate is scaled by `total / size`.
 */
export interface Plate {
  /** The axis along which elements are independent, given what stands outside. */
  readonly axis: Axis;
  /** How many elements there are in all; the size of the axis unless it holds a minibatch. */
  readonly total: number;
  /** Some of the elements, of which sums over the plate are estimated. */
  readonly minibatch?: Minibatch;
  /** Set where the elements are the steps of a Markov chain, independent only given those before. */
  readonly chain?: true;
}

/** The log density of a site in a chain, before the densities of its steps are laid side by side. */
export interface Steps {
  /** The axis of the chain. */
  readonly axis: Axis;
  /** As `logProb`, but right at the first step only: given the initial state. */
  readonly first: () => Tensor;
  /** As `logProb`, but right at all steps after the first: given the step before. */
  readonly later: () => Tensor;
}

/** Two axes of particles: of a step of a chain, and, as the next step sees it, of the step before. */
export interface ParentLink {
  /** The particle axis of the step. */
  readonly own: Axis;
  /** The particle axis of the step before. */
  readonly previous: Axis;
}

interface Random {
  readonly name: string;
  readonly distribution: Distribution;
  /** Axes: particles of the latents it comes from, plates, event axes. */
  readonly value: Tensor;
  /** The plates the statement stands in, outermost first. */
  readonly plates: readonly Plate[];
  /** log p(value | parents) with the event axes summed out; plates and particles remain. */
  readonly logProb: () => Tensor;
  /** Only of a site in a chain. */
  readonly steps?: Steps;
}

/** A random quantity to be inferred. */
export interface Latent extends Random {
  /** A `sample` statement without a value. */
  readonly kind: "latent";
  /** Where a search begins, if the model says so: inside the support. */
  readonly init?: Tensor;
  /** How the next step of a chain sees its particles; without it, particle by particle. */
  readonly link?: ParentLink;
}

/** A random quantity whose value is known. */
export interface Observed extends Random {
  /** A `sample` statement with data. */
  readonly kind: "observed";
}

/** A trained quantity: an input of the program, named as the site is. */
export interface ParamSite extends Param {
  /** A `param` statement. */
  readonly kind: "param";
}

/** A quantity that follows from others, recorded so that results can show it. */
export interface Deterministic {
  /** A `deterministic` statement. */
  readonly kind: "deterministic";
  /** The name of the site. */
  readonly name: string;
  /** Over axes of particles or draws, if any, and its own. */
  readonly value: Tensor;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
}

/** What one statement of a model leaves in a trace. */
export type Site = Latent | Observed | ParamSite | Deterministic;

/** How many elements there are for each that a sum is over. */
export function scaleOf({ axis, total, minibatch }: Plate): number {
  return total / (minibatch?.axis ?? axis).size;
}

/** How many elements of all plates together there are for each that a sum over them is over. */
export function scaleOfAll(plates: readonly Plate[]): number {
  return plates.reduce((product, plate) => product * scaleOf(plate), 1);
}

/** Whether there are more elements than sums are over. */
export function isSubsampled(plate: Plate): boolean {
  return scaleOf(plate) !== 1;
}

/** The first of the plates that is subsampled, if one is. */
export function subsampledAmong(plates: readonly Plate[]): Plate | undefined {
  return plates.find(isSubsampled);
}

/**
 * Where plates must have all their elements, which `why` says, with what else to do.
 *
 * @throws SurmiseError naming `site` and the first of its plates that is subsampled.
 */
export function checkWhole(site: string, plates: readonly Plate[], why: string): void {
  const part = subsampledAmong(plates);
  if (part === undefined) return;
  const { axis, minibatch, total } = part;
  throw new SurmiseError(
    `${site}: plate '${axis.name}' holds ${(minibatch?.axis ?? axis).size} of ${total} elements, but ${why} give the plate ` +
      "all its elements",
  );
}

/**
 * The sum of `x` over `plates`, times the scale of each: an estimate of the sum over all data, exact
 * where nothing is subsampled. A plate whose axis `x` lacks counts as often as it has elements. Of a plate with a
 * minibatch, `x` is computed at its elements only.
 */
export function overPlates(x: Tensor, plates: readonly Plate[]): Tensor {
  const taken = plates.reduce(
    (y, { axis, minibatch }) => (minibatch === undefined ? y : atRows(y, axis, minibatch)),
    x,
  );
  const summed = sumAlong(
    taken,
    plates.map(({ axis, minibatch }) => minibatch?.axis ?? axis),
  );
  const scale = scaleOfAll(plates);
  return scale === 1 ? summed : summed.mul(scale);
}

function atRows(x: Tensor, along: Axis, { rows }: Minibatch): Tensor {
  return gatherInsideWhere(x, along, rows, () => true);
}

/** The axes one draw of a latent or observed site must have: plates, then event axes. */
export function ownAxes(plates: readonly Plate[], { eventAxes }: Distribution): readonly Axis[] {
  return [...plates.map((plate) => plate.axis), ...eventAxes];
}

/** The tensors that a site is made of. */
export function tensorsOf(site: Site): readonly Tensor[] {
  if (site.kind === "param" || site.kind === "deterministic") return [site.value];
  const { parameters, mask } = site.distribution;
  return [...Object.values(parameters), ...(mask ? [mask] : []), site.value];
}
