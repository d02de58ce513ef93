/**
 * The log density of a model as a function of unconstrained numbers: what optimisers of the posterior, Hamiltonian
 * samplers and the Laplace approximation work on (Stan's `log_prob`, NumPyro's `potential_fn` with its sign turned).
 */
import { describeConstraint, isDiscrete } from "../../distributions/internal.ts";
import {
  draw,
  type Interpretation,
  type Latent,
  type Model,
  type ParamStore,
  paramStore,
  recordedSites,
  type SiteKind,
  type Trace,
  trace,
} from "../../model/internal.ts";
import {
  broadcast,
  type CompileOptions,
  compile,
  type Program,
  type ProgramReplica,
  type ProgramSpec,
} from "../../runtime/internal.ts";
import {
  ANYTHING,
  type Axis,
  axis,
  cast,
  checkArguments,
  type DType,
  describeAxes,
  FLAG,
  FUNCTION,
  grad,
  input,
  type Key,
  OBJECT,
  oneOf,
  optional,
  optionsWith,
  PRECISION,
  type Precision,
  SurmiseError,
  seedKey,
  sum,
  Tensor,
  type TypedArray,
  tensor,
} from "../../tensor/internal.ts";
import type { EliminationOptions } from "../elimination/eliminate.ts";
import { weightsOver } from "../elimination/particleWeights.ts";
import { particlesOf } from "../elimination/summedOut.ts";
import { unconstrainedOf } from "../guides/initialisation.ts";
import { constraintChecks } from "../logWeight/constraints.ts";
import { type Trained, writeTrained } from "../posterior/trained.ts";
import { findCause, NotFinite } from "../process/nonFinite.ts";
import { allFinite, writeSeed } from "../process/state.ts";
import type { Discrete } from "../proposal/enumeration.ts";
import { Evaluator, evaluatorSpec, type InPlace, POSITION } from "./evaluator.ts";
import { conditionalOf, HeldDiscrete, type HeldLatent, inputOf } from "./heldDiscrete.ts";
import {
  type Layout,
  layoutOf,
  type Position,
  type PositionInput,
  partsOf,
  positionInputs,
  type UnconstrainedSite,
} from "./layout.ts";
import {
  type PositionOf,
  refusePart,
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

/** The options of `logDensity`. */
export interface LogDensityOptions
  extends Pick<CompileOptions, "backend" | "threads">,
    Pick<EliminationOptions, "chains" | "maxCost"> {
  /** The store of the model's parameters; a new one unless given. */
  readonly parameters?: ParamStore;
  /** The values of the model's parameters, by name; may also be given by `setParameters`. */
  readonly values?: Trained;
  /**
   * Whether log |d constrain / d u| is added, so that it is the log density of u; true unless given. Without it, it is
   * that of the constrained values, whose maximum is that of maximum a posteriori estimates.
   */
  readonly jacobian?: boolean;
  /**
   * Whether discrete latents are not summed out, but held at values: then it is the joint log density of the others and
   * these (`held`). False unless given.
   */
  readonly holdsDiscrete?: boolean;
  /** Whether latents are read in units of priors that depend on other latents (`traceUnconstrained`). */
  readonly nonCentred?: boolean;
  /** What everything is computed in; float64 unless given. */
  readonly dtype?: Precision;
  /** How the position goes into programs: as one input, or one for each site, which is the default. */
  readonly layout?: "flat" | "sites";
  /** About how many evaluations there will be, 1000 unless given: many are worth native code. */
  readonly evaluations?: number;
}

/** What an argument that is `LogDensityOptions` must be; programs check the rest. */
const OPTIONS = optionsWith<LogDensityOptions>({
  parameters: optional(OBJECT),
  values: optional(OBJECT),
  jacobian: optional(FLAG),
  nonCentred: optional(FLAG),
  holdsDiscrete: optional(FLAG),
  dtype: optional(PRECISION),
  layout: optional(oneOf("flat", "sites")),
  evaluations: ANYTHING,
  chains: ANYTHING,
  maxCost: ANYTHING,
  backend: ANYTHING,
  threads: ANYTHING,
});

/** The values of a site at a position, row-major over its plates and event axes. */
export interface SiteValue {
  /** Latent, or deterministic. */
  readonly kind: SiteKind;
  /** Plates, then event axes. */
  readonly axes: readonly Axis[];
  /** The type of `data`. */
  readonly dtype: DType;
  /** The values, row-major over `axes`. */
  readonly data: TypedArray;
}

/** A log density and its gradient as expressions, over the further axes of the position. */
export interface LogDensityAt<P extends Position> {
  /** In nats, float64. */
  readonly value: Tensor;
  /** As the position; it lacks axes along which it is constant. */
  readonly gradient: P;
}

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
  checkArguments("logDensity", { options }, OPTIONS);
  const density = new LogDensity(model as Model<unknown, unknown>, data, options);
  checkWholeData(density.trace);
  if (density.dimension === 0 && density.summedOut.length === 0 && density.held.size === 0) {
    throw new SurmiseError("the model has no latents (sample) whose log density there could be");
  }
  return density;
}

const DIRECTION = "#direction";

const conditionalName = ({ name }: HeldLatent) => `conditional ${name}`;

/** The full conditional of a held latent. */
export interface HeldConditional {
  /** The axes along which elements are independent given all else, in the order of the plates. */
  readonly apart: readonly Axis[];
  /**
   * At a position and values of all held latents: what gives, for other values of the one, the log density in nats that
   * depends on it, row-major over `apart`. Overwritten by the next call.
   */
  at(position: Float64Array, values: Float64Array): (of: Float64Array) => ArrayLike<number>;
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
  private readonly options: LogDensityOptions;
  private readonly inputs: readonly PositionInput[];
  /** The model at the inputs. */
  private readonly here: UnconstrainedTrace;
  private readonly programs = new Map<string, Program>();
  private flatAxis: Axis | undefined;
  private evaluator: Evaluator | undefined;
  private valued: readonly ValuedLatent[] | undefined;
  /** The position that the program of Hessian-vector products was given last. */
  private center: Float64Array | undefined;
  private values: Trained | undefined;

  /** @throws SurmiseError as `logDensity`. */
  constructor(model: Model<unknown, unknown>, data: unknown, options: LogDensityOptions) {
    const { parameters = paramStore(), values, chains, maxCost } = options;
    const { jacobian = true, nonCentred = false } = options;
    const elimination = { ...(chains && { chains }), ...(maxCost && { maxCost }) };
    const traced = { model, data, parameters, jacobian, nonCentred, elimination };
    this.options = options;
    this.parameters = parameters;
    this.values = values;
    const { holdsDiscrete = false } = options;
    this.held = new HeldDiscrete();
    const held = holdsDiscrete ? this.held.assign() : undefined;
    this.traced = (positionOf) => traceUnconstrained(traced, positionOf, held);
    this.drawn = (positionOf, along, key) =>
      holdsDiscrete
        ? traceUnconstrained(traced, positionOf, this.held.assign([along])).trace
        : traceDrawn(traced, positionOf, along, key);
    this.tracedWith = (discrete) =>
      traceUnconstrained(traced, partsOf(this, this.positionTensor()), discrete).trace;
    this.interpreted = (interpretation) => trace(model, data, interpretation, parameters);
    const bySite = new Map<string, Tensor>();
    const first = this.traced(({ name, axes, distribution: { dtype } }) => {
      const part = input(`${POSITION} ${name}`, axes, dtype);
      bySite.set(name, part);
      return part;
    });
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
    const { summedOut } = this.here;
    if (summedOut === undefined) return {};
    const { enumeration, factors } = summedOut;
    const program = this.programOf("probabilities", () => ({
      outputs: Object.fromEntries(
        enumeration.latents.map(({ name, own, plates }) => [
          `probabilities ${name}`,
          weightsOver(
            [...plates.map(({ axis }) => axis), own],
            plates,
            factors,
            particlesOf(enumeration),
            {},
          ),
        ]),
      ),
    }));
    this.write(program, POSITION, position);
    const found = program.run();
    return Object.fromEntries(
      enumeration.latents.map(({ name, own, plates }) => {
        const { dtype } = found[`probabilities ${name}`];
        const axes = [...plates.map(({ axis }) => axis), own];
        const data = broadcast(found[`probabilities ${name}`], axes).slice();
        return [name, { kind: "latent", axes, dtype, data }];
      }),
    );
  }

  /**
   * Sets the values of the held latents, one after the other, each row-major over its axes, for `evaluate` and what it is
   * made of.
   */
  hold(values: Float64Array): void {
    this.evaluator ??= this.makeEvaluator();
    for (const name of ["evaluate", ...this.held.latents.map(conditionalName)]) {
      const program = this.programs.get(name);
      if (program !== undefined) this.writeHeld(program, values);
    }
  }

  /** The full conditional of a held latent, ready to be evaluated at a position and values. */
  conditional(latent: HeldLatent): HeldConditional {
    const { apart, value } = conditionalOf(latent, this.here.factors());
    const program = this.programOf(conditionalName(latent), () => ({
      outputs: { value },
      varying: [...this.inputs.map(({ tensor }) => tensor), latent.value],
    }));
    return {
      apart,
      at: (position, values) => {
        this.write(program, POSITION, position);
        this.writeHeld(program, values);
        return (of) => {
          program.write(inputOf(latent.name), of);
          return broadcast(program.run().value, apart);
        };
      },
    };
  }

  /**
   * A draw from the prior: unconstrained numbers of all latents that have some.
   *
   * @throws SurmiseError naming a latent whose prior is improper.
   */
  drawPrior(seed: number): Float64Array {
    const program = this.programOf("prior", () => {
      const drawOf = draw(seedKey());
      const { latents } = this.interpreted((statement) => {
        try {
          return drawOf(statement);
        } catch (cause) {
          if (!(cause instanceof SurmiseError)) throw cause;
          const what = `latent '${statement.name}' has no draws from its prior`;
          throw new SurmiseError(`${what}: ${cause.message}, or begin elsewhere`, { cause });
        }
      });
      const outputs = this.sites.map(({ name }) => {
        const { value, distribution } = latents.find((one) => one.name === name) as Latent;
        return [`prior ${name}`, unconstrainedOf(value, distribution)] as const;
      });
      return { outputs: Object.fromEntries(outputs) };
    });
    writeSeed(program, seed);
    const found = program.run();
    const position = new Float64Array(this.dimension);
    for (const { name, axes, offset } of this.sites) {
      position.set(broadcast(found[`prior ${name}`], axes), offset);
    }
    return position;
  }

  /** Draws of the held latents from their priors given the others at a position; of those with a start (`init`), that. */
  drawHeld(position: Float64Array, seed: number): Float64Array {
    const { held } = this;
    const program = this.programOf("start of held", () => {
      const drawOf = draw(seedKey());
      const { latents } = this.tracedWith((statement) =>
        isDiscrete(statement.distribution.support)
          ? statement.init === undefined
            ? drawOf(statement)
            : { kind: "latent", value: statement.init }
          : undefined,
      );
      const of = (name: string) => latents.find((latent) => latent.name === name)?.value as Tensor;
      return { outputs: Object.fromEntries(held.latents.map(({ name }) => [name, of(name)])) };
    });
    this.write(program, POSITION, position);
    writeSeed(program, seed);
    const found = program.run();
    const values = new Float64Array(held.size);
    for (const { name, axes, offset } of held.latents) {
      values.set(broadcast(found[name], axes), offset);
    }
    return values;
  }

  /** The latents whose priors depend on other latents. */
  get children(): ReadonlySet<string> {
    const latents = this.here.latents.filter(({ hasParents }) => hasParents);
    return new Set(latents.map(({ name }) => name));
  }

  /** A position by site, as known numbers. */
  bySite(position: Float64Array): Record<string, Tensor> {
    this.checkLength("the position", position);
    const part = ({ name, axes, offset, size }: UnconstrainedSite) =>
      [name, tensor(position.slice(offset, offset + size), axes)] as const;
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
    this.checkPosition(position);
    const { value } = this.traceAt(position);
    const entries: [string, Tensor][] =
      position instanceof Tensor ? [["", position]] : Object.entries(position);
    const total = value.axes.length === 0 ? value : sum(value);
    const found = grad(
      total,
      entries.map(([, x]) => x),
    );
    const gradient =
      position instanceof Tensor
        ? found[0]
        : Object.fromEntries(entries.map(([name], i) => [name, found[i]]));
    return { value, gradient: gradient as P };
  }

  /**
   * The log density in nats at a position, whose gradient is written into `gradient`; both have `dimension` elements.
   * Allocates nothing. Where the density is not finite, neither are the results: `checkFinite` says why.
   *
   * @throws SurmiseError if a length is wrong, or parameters of the model have no values.
   */
  evaluate(position: Float64Array, gradient: Float64Array): number {
    const { dimension } = this;
    if (position.length !== dimension || gradient.length !== dimension) {
      this.checkLength("the position", position);
      this.checkLength("the gradient", gradient);
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

  /** The Hessian at a position times a direction. */
  hessianVectorProduct(position: Float64Array, direction: Float64Array): Float64Array {
    this.checkLength("the direction", direction);
    const program = this.programOf("hessianVectorProduct", () => {
      const directions = positionInputs(this, DIRECTION, this.inputs[0].name === POSITION);
      const tensors = this.inputs.map(({ tensor }) => tensor);
      const along = grad(this.here.value, tensors)
        .map((gradient, i) => cast(sum(gradient.mul(directions[i].tensor)), "float64"))
        .reduce((a, b) => a.add(b));
      const products = grad(along, tensors).map((x, i) => [`product ${i}`, x] as const);
      // What depends on the position alone is computed once for each position.
      return {
        outputs: Object.fromEntries(products),
        varying: directions.map(({ tensor }) => tensor),
      };
    });
    if (this.center?.every((x, i) => x === position[i]) !== true) {
      this.write(program, POSITION, position);
      this.center = position.slice();
    }
    this.write(program, DIRECTION, direction);
    const found = program.run();
    const product = new Float64Array(this.dimension);
    this.inputs.forEach(({ axes, offset }, i) => {
      product.set(broadcast(found[`product ${i}`], axes), offset);
    });
    return product;
  }

  /** The Hessian at a position, row-major; made column by column. */
  hessian(position: Float64Array): Float64Array {
    const { dimension } = this;
    const matrix = new Float64Array(dimension ** 2);
    const direction = new Float64Array(dimension);
    for (let j = 0; j < dimension; j++) {
      direction[j] = 1;
      const column = this.hessianVectorProduct(position, direction);
      for (let i = 0; i < dimension; i++) matrix[i * dimension + j] = column[i];
      direction[j] = 0;
    }
    return matrix;
  }

  /**
   * The latents, parameters and deterministic sites at a position, in the order of the model, but for discrete latents
   * and what depends on them: these have probabilities.
   */
  constrain(position: Float64Array): Record<string, SiteValue> {
    const { trace: run, summedOut } = this.here;
    const sites = recordedSites(run).filter(({ value }) => !summedOut?.enumeration.varies(value));
    const program = this.programOf("constrain", () => ({
      outputs: Object.fromEntries(sites.map(({ name, value }) => [`site ${name}`, value])),
    }));
    this.write(program, POSITION, position);
    const found = program.run();
    return Object.fromEntries(
      sites.map(({ name, kind, axes }) => {
        const { dtype } = found[`site ${name}`];
        return [name, { kind, axes, dtype, data: broadcast(found[`site ${name}`], axes).slice() }];
      }),
    );
  }

  /**
   * The position at which the latents have these values, each row-major over its plates and event axes.
   *
   * @throws SurmiseError naming the site: of a latent that has no value, a value of no latent, one that is not in the
   * support or of another size; or if latents are not centred.
   */
  unconstrain(values: LatentValues): Float64Array {
    if (this.options.nonCentred) {
      throw new SurmiseError("unconstrain: the latents of this log density are not centred");
    }
    this.valued ??= latentsAtValues(this.interpreted).filter(({ name }) =>
      this.sites.some((site) => site.name === name),
    );
    const latents = this.valued;
    const program = this.programOf("unconstrain", () => unconstraining(latents));
    const position = new Float64Array(this.dimension);
    return runUnconstraining(program, latents, this.sites, values, position);
  }

  /**
   * Puts the latents that the model gives a start (`init`) there, in a position that is complete otherwise.
   *
   * @throws SurmiseError naming the latent whose start is not inside its support.
   */
  startFrom(position: Float64Array): void {
    const given = this.here.trace.latents.filter(({ name, init }) => {
      return init !== undefined && this.sites.some((site) => site.name === name);
    });
    if (given.length === 0) return;
    const program = this.programOf("start", () => ({
      outputs: Object.fromEntries(
        given.map(({ name, init, distribution }) => [
          `start ${name}`,
          unconstrainedOf(init as Tensor, distribution),
        ]),
      ),
    }));
    this.write(program, POSITION, position);
    const found = program.run();
    for (const { name, distribution } of given) {
      const { axes, offset } = this.sites.find((site) => site.name === name) as UnconstrainedSite;
      const part = broadcast(found[`start ${name}`], axes);
      if (!allFinite(part)) {
        throw new SurmiseError(
          `sample '${name}': init is not inside the support of its ${distribution.name}: it must be ` +
            `${describeConstraint(distribution.support)}, and not at an end of it`,
        );
      }
      position.set(part, offset);
    }
  }

  /**
   * Sets the values of the model's parameters, for all that follows.
   *
   * @throws SurmiseError as the parameters of a fit: one is missing, or has another size or type.
   */
  setParameters(values: Trained): void {
    this.values = values;
    for (const program of this.programs.values()) writeTrained(program, this.parameters, values);
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
    const { trace: run, value: logDensity, sites } = this.here;
    const cause = findCause(
      { "log density": logDensity },
      { sites, gradients: {}, constraintChecks: constraintChecks(run) },
      this.dtype,
      (program) => {
        this.write(program, POSITION, position);
        if (this.values !== undefined) writeTrained(program, this.parameters, this.values);
      },
    );
    const { metric = "log density is finite", violated } = cause;
    const steep = this.sites.flatMap(({ name, offset, size }) =>
      allFinite(gradient.subarray(offset, offset + size)) ? [] : [`gradient '${name}'`],
    );
    const why =
      violated !== undefined
        ? `${violated.text}. ${violated.remedy}`
        : cause.sites.length > 0
          ? cause.sites.join(", ")
          : `its derivative is not finite: ${steep.join(", ")}. Look for a logarithm, a root, a quotient ` +
            "or a power at the edge of where it is defined";
    throw new NotFinite(`at this position the ${metric}: ${why}`);
  }

  /** The position that programs are given. */
  private positionTensor(): Position {
    if (this.inputs.length === 1 && this.inputs[0].name === POSITION) return this.inputs[0].tensor;
    const bySite = this.sites.map(({ name }, i) => [name, this.inputs[i].tensor] as const);
    return Object.fromEntries(bySite);
  }

  private get dtype(): Precision {
    return this.options.dtype ?? "float64";
  }

  private makeEvaluator(): Evaluator {
    const program = this.programOf("evaluate", () => evaluatorSpec(this.here.value, this.inputs));
    return new Evaluator(program, this.inputs);
  }

  /** The program of this name, made once, with the parameters of the model. */
  private programOf(name: string, spec: () => ProgramSpec): Program {
    let program = this.programs.get(name);
    if (program === undefined) {
      const { backend, threads, evaluations } = this.options;
      program = compile(spec(), {
        dtype: this.dtype,
        ...(backend && { backend }),
        ...(threads && { threads }),
        ...(evaluations && { steps: evaluations }),
      });
      if (this.values !== undefined) writeTrained(program, this.parameters, this.values);
      this.programs.set(name, program);
    }
    return program;
  }

  private writeHeld(program: Program, values: Float64Array): void {
    for (const { name, offset, size } of this.held.latents) {
      const input = inputOf(name);
      if (program.inputs.has(input)) program.write(input, values.slice(offset, offset + size));
    }
  }

  /** Sets the inputs of a position, or of a direction. */
  private write(program: Program, what: string, flat: Float64Array): void {
    this.checkLength("the position", flat);
    for (const { name, offset, size } of this.inputs) {
      const input = name.replace(POSITION, what);
      if (program.inputs.has(input)) program.write(input, flat.slice(offset, offset + size));
    }
  }

  private checkLength(what: string, { length }: { readonly length: number }): void {
    if (length === this.dimension) return;
    throw new SurmiseError(
      `${what} has ${length} elements, but the latents have ${this.dimension} unconstrained numbers in all: ` +
        this.sites.map(({ name, size }) => `${size} of '${name}'`).join(", "),
    );
  }

  private checkPosition(position: Position): void {
    if (position instanceof Tensor) {
      if (position.has(this.unconstrained)) return;
      throw new SurmiseError(
        `the position has axes ${describeAxes(position.axes)}: it lacks ${describeAxes([this.unconstrained])}, the ` +
          "axis of unconstrained numbers (density.unconstrained)",
      );
    }
    for (const { name, axes } of this.sites) {
      const part: Tensor | undefined = position[name];
      if (part !== undefined && axes.every((a) => part.has(a))) continue;
      throw new SurmiseError(
        `the position of latent '${name}' must have the axes ${describeAxes(axes)}` +
          (part === undefined ? ", and is missing" : `, not ${describeAxes(part.axes)}`),
      );
    }
  }
}

function checkWholeData({ observed }: Trace): void {
  for (const { name, plates } of observed) {
    const part = plates.find(({ axis, total }) => total !== axis.size);
    if (part !== undefined) refusePart(`observe '${name}'`, part.axis, part.total);
  }
}
