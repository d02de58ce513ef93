import type { Distribution } from "../distributions/index.ts";
import { type Axis, SurmiseError, type Tensor, unionAxes, withoutAxes } from "../tensor/index.ts";
import { checkDistribution, checkPlate, checkValue } from "./checks.ts";
import type { Model, Sites } from "./model.ts";
import { type Parameters, parameters } from "./parameters.ts";
import {
  type Latent,
  type Observed,
  ownAxes,
  type ParamSite,
  type Plate,
  type Site,
} from "./sites.ts";

/** A `sample` statement that waits for its value. */
export interface Statement {
  readonly name: string;
  readonly distribution: Distribution;
  /** The plates it stands in, outermost first. */
  readonly plates: readonly Plate[];
}

/** What an interpretation makes of a `sample` statement. */
export interface Assignment {
  readonly kind: "latent" | "observed";
  /** Axes: those of particles or draws, if any, then plates and event axes. */
  readonly value: Tensor;
}

/** Decides what each `sample` statement of a model becomes. */
export type Interpretation = (statement: Statement) => Assignment;

/** What a model said when it was run once. */
export interface Trace<Result = unknown> {
  readonly result: Result;
  /** By name, in the order of the statements. */
  readonly sites: ReadonlyMap<string, Site>;
  readonly latents: readonly Latent[];
  readonly observed: readonly Observed[];
  readonly params: readonly ParamSite[];
}

/**
 * Runs `model` once on `data`. Its `sample` statements get their values from `interpretation`, its
 * parameters from `store`. `extra` are axes that the data has besides those the model knows of, such as
 * one of several drawn data sets; those of the values that `interpretation` gives need not be told.
 *
 * @throws SurmiseError naming the site: two sites of one name, a distribution or a value with axes
 * that are neither plates nor events, a value of the wrong type or none, a plate with two sizes.
 */
export function trace<Data, Result>(
  model: Model<Data, Result>,
  data: Data,
  interpretation: Interpretation,
  store: Parameters = parameters(),
  extra: readonly Axis[] = [],
): Trace<Result> {
  const recorder = new Recorder(interpretation, store, extra);
  const result = model(recorder.statements(), data);
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

/** The state of one run of a model: what has been said, and the plates that are open. */
class Recorder {
  readonly sites = new Map<string, Site>();
  private readonly interpretation: Interpretation;
  private readonly store: Parameters;
  private readonly open: Plate[] = [];
  private readonly plates = new Map<string, Plate>();
  /** Axes of particles or draws that values came with; distributions may depend on them. */
  private extra: readonly Axis[];

  constructor(interpretation: Interpretation, store: Parameters, extra: readonly Axis[]) {
    this.interpretation = interpretation;
    this.store = store;
    this.extra = extra;
  }

  /** The statements as functions that can be taken apart: `({ sample, observe }) => ...`. */
  statements(): Sites {
    return {
      sample: (name, distribution) => this.sample(name, distribution),
      observe: (name, distribution, value) => this.observe(name, distribution, value),
      plate: (axis, body, options) => this.plate(axis, body, options?.total),
      param: (name, axes, options) => {
        const param = this.store.declare(name, axes, options);
        return this.add({ kind: "param", ...param }).value;
      },
      deterministic: (name, value) => {
        return this.add({ kind: "deterministic", name, value, plates: [...this.open] }).value;
      },
    };
  }

  private sample(name: string, distribution: Distribution): Tensor {
    const where = `sample '${name}'`;
    checkDistribution(where, distribution, this.open, this.extra, this.sites);
    const plates = [...this.open];
    const { kind, value } = this.interpretation({ name, distribution, plates });
    if (kind === "observed") {
      checkValue(where, distribution, value, plates, value.axes, this.sites);
    }
    this.extra = unionAxes(this.extra, withoutAxes(value.axes, ownAxes(plates, distribution)));
    return this.addRandom(kind, { name, distribution, plates }, value);
  }

  private observe(name: string, distribution: Distribution, value: Tensor): void {
    const where = `observe '${name}'`;
    checkValue(where, distribution, value, this.open, this.extra, this.sites);
    checkDistribution(where, distribution, this.open, this.extra, this.sites);
    this.addRandom("observed", { name, distribution, plates: [...this.open] }, value);
  }

  private plate<T>(axis: Axis, body: () => T, total = axis.size): T {
    const plate = { axis, total };
    checkPlate(plate, this.plates.get(axis.name), this.open);
    this.plates.set(axis.name, plate);
    this.open.push(plate);
    const result = body();
    this.open.pop();
    return result;
  }

  private addRandom(kind: "latent" | "observed", statement: Statement, value: Tensor): Tensor {
    let logProb: Tensor | undefined;
    return this.add({
      kind,
      ...statement,
      value,
      logProb: () => {
        logProb ??= statement.distribution.logProb(value);
        return logProb;
      },
    }).value;
  }

  private add<S extends Site>(site: S): S {
    if (site.name === "" || site.name.includes("#")) {
      throw new SurmiseError(`site '${site.name}': a name must not be empty or contain '#'`);
    }
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
