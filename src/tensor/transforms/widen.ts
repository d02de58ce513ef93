/**
 * Expressions computed in float64. A model says float32 for "the type of its numbers"; what that is, is
 * decided once, for a whole program: in `widened` expressions every float32 node is a float64 one, with
 * constants and known values as they were before they were rounded.
 */
import { type Axis, describeAxes, describePlace } from "../axis.ts";
import { shr } from "../bits.ts";
import type { DType } from "../dtype.ts";
import { SurmiseError } from "../errors.ts";
import { input } from "../math.ts";
import type { OperationOf } from "../ops.ts";
import { bodyOf, carry, loopValue, type ScanLoop } from "../scan/loop.ts";
import { cast, constant, make, nodesOf, Tensor, withInputs } from "../tensor.ts";

const wideType = (dtype: DType): DType => (dtype === "float32" ? "float64" : dtype);

/** Expressions with float64 in the place of float32; equal nodes stay equal in all that it is given. */
export class Widening {
  private readonly known = new Map<Tensor, Tensor>();
  private readonly loops = new Map<
    ScanLoop,
    { readonly wide: ScanLoop; readonly inside: Widening }
  >();

  /** `root` in float64. */
  widen(root: Tensor): Tensor {
    for (const node of nodesOf([root])) {
      if (this.known.has(node)) continue;
      const inputs = node.inputs.map((x) => this.known.get(x) as Tensor);
      this.known.set(node, this.node(node, inputs));
    }
    return this.known.get(root) as Tensor;
  }

  private node(node: Tensor, inputs: readonly Tensor[]): Tensor {
    const { operation, dtype, exact } = node;
    if (operation.op === "scan") return this.scan(operation, inputs);
    if (operation.op === "cast") {
      return dtype === "float32" && isUniformBits(node.inputs[0])
        ? moreBits(inputs[0])
        : cast(inputs[0], wideType(dtype));
    }
    if (dtype !== "float32") return withInputs(node, inputs);
    switch (operation.op) {
      case "constant":
        return constant(typeof exact === "number" ? exact : operation.value, "float64");
      case "literal": {
        const data = exact instanceof Float64Array ? exact : Float64Array.from(operation.data);
        return make({ ...operation, data }, []);
      }
      case "input":
        return input(operation.name, operation.order, "float64");
      default:
        return withInputs(node, inputs);
    }
  }

  /** Scans of one loop stay scans of one loop. */
  private scan(operation: OperationOf<"scan">, inputs: readonly Tensor[]): Tensor {
    const { loop, value } = bodyOf(operation);
    const { wide, inside } = this.loop(loop);
    const body = loopValue(wide, inside.widen(value));
    return make({ ...operation, body, dtype: wideType(operation.dtype) }, inputs);
  }

  private loop(loop: ScanLoop): { readonly wide: ScanLoop; readonly inside: Widening } {
    const known = this.loops.get(loop);
    if (known !== undefined) return known;
    const inside = new Widening();
    const leaf = (x: Tensor): Tensor => {
      const made = carry(x.axes, wideType(x.dtype));
      inside.known.set(x, made);
      return made;
    };
    inside.known.set(loop.turn, loop.turn);
    const [carries, free] = [loop.carries.map(leaf), loop.free.map(leaf)];
    const next = loop.next.map((x) => inside.widen(x));
    const found = { wide: { ...loop, carries, free, next }, inside };
    this.loops.set(loop, found);
    return found;
  }
}

/** The bits that `uniform` makes a float32 number of. */
function isUniformBits({ operation, inputs }: Tensor): boolean {
  return operation.op === "shr" && inputs[0].op === "threefry";
}

/** Sets the counters of the bits behind the first 23 apart from those of all others. */
const MORE_BITS = 1 << 24;

/** The number of the first 23 bits, and less than a half more or less, by 26 bits more. */
function moreBits(first: Tensor): Tensor {
  const [bits] = first.inputs;
  const [k0, k1, at, block] = bits.inputs;
  const more = make(bits.operation, [k0, k1, at, block.add(MORE_BITS)]);
  return cast(first, "float64").add(
    cast(shr(more, 6), "float64")
      .add(0.5)
      .mul(2 ** -26)
      .sub(0.5),
  );
}

/**
 * Values that were computed, such as those where a search ended, row-major over `axes`, float32 or float64. As those of
 * lists float32 ones are exact where a program is compiled in float64; where they are not, rounding loses nothing that
 * anyone has given.
 */
export function computedValues(axes: readonly Axis[], exact: Float64Array, dtype: DType): Tensor {
  const literal = { op: "literal", order: axes, computed: true } as const;
  const kept = exact.slice();
  if (dtype === "float64") return make({ ...literal, data: kept }, []);
  return new Tensor({ ...literal, data: Float32Array.from(kept) }, [], axes, "float32", kept);
}

/** Rounding that moves values by more than this share of their range says that they have an offset. */
const MOST_LOST = 1e-5;

/** Values that differ by less than this share of their size are one number, computed in doubles in several ways. */
const ONE_NUMBER = 2 ** -48;

/**
 * Refuses known values that float32 cannot tell apart: whole numbers that it lacks, and values near each
 * other and far from 0.
 *
 * @throws SurmiseError with the values, and what to do.
 */
export function refuseRounded(roots: readonly Tensor[]): void {
  for (const node of nodesOf(roots)) {
    const exact = exactly(node);
    if (exact === undefined) continue;
    const data = Float32Array.from(exact);
    const order = node.axes;
    const at = isComputed(node) ? firstBeyond(exact) : firstLost(exact, data);
    if (at < 0) continue;
    const place = order.length === 0 ? "" : ` at ${describePlace(order, at)}`;
    if (order.length === 0 && beyondFloat32(exact[at])) {
      throw new SurmiseError(
        `${exact[at]} is infinite in float32, which ends at 3.4e38: compute in float64 (dtype: "float64" of the ` +
          "model, --float64)",
      );
    }
    throw new SurmiseError(
      `known values over ${describeAxes(order)}: ${exact[at]}${place} becomes ${data[at]} in float32: ` +
        'compute in float64 (dtype: "float64" of the model, --float64), or subtract an offset from the data first',
    );
  }
}

const beyondFloat32 = (x: number) => Number.isFinite(x) && !Number.isFinite(Math.fround(x));

const firstBeyond = (exact: Float64Array) => exact.findIndex(beyondFloat32);

/** Whether known values were computed, or are cast from such. */
function isComputed({ operation, inputs }: Tensor): boolean {
  const known = operation.op === "cast" ? inputs[0].operation : operation;
  return known.op === "literal" && known.computed === true;
}

/** Known values that become float32: made of numbers, or cast; of single numbers those beyond it. */
function exactly({ operation, dtype, exact, inputs }: Tensor): Float64Array | undefined {
  if (exact instanceof Float64Array) return exact;
  if (typeof exact === "number" && operation.op === "constant") {
    const isBeyond = Number.isFinite(exact) && !Number.isFinite(operation.value);
    return isBeyond ? Float64Array.of(exact) : undefined;
  }
  if (operation.op !== "cast" || dtype !== "float32") return undefined;
  const from = inputs[0].operation;
  return from.op === "literal" && from.data instanceof Float64Array ? from.data : undefined;
}

/** The place of a value that float32 does not hold as well as it must; -1 if there is none. */
function firstLost(exact: Float64Array, rounded: ArrayLike<number>): number {
  let [low, high, worst, place] = [Infinity, -Infinity, 0, -1];
  for (let i = 0; i < exact.length; i++) {
    const x = exact[i];
    if (!Number.isFinite(x)) continue;
    const lost = Math.abs(x - rounded[i]);
    if ((lost > 0 && Number.isSafeInteger(x)) || !Number.isFinite(lost)) return i;
    if (lost > worst) [worst, place] = [lost, i];
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  const range = high - low;
  const differ = range > ONE_NUMBER * Math.max(Math.abs(low), Math.abs(high));
  return differ && worst > MOST_LOST * range ? place : -1;
}
