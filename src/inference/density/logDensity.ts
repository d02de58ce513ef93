import {
  type Interpretation,
  type Model,
  type ParamStore,
  paramStore,
  type Trace,
  trace,
} from "../../model/internal.ts";
import type { Program, ProgramReplica } from "../../runtime/internal.ts";
import {
  type Axis,
  axis,
  checkArguments,
  computedValues,
  either,
  FUNCTION,
  input,
  type Key,
  OBJECT,
  SurmiseError,
  TENSOR,
  type Tensor,
} from "../../tensor/internal.ts";
import { allFinite } from "../process/state.ts";
import type { Trained } from "../process/trained.ts";
import type { Discrete } from "../proposal/enumeration.ts";
import { HeldDiscrete, type HeldLatent } from "./heldDiscrete.ts";
import { checkRepeated } from "./initialisation.ts";
import {
  checkPosition,
  type Layout,
  layoutOf,
  type Position,
  type PositionInput,
  partsOf,
  positionInputs,
  type UnconstrainedSite,
} from "./layout.ts";
import { LOG_DENSITY_OPTIONS, type LogDensityOptions } from "./options.ts";
import { conditionalName, type HeldConditional, heldConditional } from "./programs/conditional.ts";
import { Evaluator, evaluatorSpec, type InPlace, POSITION } from "./programs/evaluator.ts";
import { type LogDensityAt, operationsOf, withGradient } from "./programs/expressions.ts";
import { Hessian } from "./programs/hessian.ts";
import { priorUnitsInformation } from "./programs/information.ts";
import { PositionPrograms } from "./programs/positionPrograms.ts";
import { probabilitiesAt, type SiteValue, valuesAt } from "./programs/siteValues.ts";
import { heldDraw, priorDraw, putStarts } from "./programs/starts.ts";
import { whyNotFinite } from "./programs/whyNotFinite.ts";
import {
  checkAllData,
  type PositionOf,
  traceDrawn,
  traceUnconstrained,
  type UnconstrainedTrace,
} from "./traceUnconstrained.ts";
import {
  type LatentValues,
  latentsAtValues,
  runUnconstraining,
  unconstraining,
  type ValuedLatent,
} from "./unconstrain.ts";

/**
 * The unconstrained log density of `model` given `data`. Traces the model; programs are made where they are first
 * needed.
 *
 * Discrete latents with finitely many values are summed out exactly; it is the log density of the others.
 *
 * @throws SurmiseError if there are no latents, or naming a latent with infinitely many values, or whose elements meet
 * in a site, or a site in a subsampled plate.
 *
 * @example
 * const density = logDensity(schools, undefined);
 * const gradient = new Float64Array(density.dimension);
 * const nats = density.evaluate(new Float64Array(density.dimension), gradient);
 */
export function logDensity<Data>(
  model: Model<Data, unknown>,
  data: Data,
  options: LogDensityOptions = {},
): LogDensity {
  checkArguments("logDensity", { model }, FUNCTION);
  checkArguments("logDensity", { options }, LOG_DENSITY_OPTIONS);
  const density = new LogDensity(model as Model<unknown, unknown>, data, options);
  for (const { name, plates } of density.trace.observed) checkAllData(`observe '${name}'`, plates);
  if (density.dimension === 0 && density.summedOut.length === 0 && density.held.size === 0) {
    throw new SurmiseError("the model has no latents (sample) whose log density there could be");
  }
  return density;
}

/** See `logDensity`. Positions are in float64, whatever is computed in. */
export class LogDensity implements Layout {
  /** The latents, in the order of the model, each with its part of a position. */
  readonly sites: readonly UnconstrainedSite[];
  /** How many unconstrained numbers a position has. */
  readonly dimension: number;
  /** The discrete latents that are held at values, if that was asked for. */
  readonly held: HeldDiscrete;
  /** The parameters of the model: inputs, by their names, of the programs that `at` becomes a part of. */
  readonly parameters: ParamStore;
  private readonly traced: (positionOf: PositionOf) => UnconstrainedTrace;
  private readonly drawn: (positionOf: PositionOf, along: Axis, key: Key) => Trace;
  private readonly tracedWith: (discrete: Discrete) => Trace;
  private readonly interpreted: (interpretation: Interpretation) => Trace;
  /** The inputs that hold the position in programs. */
  readonly inputs: readonly PositionInput[];
  /** The model at the inputs. */
  private readonly here: UnconstrainedTrace;
  private readonly programs: PositionPrograms;
  private readonly curvature: Hessian;
  private flatAxis: Axis | undefined;
  private evaluator: Evaluator | undefined;
  private valued: readonly ValuedLatent[] | undefined;

  /** @throws SurmiseError as `logDensity`. */
  constructor(model: Model<unknown, unknown>, data: unknown, options: LogDensityOptions) {
    const { parameters = paramStore(), values, chains, maxCost } = options;
    const { jacobian = true, nonCentred = false } = options;
    const elimination = {
      ...(chains !== undefined && { chains }),
      ...(maxCost !== undefined && { maxCost }),
    };
    const traced = { model, data, parameters, jacobian, nonCentred, elimination };
    this.parameters = parameters;
    const { holdsDiscrete = false } = options;
    this.held = new HeldDiscrete();
    const held = holdsDiscrete ? this.held.assign() : undefined;
    this.traced = (positionOf) => traceUnconstrained(traced, positionOf, held);
    this.drawn = (positionOf, along, key) =>
      holdsDiscrete
        ? traceUnconstrained(traced, positionOf, this.held.assign([along])).trace
        : traceDrawn(traced, positionOf, along, key);
    this.tracedWith = (discrete) =>
      traceUnconstrained(traced, partsOf(this, this.programs.position), discrete).trace;
    this.interpreted = (interpretation) => trace(model, data, interpretation, parameters);
    const bySite = new Map<string, Tensor>();
    const inputOf: PositionOf = ({ name, axes, distribution: { dtype } }) =>
      input(`${POSITION} ${name}`, axes, dtype);
    const first = this.traced((latent) => {
      const part = inputOf(latent);
      bySite.set(latent.name, part);
      return part;
    });
    checkRepeated(model, data, () => [first.trace, this.traced(inputOf).trace]);
    this.sites = layoutOf(first.latents);
    this.dimension = this.sites.reduce((n, { size }) => n + size, 0);
    if (options.layout === "flat" && this.dimension > 0) {
      this.inputs = positionInputs(this, POSITION, true);
      this.here = this.traceAt(this.inputs[0].tensor);
    } else {
      this.inputs = this.sites.map((site) => ({
        ...site,
        name: `${POSITION} ${site.name}`,
        tensor: bySite.get(site.name) as Tensor,
      }));
      this.here = first;
    }
    this.programs = new PositionPrograms(this, options, values);
    this.curvature = new Hessian(this.programs, this, this.here.value);
  }

  /** The axis of flat positions. */
  get unconstrained(): Axis {
    this.flatAxis ??= axis("unconstrained", this.dimension);
    return this.flatAxis;
  }

  /** What `evaluate` runs, made if it is not there yet. */
  get program(): Program {
    this.evaluator ??= this.makeEvaluator();
    return this.evaluator.program;
  }

  /**
   * What `evaluate` runs without its copies, in float64 and with the layout `flat`; undefined where positions and
   * gradients do not lie in memory as they are.
   */
  get inPlace(): InPlace | undefined {
    this.evaluator ??= this.makeEvaluator();
    return this.inputs.length === 1 ? this.evaluator.inPlace : undefined;
  }

  /** What `inPlace` is, for another thread; undefined where there is none, or latents are held. */
  replica(): ProgramReplica | undefined {
    if (this.held.size > 0) return undefined;
    return this.inPlace && this.evaluator?.replica();
  }

  /** About how many operations on numbers an evaluation takes at most. */
  get operations(): number {
    return operationsOf([this.here.value]);
  }

  /** The model, run at the position that programs are given. */
  get trace(): Trace {
    return this.here.trace;
  }

  /** The model, run at a position, with its log density. */
  traceAt(position: Position): UnconstrainedTrace {
    return this.traced(partsOf(this, position));
  }

  /**
   * The model, run at positions over `along`, with joint draws along it of the discrete latents, which the log density
   * has summed out, from their probabilities given each position.
   */
  traceDrawnAt(position: Position, along: Axis, key: Key): Trace {
    return this.drawn(partsOf(this, position), along, key);
  }

  /** The discrete latents, which are summed out, in the order of the model. */
  get summedOut(): readonly string[] {
    return this.here.summedOut?.enumeration.latents.map(({ name }) => name) ?? [];
  }

  /**
   * The probabilities of the values of each discrete latent given the data and a position of the others: over its
   * plates and an axis of its values, along which they sum to one. In a chain, given the data of all steps (smoothed:
   * the forward-backward algorithm).
   */
  probabilities(position: Float64Array): Record<string, SiteValue> {
    return probabilitiesAt(this.programs, this.here, position);
  }

  /**
   * Sets the values of the held latents, one after the other, each row-major over its axes, for `evaluate` and what it is
   * made of.
   */
  hold(values: Float64Array): void {
    this.evaluator ??= this.makeEvaluator();
    for (const name of ["evaluate", ...this.held.latents.map(conditionalName)]) {
      const program = this.programs.known(name);
      if (program !== undefined) this.programs.writeHeld(program, values);
    }
  }

  /** The full conditional of a held latent, ready to be evaluated at a position and values. */
  conditional(latent: HeldLatent): HeldConditional {
    return heldConditional(this.programs, this.here, latent);
  }

  /**
   * A draw from the prior: unconstrained numbers of all latents that have some.
   *
   * @throws SurmiseError naming a latent whose prior is improper.
   */
  drawPrior(seed: number): Float64Array {
    return priorDraw(this.programs, this.interpreted, seed);
  }

  /** Draws of the held latents from their priors given the others at a position; of those with a start (`init`), that. */
  drawHeld(position: Float64Array, seed: number): Float64Array {
    return heldDraw(this.programs, this.held, this.tracedWith, position, seed);
  }

  /** The latents whose priors depend on other latents. */
  get children(): ReadonlySet<string> {
    const latents = this.here.latents.filter(({ hasParents }) => hasParents);
    return new Set(latents.map(({ name }) => name));
  }

  /** A position by site, as known numbers. */
  bySite(position: Float64Array): Record<string, Tensor> {
    this.programs.checkLength("the position", position);
    const part = ({ name, axes, offset, size }: UnconstrainedSite) =>
      [name, computedValues(axes, position.slice(offset, offset + size), "float64")] as const;
    return Object.fromEntries(this.sites.map(part));
  }

  /**
   * The log density and its gradient at a position as expressions, for programs of one's own: flat, over the axis
   * `unconstrained`, or one tensor for each site over its axes; and any further axes, such as chains. The
   * model's parameters are inputs of such a program.
   *
   * @throws SurmiseError if the position lacks an axis or a site.
   */
  at<P extends Position>(position: P): LogDensityAt<P> {
    checkArguments("at", { position }, either(TENSOR, OBJECT));
    checkPosition(this, position);
    return withGradient(this.traceAt(position).value, position);
  }

  /**
   * The log density in nats at a position, whose gradient is written into `gradient`; both have `dimension` elements.
   * Allocates nothing. Where the density is not finite, neither are the results: `checkFinite` says why.
   *
   * @throws SurmiseError if a length is wrong, or parameters of the model have no values.
   */
  evaluate(position: Float64Array, gradient: Float64Array): number {
    const { dimension } = this;
    if (position?.length !== dimension || gradient?.length !== dimension) {
      this.programs.checkLength("the position", position);
      this.programs.checkLength("the gradient", gradient);
    }
    this.evaluator ??= this.makeEvaluator();
    return this.evaluator.evaluate(position, gradient);
  }

  /** The log density at a position, in nats. */
  value(position: Float64Array): number {
    return this.evaluate(position, new Float64Array(this.dimension));
  }

  /** The gradient at a position. */
  gradient(position: Float64Array): Float64Array {
    const gradient = new Float64Array(this.dimension);
    this.evaluate(position, gradient);
    return gradient;
  }

  /** What all but its own prior says of a latent at a position, in units of that prior (`priorUnitsInformation`). */
  informationOf(name: string, position: Float64Array): number {
    return priorUnitsInformation(this.programs, this.here, name, position);
  }

  /** The Hessian at a position times a direction. */
  hessianVectorProduct(position: Float64Array, direction: Float64Array): Float64Array {
    return this.curvature.times(position, direction);
  }

  /** The Hessian at a position, row-major; made column by column. */
  hessian(position: Float64Array): Float64Array {
    return this.curvature.at(position);
  }

  /**
   * The latents, parameters and deterministic sites at a position, in the order of the model, but for discrete latents
   * and what depends on them: these have probabilities.
   */
  constrain(position: Float64Array): Record<string, SiteValue> {
    return valuesAt(this.programs, this.here, position);
  }

  /**
   * The position at which the latents have these values, each row-major over its plates and event axes.
   *
   * @throws SurmiseError naming the site: of a latent that has no value, a value of no latent, one that is not in the
   * support or of another size.
   */
  unconstrain(values: LatentValues): Float64Array {
    checkArguments("unconstrain", { values }, OBJECT);
    this.valued ??= latentsAtValues(this.interpreted).filter(({ name }) =>
      this.sites.some((site) => site.name === name),
    );
    const latents = this.valued;
    const program = this.programs.of("unconstrain", () => unconstraining(latents, this.sites));
    const position = new Float64Array(this.dimension);
    return runUnconstraining(program, latents, this.sites, values, position);
  }

  /**
   * Puts the latents that the model gives a start (`init`) there, in a position that is complete otherwise.
   *
   * @throws SurmiseError naming the latent whose start is not inside its support.
   */
  startFrom(position: Float64Array): void {
    putStarts(this.programs, this.here, position);
  }

  /**
   * Sets the values of the model's parameters, for all that follows.
   *
   * @throws SurmiseError as the parameters of a fit: one is missing, or has another size or type.
   */
  setParameters(values: Trained): void {
    checkArguments("setParameters", { values }, OBJECT);
    this.programs.setParameters(values);
  }

  /**
   * Checks that density and gradient are finite at a position.
   *
   * @throws NotFinite naming the site, its parameter or observed value that is to blame.
   */
  checkFinite(position: Float64Array): void {
    const gradient = new Float64Array(this.dimension);
    const value = this.evaluate(position, gradient);
    if (Number.isFinite(value) && allFinite(gradient)) return;
    throw whyNotFinite(this.programs, this.here, position, gradient);
  }

  private makeEvaluator(): Evaluator {
    const program = this.programs.of("evaluate", () => evaluatorSpec(this.here.value, this.inputs));
    return new Evaluator(program, this.inputs);
  }
}
