/** The module of trajectories, as it runs for a target. */
import { instancesOf, SPARE } from "../../../runtime/internal.ts";
import { SurmiseError } from "../../../tensor/internal.ts";
import type { Linked } from "../../density/programs/evaluator.ts";
import type { Metric } from "../metrics/metric.ts";
import type { ChainRandom } from "../random.ts";
import { copyNumbers, FEW, type Point, type Target } from "../transitions/point.ts";
import type { TransitionReport } from "../transitions/transition.ts";
import {
  type FloatName,
  floatAt,
  type IntName,
  intAt,
  LEVEL,
  LEVEL_VECTORS,
  LEVELS,
  VECTOR_NAMES,
  VECTORS,
} from "./layout.ts";
import { trajectoryModule } from "./module.ts";

/** Those of the targets that chains sample. */
const TRAJECTORIES = new WeakMap<Target, Trajectory>();
/** By the place of their numbers in memory: compiled where it is first needed. */
const INSTANCES = new Map<number | undefined, ReturnType<typeof instancesOf>>();

/**
 * The trajectories of a target, which its chains share.
 *
 * @throws SurmiseError if there is no room for their vectors.
 */
export function trajectoryOf(target: Target, maxDepth: number): Trajectory {
  let known = TRAJECTORIES.get(target);
  if (known === undefined || known.maxDepth < maxDepth) {
    known = new Trajectory(target, maxDepth);
    TRAJECTORIES.set(target, known);
  }
  return known;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 65536;

/** The module, with its memory, for one target. */
export class Trajectory {
  /** The most doublings that there is room for. */
  readonly maxDepth: number;
  private readonly floats: Float64Array;
  private readonly ints: Int32Array;
  private readonly position: Float64Array;
  private readonly gradient: Float64Array;
  private readonly scale: Float64Array;
  private readonly momentum: Float64Array;
  private readonly run: (stepSize: number, most: number) => void;
  private readonly linked: Linked | undefined;
  /** That of the chain whose trajectory is made. */
  private metric: Metric | undefined;

  constructor(target: Target, maxDepth: number) {
    const { dimension } = target;
    this.maxDepth = maxDepth;
    // Vectors are of whole pairs, whose last number may be one of zeros.
    const bytes = 16 * Math.ceil(dimension / 2);
    const vectors = VECTOR_NAMES.length + LEVEL_VECTORS * maxDepth;
    const size = VECTORS + vectors * bytes;
    const linked = size <= SPARE ? target.inPlace?.linked : undefined;
    const memory = (linked?.memory ?? memoryOf(size, dimension)) as WebAssembly.Memory;
    const { buffer } = memory;
    const base = linked?.free ?? 0;
    this.linked = linked;
    this.floats = new Float64Array(buffer, base, VECTORS / 8);
    this.ints = new Int32Array(buffer, base, VECTORS / 4);
    const vector = (name: (typeof VECTOR_NAMES)[number]) =>
      new Float64Array(buffer, this.ints[intAt(name)], dimension);
    this.ints[intAt("bytes")] = bytes;
    this.ints[intAt("numbers")] = 8 * dimension;
    this.ints[intAt("densityPosition")] = linked?.position ?? 0;
    this.ints[intAt("densityGradient")] = linked?.gradient ?? 0;
    this.ints[intAt("densityValue")] = linked?.value ?? 0;
    VECTOR_NAMES.forEach((name, i) => {
      this.ints[intAt(name)] = base + VECTORS + i * bytes;
    });
    for (let i = 0; i < LEVEL_VECTORS * maxDepth; i++) {
      this.ints[(LEVELS + LEVEL * Math.floor(i / LEVEL_VECTORS)) / 4 + (i % LEVEL_VECTORS)] =
        base + VECTORS + (VECTOR_NAMES.length + i) * bytes;
    }
    this.position = vector("position");
    this.gradient = vector("gradient");
    this.scale = vector("scale");
    this.momentum = vector("momentum");
    const [force, velocity] = [vector("force"), vector("velocity")];
    const env = {
      memory,
      exp: Math.exp,
      ...(linked === undefined
        ? { evaluate: evaluation(target, this.position, this.gradient) }
        : { run: linked.run }),
      times: () => this.metric?.times(this.momentum, velocity),
      transposed: () => this.metric?.transposed(this.gradient, force),
    };
    const instances = INSTANCES.get(linked?.free) ?? instancesOf(trajectoryModule(linked?.free));
    INSTANCES.set(linked?.free, instances);
    this.run = instances(env).next as Trajectory["run"];
  }

  /** Moves `point` along a trajectory. */
  next(
    point: Point,
    metric: Metric,
    stepSize: number,
    most: number,
    random: ChainRandom,
    report: TransitionReport,
  ): void {
    const { position, gradient, momentum, floats, ints } = this;
    const { diagonal } = metric;
    this.metric = metric;
    copyNumbers(position, point.position);
    copyNumbers(gradient, point.gradient);
    if (diagonal !== undefined) copyNumbers(this.scale, diagonal);
    random.normals(momentum);
    floats[LOG_DENSITY] = point.logDensity;
    ints[IS_GENERAL] = diagonal === undefined ? 1 : 0;
    random.save(ints, RANDOM);
    this.linked?.prepare();
    this.run(stepSize, most);
    random.restore(ints, RANDOM);
    const leapfrogs = ints[LEAPFROGS];
    report.leapfrogs = leapfrogs;
    report.diverging = ints[DIVERGING] !== 0;
    report.depth = ints[DEPTH];
    report.distance = ints[DISTANCE];
    report.energy = floats[ENERGY];
    report.acceptance = floats[ACCEPTANCE] / leapfrogs;
    report.symmetricAcceptance = floats[SYMMETRIC] / leapfrogs;
    if (report.distance === 0) return;
    copyNumbers(point.position, position);
    copyNumbers(point.gradient, gradient);
    point.logDensity = floats[LOG_DENSITY];
  }
}

const [LOG_DENSITY, ENERGY, ACCEPTANCE, SYMMETRIC] = (
  ["logDensity", "drawnEnergy", "acceptance", "symmetricAcceptance"] satisfies FloatName[]
).map(floatAt);
const [IS_GENERAL, RANDOM, LEAPFROGS, DIVERGING, DEPTH, DISTANCE] = (
  ["isGeneral", "random0", "leapfrogs", "diverging", "depth", "drawnDistance"] satisfies IntName[]
).map(intAt);

/** @throws SurmiseError if there is no room for so many bytes. */
function memoryOf(bytes: number, dimension: number): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE) });
  } catch {
    throw new SurmiseError(
      `there is no room for the trajectories of ${dimension} unconstrained numbers (${bytes} bytes): ` +
        "a smaller maxDepth needs less",
    );
  }
}

/** The log density at `position`, whose gradient is written. */
function evaluation(target: Target, position: Float64Array, gradient: Float64Array): () => number {
  const { inPlace } = target;
  if (inPlace === undefined) return () => target.evaluate(position, gradient);
  const { position: to, gradient: from } = inPlace;
  if (position.length > FEW) {
    return () => {
      to.set(position);
      const value = inPlace.run();
      gradient.set(from);
      return value;
    };
  }
  return () => {
    for (let i = 0; i < position.length; i++) to[i] = position[i];
    const value = inPlace.run();
    for (let i = 0; i < gradient.length; i++) gradient[i] = from[i];
    return value;
  };
}
