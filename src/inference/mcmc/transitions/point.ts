/** Points of a chain, and what their density is to samplers. */
import type { InPlace } from "../../density/programs/evaluator.ts";
import type { Slots } from "../memory.ts";

/** What samplers need of a log density (`LogDensity`): flat positions in unconstrained space. */
export interface Target {
  /** How many unconstrained numbers there are. */
  readonly dimension: number;
  /** The log density at a position in nats; its gradient is written. */
  evaluate(position: Float64Array, gradient: Float64Array): number;
  /** The same without copies, where there is that. */
  readonly inPlace?: InPlace | undefined;
}

/** A target whose memory is at hand. */
export function inPlaceTarget(inPlace: InPlace): Target {
  return {
    dimension: inPlace.position.length,
    inPlace,
    evaluate(position, gradient) {
      copyNumbers(inPlace.position, position);
      const value = inPlace.run();
      copyNumbers(gradient, inPlace.gradient);
      return value;
    },
  };
}

/** A position with what is known of the density there. */
export interface Point {
  /** In unconstrained space. */
  position: Float64Array;
  /** Of the log density, there. */
  gradient: Float64Array;
  /** In nats. */
  logDensity: number;
  /** Of a start: the values of the discrete latents that are held (`LogDensity.held`). */
  held?: Float64Array;
}

/** A point with zeros. */
export function newPoint(dimension: number): Point {
  const [position, gradient] = [new Float64Array(dimension), new Float64Array(dimension)];
  return { position, gradient, logDensity: 0 };
}

/** A point that lies in the memory of its chain. */
export class StoredPoint implements Point {
  /** In unconstrained space. */
  readonly position: Float64Array;
  /** Of the log density, there. */
  readonly gradient: Float64Array;
  private readonly value: Float64Array;

  constructor(slots: Slots, dimension: number) {
    this.position = slots("position", dimension);
    this.gradient = slots("gradient", dimension);
    this.value = slots("log density", 1);
  }

  /** In nats. */
  get logDensity(): number {
    return this.value[0];
  }

  set logDensity(nats: number) {
    this.value[0] = nats;
  }
}

/** `to` becomes a copy of `from`. */
export function copyPoint(to: Point, from: Readonly<Point>): void {
  copyNumbers(to.position, from.position);
  copyNumbers(to.gradient, from.gradient);
  to.logDensity = from.logDensity;
}

/** So many numbers at most are copied one by one: a call of `set` costs about as much (`npm run bench -- nuts-schools`). */
export const FEW = 64;

/** Writes `from` into `to`, from place `at` on. */
export function copyNumbers(to: Float64Array, from: Float64Array, at = 0): void {
  if (from.length > FEW) to.set(from, at);
  else for (let i = 0; i < from.length; i++) to[at + i] = from[i];
}
