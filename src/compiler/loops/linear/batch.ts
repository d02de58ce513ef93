/** The loops around one matrix of a batch, shared out where the work is worth it. */
import type { Axis } from "../../../tensor/index.ts";
import { type Buffer, stride } from "../../buffer.ts";
import type { Address, AffineTerm, Statement, Target, Variable } from "../loops.ts";
import { ALIGNED, tasksFor } from "../partition.ts";
import { startOf, stepsIn, type TileDim, tileDim } from "../product/dims.ts";

/** The loops over the matrices of a batch, and where each lies. */
export class Batch {
  private readonly counters: ReadonlyMap<Axis, Variable>;
  private readonly vector: Axis | undefined;
  private readonly lanes: number;
  /** The largest axis, cut into pieces for threads. */
  private readonly cut: TileDim | undefined;

  /** Loops over `axes`, the one along `vector` innermost and in `lanes`, around `work` operations. */
  constructor(
    axes: readonly Axis[],
    vector: Axis | undefined,
    lanes: number,
    work: number,
    target: Target,
  ) {
    this.vector = vector;
    this.lanes = lanes;
    this.counters = new Map(axes.map((a) => [a, { name: a.name }]));
    const [largest] = [...axes].sort((a, b) => b.size - a.size);
    const unit = largest === vector ? ALIGNED : 1;
    const pieces = Math.max(1, tasksFor(work, target));
    const each = largest && Math.ceil(largest.size / pieces / unit) * unit;
    this.cut = largest && tileDim("batch", [largest], Math.max(1, each));
  }

  /** Whether the batch is shared out. */
  get isShared(): boolean {
    return this.cut?.counter !== undefined;
  }

  /** Where the matrix begins in `b`. */
  start(b: Buffer): Address {
    const terms = [...this.counters].flatMap(([a, variable]): AffineTerm[] => {
      const by = stride(b, a);
      const before = a === this.cut?.axes[0] ? startOf(this.cut, by) : [];
      return [...before, { variable, factor: by }];
    });
    return { buffer: b, terms: terms.filter((t) => t.factor !== 0), positions: [] };
  }

  /** The loops around `body`. */
  around(body: readonly Statement[]): readonly Statement[] {
    const { vector, lanes, cut } = this;
    const ordered = [...this.counters].sort(
      ([a], [b]) => Number(a === vector) - Number(b === vector),
    );
    const loops = ordered.reduceRight<readonly Statement[]>((inner, [a, variable]) => {
      const to = a === cut?.axes[0] ? stepsIn(cut, 1) : a.size;
      const width = a === vector ? lanes : 1;
      return [{ kind: "loop", variable, to, step: width, lanes: width, body: inner }];
    }, body);
    if (cut?.counter === undefined) return loops;
    return [{ kind: "parallel", variable: cut.counter, to: cut.blocks, body: loops }];
  }
}
