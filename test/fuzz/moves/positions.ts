/** Elements read at positions. */
import {
  type Axis,
  bSplines,
  concat,
  cumulativeSum,
  difference,
  gatherClamped,
  grad,
  index,
  isFloat,
  lag,
  make,
  max,
  naturalSplines,
  rename,
  rollingMean,
  rollingSum,
  slice,
  square,
  stack,
  sum,
  type Tensor,
  tanh,
} from "../../../src/tensor/internal.ts";
import type { Builder } from "../graphs.ts";
import { type Move, of } from "./choices.ts";

/** A source with an axis to gather along. */
function source(b: Builder, p: number): Tensor | undefined {
  return b.pick(p, (x) => x.axes.length > 0);
}

/** Read at positions that may be anywhere: as those that only a program knows, they are moved to the ends. */
const clamped = (x: Tensor, a: Axis, at: Tensor) => make({ op: "gather", axis: a }, [x, at]);

export const gathered: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const positions =
    r % 4 === 0
      ? (q >> 2) % a.size
      : r % 4 === 1
        ? b.pickInteger(r >> 2)
        : b.leaf("int32", b.subset(b.axes, r >> 2), 2, q % 3);
  b.push(typeof positions === "number" ? gatherClamped(x, a, positions) : clamped(x, a, positions));
};

export const sliced: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const start = (r >> 2) % a.size;
  const size = 1 + ((q >> 3) % (a.size - start));
  const to = r % 4 === 0 ? of(b.axes, r) : b.newAxis(size);
  b.push(slice(x, a, start, to));
  if (r % 4 === 1) b.axes.push(to);
};

/** Positions counted from some start, beyond the ends too. */
export const shifted: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const to = b.newAxis(1 + ((r >> 3) % (2 * a.size)));
  b.push(gatherClamped(x, a, index(to).add((r % 7) - 3)));
};

/** Windows along one axis or two, forwards or backwards, weighted or not, and the derivative by what they are of. */
export const windowed: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const along = r % 2 === 0 ? [of(x.axes, q)] : [...new Set([of(x.axes, q), of(x.axes, q + 1)])];
  const windows = along.map((a) => b.newAxis(1 + ((q >> 2) % Math.min(3, a.size))));
  const y = along.reduce((from, a, i) => {
    const [window, stride] = [windows[i], 1 + ((r >> (2 + i)) % 3)];
    const to = b.newAxis(Math.floor((a.size - window.size) / stride) + 1);
    const within =
      (q + i) % 3 === 0
        ? index(window)
            .mul(-1)
            .add(window.size - 1)
        : index(window);
    return gatherClamped(from, a, index(to).mul(stride).add(within));
  }, x);
  const weight = b.leaf(x.dtype, windows, 2, q % 3);
  const forms = [
    () => y,
    () => sum(y.mul(weight), ...windows),
    () => max(y, ...windows),
    () => sum(square(y), ...windows),
  ];
  const made = of(forms, r >> 4)();
  if (q % 2 === 0) {
    b.push(made);
    return;
  }
  const found = grad(sum(tanh(made)), [x]);
  if (b.accepts(found)) b.push(found[0]);
};

/** Elements set apart along a new axis, with zeros between them. */
export const apart: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const [step, start] = [1 + (r % 3), (r >> 2) % 3];
  const to = b.newAxis((a.size - 1) * step + start + 1 + ((r >> 4) % 3));
  const y = make({ op: "scatterAdd", axis: to, over: [a] }, [x, index(a).mul(step).add(start)]);
  b.push(y);
  if (r % 3 === 1) b.axes.push(to);
};

export const renamed: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const to = b.newAxis(a.size);
  const y = rename(x, a, to);
  b.push(r % 2 === 0 || !isFloat(x.dtype) ? y : x.mul(y));
  if (r % 3 === 0) b.axes.push(to);
};

export const joined: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const y = b.pick(q, (t) => t.dtype === x.dtype && t.axes.length > 0) as Tensor;
  const [from, second] = [of(x.axes, r), of(y.axes, r >> 2)];
  const to = b.newAxis(from.size + second.size);
  b.push(concat(x, y, [from, second], to));
  if (r % 3 === 0) b.axes.push(to);
};

/** Nodes and a number stacked along a new axis. */
export const stacked: Move = (b, p, q, r) => {
  const x = b.pick(p, () => true);
  if (x === undefined) return;
  const y = b.pick(q, (t) => t.dtype === x.dtype) as Tensor;
  const parts = of([[x], [x, y], [y, 1, x]], r >> 2);
  const to = b.newAxis(parts.length);
  b.push(stack(parts, to));
  if (r % 3 === 0) b.axes.push(to);
};

/** A table read at random positions, and the derivative with respect to the table. */
export const embedded: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const at = b.leaf("int32", b.subset(b.axes, r), 2, q % 3);
  const read = clamped(x, a, at);
  const y = sum(q % 2 === 0 ? square(read) : tanh(read).mul(b.pickLike(x, r >> 4)));
  const found = grad(y, [x]);
  if (b.accepts(found)) b.push(found[0]);
};

/** Lags, differences and rolling sums along an axis, splines of a node, or a derivative of them. */
export const lagged: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const steps = 1 + (r % Math.max(1, a.size - 1));
  const window = 1 + (r % a.size);
  const forms = [
    () => lag(x, a, { steps, before: 0.5 }),
    () => difference(x, a, { steps, before: 0 }),
    () => rollingSum(x, a, window),
    () => rollingMean(x, a, window),
    () => cumulativeSum(x, a),
    () => bSplines(tanh(x), { basis: b.newAxis(6), knots: [-1, 0, 0.5, 1] }),
    () => naturalSplines(tanh(x), { basis: b.newAxis(4), knots: [-1, 0, 0.5, 1] }),
  ];
  const y = of(forms, q >> 3)();
  if (!b.accepts([y])) return;
  const found = r % 2 === 0 ? [y] : grad(sum(square(y)), [x]);
  if (b.accepts(found)) b.push(found[0]);
};
