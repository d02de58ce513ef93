/** Discrete latents that are not summed out but held at values: inputs of the programs of a log density. */
import { type FiniteValues, finiteValues, isDiscrete } from "../../distributions/internal.ts";
import { ownAxes, type Plate, type Statement } from "../../model/internal.ts";
import {
  type Axis,
  input,
  nodesOf,
  SurmiseError,
  sizeOf,
  sumTo,
  type Tensor,
} from "../../tensor/internal.ts";
import { combinesAlong } from "../logWeight/combined.ts";
import type { Factor } from "../logWeight/factors.ts";
import { type Discrete, isSummable } from "../proposal/enumeration.ts";

/** A discrete latent with one value for each element. */
export interface HeldLatent {
  /** The name of the latent. */
  readonly name: string;
  /** The plates it stands in. */
  readonly plates: readonly Plate[];
  /** Plates, then event axes: its values lie row-major over them. */
  readonly axes: readonly Axis[];
  /** Where its values begin among those of all held latents, and how many there are. */
  readonly offset: number;
  /** The product of the sizes of `axes`. */
  readonly size: number;
  /** Its values, where they are finitely many; else it is a count. */
  readonly finite: FiniteValues | undefined;
  /** The values, as an input of programs. */
  readonly value: Tensor;
}

/** With what the names of inputs of values begin. */
const VALUE = "#value of";

/** Reads every discrete latent as an input, and remembers which. */
export class HeldDiscrete {
  private readonly met = new Map<string, HeldLatent>();

  /** In the order of the statements. */
  get latents(): readonly HeldLatent[] {
    return [...this.met.values()];
  }

  /** All values of all of them. */
  get size(): number {
    return this.latents.reduce((n, { size }) => n + size, 0);
  }

  /**
   * What assigns its input to a discrete latent; one that varies along `along` too, if given.
   *
   * @throws SurmiseError naming a latent whose elements cannot change one at a time.
   */
  assign(along: readonly Axis[] = []): Discrete {
    return (statement) => {
      if (!isDiscrete(statement.distribution.support)) return undefined;
      const { name, value, axes } = this.latentOf(statement);
      if (along.length === 0) return { kind: "latent", value };
      return { kind: "latent", value: input(inputOf(name), [...along, ...axes], value.dtype) };
    };
  }

  private latentOf(statement: Statement): HeldLatent {
    const { name, plates, distribution } = statement;
    const known = this.met.get(name);
    if (known !== undefined) return known;
    const { support, dtype } = distribution;
    if (support.kind !== "count" && !isSummable(statement)) {
      throw new SurmiseError(
        `latent '${name}' is a ${distribution.name}, whose counts have a fixed sum, so that none of them can change by ` +
          "itself: choose method rws or mprws, or state its parts as binomials of what is left",
      );
    }
    const axes = ownAxes(plates, distribution);
    const held = {
      ...{ name, plates, axes, offset: this.size, size: sizeOf(axes) },
      finite: finiteValues(support),
      value: input(inputOf(name), axes, dtype),
    };
    this.met.set(name, held);
    return held;
  }
}

/** What the input of the values of a latent is called. */
export function inputOf(latent: string): string {
  return `${VALUE} ${latent}`;
}

/** The full conditional of a latent, up to a constant: what depends on its values. */
export interface Conditional {
  /** The plates whose elements are independent of one another given all else. */
  readonly apart: readonly Axis[];
  /** In nats: float64 over `apart`. */
  readonly value: Tensor;
}

/**
 * The full conditional of a held latent from the log factors of the model. Elements in plates in which all factors that
 * depend on it stand too are independent; those of event axes, of the steps of chains and of plates that a factor sums over
 * are not.
 */
export function conditionalOf(
  { value, plates }: HeldLatent,
  factors: readonly Factor[],
): Conditional {
  const own = factors.filter((factor) => nodesOf([factor.value]).includes(value));
  const apart = plates
    .filter(
      ({ axis, chain }) =>
        !chain &&
        own.every((one) => one.plates.some((p) => p.axis === axis)) &&
        !own.some((one) => combinesAlong(one.value, axis, new Set([value]))),
    )
    .map(({ axis }) => axis);
  const parts = own.map((factor) => {
    // A plate whose axis the value lacks counts as often as it has elements.
    const lacking = factor.plates.filter(
      ({ axis }) => !apart.includes(axis) && !factor.value.has(axis),
    );
    const times = sizeOf(lacking.map(({ axis }) => axis));
    return sumTo(times === 1 ? factor.value : factor.value.mul(times), apart);
  });
  return { apart, value: parts.reduce((a, b) => a.add(b)) };
}
