/** Neural spline flows (Durkan, Bekasov, Murray and Papamakarios, NeurIPS 2019). */
import {
  type Axis,
  abs,
  cast,
  exp,
  index,
  log,
  logSumExp,
  rename,
  select,
  softplus,
  sqrt,
  square,
  sum,
  type Tensor,
} from "../../../tensor/internal.ts";
import type { NetworkOptions } from "./conditioner.ts";
import { coupling, type Shape } from "./coupling.ts";
import type { LayerFamily } from "./layer.ts";

/** How fine splines are. */
export interface SplineOptions extends NetworkOptions {
  /** Pieces of each spline; 8 unless given. */
  readonly bins?: number;
}

/** Outside of minus to plus so much, in standard deviations, numbers stay as they are. */
const END = 4;
/** The least share of a piece, and the least slope at a knot. */
const LEAST = 1e-3;
/** Whose softplus is 1. */
const SLOPE_OF_ONE = Math.log(Math.E - 1);

/** A rational quadratic piece: from (x, y) over a width and a height, with slopes at both ends. */
interface Piece {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly width: Tensor;
  readonly height: Tensor;
  /** At the left and the right end. */
  readonly slopes: readonly [Tensor, Tensor];
}

/**
 * Monotone rational-quadratic splines between -4 and 4, of 8 pieces, the identity at the start and outside. A piece and
 * its inverse are both in closed form: the inverse is the root of a quadratic.
 */
const splines =
  (bins: number): Shape =>
  ({ axis }) => {
    const [bin, before] = [axis("flow bin", bins), axis("flow bin before", bins)];
    return {
      outputs: { width: [bin], height: [bin], slope: [bin] },
      of({ width, height, slope }) {
        const knots = knotsOf({ width, height, slope }, bin, before);
        const within = (x: Tensor) => abs(x).lt(END);
        /** In the place of numbers outside one whose piece is not used. */
        const inside = (x: Tensor) => select(within(x), x, 0);
        return {
          forward(x) {
            const at = inside(x);
            const piece = knots.pieceAt(at, "x");
            const share = at.sub(piece.x).div(piece.width);
            const { value, logSlope } = forwardOf(piece, share);
            return {
              value: select(within(x), value, x),
              logSlope: select(within(x), logSlope, 0),
            };
          },
          inverse(y) {
            const at = inside(y);
            const piece = knots.pieceAt(at, "y");
            const share = inverseOf(piece, at.sub(piece.y));
            return select(within(y), piece.x.add(share.mul(piece.width)), y);
          },
        };
      },
    };
  };

/** The map of the share of a piece that lies left of a number (their equations 4 and 5). */
function forwardOf({ y, width, height, slopes: [left, right] }: Piece, share: Tensor) {
  const steep = height.div(width);
  const both = share.mul(share.neg().add(1));
  const rest = share.neg().add(1);
  const below = steep.add(left.add(right).sub(steep.mul(2)).mul(both));
  const above = height.mul(steep.mul(square(share)).add(left.mul(both)));
  const bend = right
    .mul(square(share))
    .add(steep.mul(2).mul(both))
    .add(left.mul(square(rest)));
  return {
    value: y.add(above.div(below)),
    logSlope: log(bend).add(log(steep).mul(2)).sub(log(below).mul(2)),
  };
}

/** The share of a piece left of the number that is mapped `up` from its lower end (their equations 6 to 8). */
function inverseOf({ width, height, slopes: [left, right] }: Piece, up: Tensor): Tensor {
  const steep = height.div(width);
  const turn = up.mul(left.add(right).sub(steep.mul(2)));
  const a = height.mul(steep.sub(left)).add(turn);
  const b = height.mul(left).sub(turn);
  const c = steep.mul(up).neg();
  return c.mul(2).div(b.neg().sub(sqrt(square(b).sub(a.mul(c).mul(4)))));
}

/** The knots of splines, of raw numbers that are 0 where they are those of the identity. */
function knotsOf(
  raw: Readonly<Record<"width" | "height" | "slope", Tensor>>,
  bin: Axis,
  before: Axis,
) {
  const { dtype } = raw.width;
  const place = cast(index(bin), dtype);
  const sizes = { x: partsOf(raw.width, bin), y: partsOf(raw.height, bin) };
  const startsOf = (parts: Tensor) =>
    sum(select(index(before).lt(index(bin)), rename(parts, bin, before), 0), before).sub(END);
  const starts = { x: startsOf(sizes.x), y: startsOf(sizes.y) };
  // The slope at the left end of each piece; it is 1 at both ends of all.
  const inner = softplus(raw.slope.add(SLOPE_OF_ONE))
    .mul(1 - LEAST)
    .add(LEAST);
  const left = select(index(bin).eq(0), 1, inner);
  return {
    /** The piece that a number lies in, along `x` or `y`. */
    pieceAt(at: Tensor, along: "x" | "y"): Piece {
      const here = sum(cast(at.ge(starts[along]), dtype), bin).sub(1);
      const pick = (x: Tensor, of: Tensor) => sum(select(place.eq(of), x, 0), bin);
      return {
        x: pick(starts.x, here),
        y: pick(starts.y, here),
        width: pick(sizes.x, here),
        height: pick(sizes.y, here),
        slopes: [pick(left, here), select(here.eq(bin.size - 1), 1, pick(left, here.add(1)))],
      };
    },
  };
}

/** Parts of the whole, in the order of the bins. */
function partsOf(raw: Tensor, bin: Axis): Tensor {
  const shares = exp(raw.sub(logSumExp(raw, bin)));
  return shares
    .mul(1 - LEAST * bin.size)
    .add(LEAST)
    .mul(2 * END);
}

/** Coupling layers whose numbers are mapped by splines. */
export function splineCoupling(parity: number, options: SplineOptions = {}): LayerFamily {
  const { bins = 8 } = options;
  return coupling(splines(bins), parity, options);
}
