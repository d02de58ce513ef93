import { type Distribution, factorOf } from "../distributions/internal.ts";
import {
  type Axis,
  cast,
  constant,
  type Operand,
  SurmiseError,
  Tensor,
  unionAxes,
  withoutAxes,
} from "../tensor/internal.ts";
import { type Reading, readChain } from "./chains/chain.ts";
import type { ChainStep, State } from "./chains/step.ts";
import { type Observing, type StepStatement, sampledAlong } from "./chains/tape.ts";
import {
  asDrawn,
  checkAxis,
  checkChain,
  checkDistribution,
  checkFunction,
  checkInitialState,
  checkIsDistribution,
  checkName,
  checkParam,
  checkPlaceholders,
  checkPlate,
  checkPlateOptions,
  checkSampleOptions,
  checkTensor,
  checkValue,
} from "./checks.ts";
import type { Model, SampleSiteOptions, Sites } from "./model.ts";
import { type ParamStore, paramStore } from "./parameters.ts";
import {
  type Deterministic,
  type Latent,
  type Observed,
  ownAxes,
  type ParamSite,
  type Plate,
  type Site,
} from "./sites.ts";
import type { Assignment, Interpretation, Statement } from "./statement.ts";
import { synchronous } from "./synchronous.ts";
import { describeTypeError } from "./typeErrors.ts";

/** What a model said when it was run once. */
export interface Trace<Result = unknown> {
  /** What the model returned. */
  readonly result: Result;
  /** By name, in the order of the statements. */
  readonly sites: ReadonlyMap<string, Site>;
  /** The sites to be inferred, in the order of the statements. */
  readonly latents: readonly Latent[];
  /** The sites with data, in the order of the statements. */
  readonly observed: readonly Observed[];
  /** The trained parameters, in the order of the statements. */
  readonly params: readonly ParamSite[];
}

/**
 * Runs `model` once on `data`. Its `sample` statements get their values from `interpretation`, its
 * parameters from `store`. `extra` are axes that the data has besides those the model knows of, such as
 * one of several drawn data sets; those of the values that `interpretation` gives may be left out.
 *
 * @throws SurmiseError naming the site: two sites of one name, a distribution or a value with axes
 * that are neither plates nor events, a value of the wrong type or none, a plate with two sizes; if the
 * model is async or a generator, or reads data that are undefined.
 */
export function trace<Data, Result>(
  model: Model<Data, Result>,
  data: Data,
  interpretation: Interpretation,
  store: ParamStore = paramStore(),
  extra: readonly Axis[] = [],
): Trace<Result> {
  const recorder = new Recorder(interpretation, store, extra);
  const result = recorder.record(model, data);
  const of = <K extends Site["kind"]>(kind: K) =>
    [...recorder.sites.values()].filter((site) => site.kind === kind) as (Site & { kind: K })[];
  return {
    result,
    sites: recorder.sites,
    latents: of("latent"),
    observed: of("observed"),
    params: of("param"),
  };
}

/** Errors of JavaScript in a model, such as of arrays in the place of tensors, with what to do. */
function explained(cause: unknown, data: unknown): unknown {
  if (!(cause instanceof TypeError)) return cause;
  if (data === undefined) {
    return new SurmiseError(
      `the model has got no data (data: undefined), and fails: ${cause.message}. If it needs data, give it some`,
      { cause },
    );
  }
  return new SurmiseError(`the model fails: ${describeTypeError(cause)}`, { cause });
}

/** Where a search begins, in the type of the draws. */
function initOf(given: Operand, { dtype }: Distribution): Tensor {
  return given instanceof Tensor ? cast(given, dtype) : constant(given, dtype);
}

/** The state of one run of a model: what has been said, and the plates that are open. */
class Recorder {
  readonly sites = new Map<string, Site>();
  private readonly interpretation: Interpretation;
  private readonly store: ParamStore;
  private readonly open: Plate[] = [];
  private readonly plates = new Map<string, Plate>();
  /** Axes of particles or draws that values came with; distributions may depend on them. */
  private extra: readonly Axis[];
  /** While the step of a chain is being called, its axis and its statements, which are recorded afterwards. */
  private calling: { readonly axis: Axis; readonly statements: StepStatement[] } | undefined;
  /** The chains that there were: what stood for the values of a step means nothing outside of it. */
  private readonly chains: { readonly axis: Axis; readonly placeholders: readonly Tensor[] }[] = [];
  private ended = false;

  constructor(interpretation: Interpretation, store: ParamStore, extra: readonly Axis[]) {
    this.interpretation = interpretation;
    this.store = store;
    this.extra = extra;
  }

  /** Runs the model; after it has returned, its statements record no more. */
  record<Data, Result>(model: Model<Data, Result>, data: Data): Result {
    checkFunction("trace", model, "the model");
    try {
      return synchronous("the model", model(this.statements(), data));
    } catch (cause) {
      throw explained(cause, data);
    } finally {
      this.ended = true;
    }
  }

  /** The statements as functions that can be taken apart: `({ sample, observe }) => ...`. */
  private statements(): Sites {
    return {
      sample: (name, distribution, options) => {
        this.begin("sample", name);
        return this.sample(name, distribution, options);
      },
      observe: (name, distribution, value) => {
        this.begin("observe", name);
        this.observe(name, distribution, typeof value === "number" ? constant(value) : value);
      },
      factor: (name, logDensity) => {
        this.begin("factor", name);
        checkTensor(`factor '${name}'`, logDensity);
        const distribution = factorOf(logDensity);
        this.observe(name, distribution, constant(0, distribution.dtype), "factor");
      },
      plate: (axis, body, options) => {
        this.begin("plate");
        checkAxis("plate", axis);
        checkFunction(`plate '${axis.name}'`, body, "its body");
        checkPlateOptions(`plate '${axis.name}'`, options);
        const { total = axis.size, minibatch } = options ?? {};
        return this.plate({ axis, total, ...(minibatch && { minibatch }) }, body);
      },
      chain: (axis, initial, step) => {
        this.begin("chain");
        checkAxis("chain", axis);
        checkInitialState(`chain '${axis.name}'`, initial);
        checkFunction(`chain '${axis.name}'`, step, "its step");
        return this.chain(axis, initial, step);
      },
      param: (name, axes, options) => {
        this.begin("param", name);
        checkParam(`param '${name}'`, axes, options);
        const param = this.store.declare(name, axes, options);
        return this.state({ kind: "param", ...param }).value;
      },
      deterministic: (name, value) => {
        this.begin("deterministic", name);
        checkTensor(`deterministic '${name}'`, value);
        if (this.calling === undefined) {
          checkPlaceholders(`deterministic '${name}'`, [value], this.chains);
        }
        return this.state({ kind: "deterministic", name, value, plates: [...this.open] }).value;
      },
    };
  }

  /** A statement is made while the model runs, under a name that results can bear. */
  private begin(statement: keyof Sites, name?: unknown): void {
    if (statement !== "plate" && statement !== "chain") checkName(statement, name);
    if (!this.ended) return;
    const which = name === undefined ? statement : `${statement} '${name}'`;
    throw new SurmiseError(
      `${which} is called after its model has returned: statements belong to one run of one model, so make ` +
        "them in its function, none of them later or in another model",
    );
  }

  private sample(
    name: string,
    distribution: Distribution,
    options: SampleSiteOptions = {},
  ): Tensor {
    const where = `sample '${name}'`;
    checkSampleOptions(where, name, options);
    const { init: given } = options;
    checkIsDistribution(where, distribution);
    const plates = [...this.open];
    const init = given === undefined ? undefined : initOf(given, distribution);
    if (this.calling === undefined) {
      checkPlaceholders(where, Object.values(distribution.parameters), this.chains);
      return this.addSample({ name, distribution, plates, ...(init && { init }) });
    }
    const { axis, statements } = this.calling;
    const sampled = sampledAlong(axis, name, distribution, plates, init);
    statements.push(sampled);
    return sampled.value;
  }

  /** @param known its value, in a chain. */
  private addSample(statement: Statement, known?: Assignment, reading?: Reading<State>): Tensor {
    const { name, distribution, plates } = statement;
    const where = `sample '${name}'`;
    if (known !== undefined) this.meet(known, plates, distribution);
    checkDistribution(where, distribution, plates, this.extra, this.sites);
    const assignment = known ?? this.interpretation(statement);
    const { kind, value } = assignment;
    if (kind === "observed") {
      checkValue(where, distribution, value, plates, value.axes, this.sites);
    }
    this.meet(assignment, plates, distribution);
    return this.addRandom(statement, assignment, reading);
  }

  /** Particles that a value has come with may be met in what follows. */
  private meet({ value, link }: Assignment, plates: readonly Plate[], own: Distribution): void {
    const particles = withoutAxes(value.axes, ownAxes(plates, own));
    this.extra = unionAxes(this.extra, particles, link === undefined ? [] : [link.previous]);
  }

  private observe(
    name: string,
    distribution: Distribution,
    value: Tensor,
    word: Observing["word"] = "observe",
  ): void {
    const where = `${word} '${name}'`;
    checkIsDistribution(where, distribution);
    const plates = [...this.open];
    if (this.calling === undefined) {
      const used = [...Object.values(distribution.parameters), value];
      checkPlaceholders(where, used, this.chains);
      this.addObserved({ name, distribution, plates }, value, word);
    } else {
      this.calling.statements.push({ kind: "observe", word, name, distribution, plates, value });
    }
  }

  private addObserved(
    statement: Statement,
    given: Tensor,
    word: Observing["word"],
    reading?: Reading<State>,
  ): void {
    const { name, distribution, plates } = statement;
    const where = `${word} '${name}'`;
    const value = asDrawn(where, distribution, given);
    checkValue(where, distribution, value, plates, this.extra, this.sites);
    checkDistribution(where, distribution, plates, this.extra, this.sites);
    this.addRandom(statement, { kind: "observed", value }, reading);
  }

  private plate<T>(plate: Plate, body: () => T): T {
    const { axis } = plate;
    checkPlate(plate, this.plates.get(axis.name), this.open);
    this.plates.set(axis.name, plate);
    this.open.push(plate);
    try {
      const where = plate.chain
        ? `a step of chain '${axis.name}'`
        : `the body of plate '${axis.name}'`;
      return synchronous(where, body());
    } finally {
      this.open.pop();
    }
  }

  private chain<S extends State>(
    axis: Axis,
    initial: S,
    body: (previous: S, step: ChainStep) => S,
  ): S {
    checkChain(axis, this.open);
    return this.plate({ axis, total: axis.size, chain: true }, () => {
      const reading = readChain(axis, initial, {
        call: (previous, step) => this.call(axis, () => body(previous, step)),
        interpret: this.interpretation,
        outer: unionAxes(
          this.extra,
          this.open.map((plate) => plate.axis),
        ),
      });
      this.chains.push({ axis, placeholders: reading.placeholders });
      for (const statement of reading.statements) this.addOfChain(statement, reading);
      return reading.states;
    });
  }

  /** Calls the step of a chain, whose statements wait until they can be recorded. */
  private call<S extends State>(axis: Axis, body: () => S) {
    const statements: StepStatement[] = [];
    this.calling = { axis, statements };
    try {
      return { statements, state: synchronous(`a step of chain '${axis.name}'`, body()) };
    } finally {
      this.calling = undefined;
    }
  }

  /** Records what the step of a chain has stated, at all its steps. */
  private addOfChain(said: StepStatement, reading: Reading<State>): void {
    if (said.kind === "param") {
      this.add(said);
    } else if (said.kind === "deterministic") {
      this.add({ ...said, value: reading.of(said.value) });
    } else {
      const { kind, name, plates, value } = said;
      const statement = { name, plates, distribution: said.distribution.map(reading.of) };
      if (kind === "observe") {
        const known = value instanceof Tensor ? reading.of(value) : value;
        this.addObserved(statement, known, said.word, reading);
      } else {
        const init = said.kind === "sample" && said.init ? reading.of(said.init) : undefined;
        const sampled = { ...statement, ...(init && { init }) };
        this.addSample(sampled, reading.values.get(name), reading);
      }
    }
  }

  private addRandom(
    statement: Statement,
    { kind, value, link }: Assignment,
    reading: Reading<State> | undefined,
  ): Tensor {
    let found: Tensor | undefined;
    const logProb = () => {
      found ??= statement.distribution.logProb(value);
      return found;
    };
    const steps = reading?.steps(logProb);
    return this.add({
      kind,
      ...statement,
      value,
      logProb,
      ...(steps && { steps }),
      ...(link && { link }),
    }).value;
  }

  /** Records what is not random; in the step of a chain, once all steps are known. */
  private state<S extends ParamSite | Deterministic>(site: S): S {
    if (this.calling === undefined) return this.add(site);
    this.calling.statements.push(site);
    return site;
  }

  private add<S extends Site>(site: S): S {
    if (this.sites.has(site.name)) {
      throw new SurmiseError(
        `two sites are named '${site.name}': every sample, observe, param and deterministic of a ` +
          "model needs a name of its own",
      );
    }
    this.sites.set(site.name, site);
    return site;
  }
}
