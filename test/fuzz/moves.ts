/** The ways in which a random graph grows, each from what is there and three numbers. */
import {
  type Axis,
  abs,
  and,
  cast,
  cholesky,
  concat,
  cos,
  type DType,
  digamma,
  erf,
  exp,
  expm1,
  floor,
  fold,
  gatherClamped,
  grad,
  index,
  isFloat,
  type Key,
  key,
  lgamma,
  log,
  log1p,
  logAddExp,
  logDeterminant,
  logMeanExp,
  logSumExp,
  make,
  max,
  maximum,
  mean,
  minimum,
  mod,
  nodesOf,
  or,
  pow,
  randomBits,
  rename,
  scan,
  select,
  setAt,
  shl,
  shr,
  shuffled,
  sigmoid,
  sin,
  sizeOf,
  slice,
  softplus,
  solveLower,
  solveLowerTransposed,
  sqrt,
  square,
  standardNormal,
  stopGradient,
  sum,
  type Tensor,
  tanh,
  trigamma,
  uniform,
  xor,
} from "../../src/tensor/internal.ts";
import type { Builder } from "./graphs.ts";

export type Move = (b: Builder, p: number, q: number, r: number) => void;

const of = <T>(list: readonly T[], k: number): T => list[k % list.length];

/** Some axes of `x`, at least one if it has any. */
function someAxes(x: Tensor, mask: number): Axis[] {
  const chosen = x.axes.filter((_, k) => ((mask >> k) & 1) === 1);
  return chosen.length > 0 || x.axes.length === 0 ? chosen : [of(x.axes, mask)];
}

/** A positive function of `x`, mostly. */
function positive(x: Tensor, k: number): Tensor {
  const forms = [
    () => exp(x.mul(0.25)),
    () => softplus(x).add(0.1),
    () => square(x).add(0.5),
    () => abs(x).add(0.01),
    () => sigmoid(x).mul(3),
    () => exp(tanh(x)),
    () => square(x),
    () => x,
  ];
  return of(forms, k)();
}

const SMOOTH: readonly ((x: Tensor, k: number) => Tensor)[] = [
  (x) => x.neg(),
  (x) => abs(x),
  (x) => square(x),
  (x) => tanh(x),
  (x) => exp(x),
  (x) => exp(tanh(x).mul(3)),
  (x) => sigmoid(x),
  (x) => softplus(x),
  (x) => sin(x),
  (x) => cos(x),
  (x) => erf(x),
  (x) => expm1(x),
  (x) => floor(x),
  (x) => floor(x.mul(4)).mul(0.25),
  (x) => x.add(0.5),
  (x) => x.mul(-1.7),
  (x) => x.sub(1),
];

const ON_POSITIVE: readonly ((x: Tensor, k: number) => Tensor)[] = [
  (x) => log(x),
  (x) => sqrt(x),
  (x) => log1p(x),
  (x) => lgamma(x),
  (x) => digamma(x),
  (x) => trigamma(x),
  (x, k) => pow(x, (k % 9) - 4),
  (x, k) => pow(x, (k % 7) * 0.3),
];

const unary: Move = (b, p, q, r) => b.push(of(SMOOTH, q)(b.pickFloat(p), r));

const onPositive: Move = (b, p, q, r) =>
  b.push(of(ON_POSITIVE, q)(positive(b.pickFloat(p), r), r >> 3));

const binary: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = b.pickLike(x, q);
  const forms = [
    () => x.add(y),
    () => x.mul(y),
    () => x.sub(y),
    () => maximum(x, y),
    () => minimum(x, y),
    () => logAddExp(x, y),
    () => x.div(positive(y, r >> 3)),
    () => x.add(x.mul(y)),
  ];
  b.push(of(forms, r)());
};

const reduce: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const over = someAxes(x, q);
  const forms = [
    () => sum(x, ...over),
    () => mean(x, ...over),
    () => max(x, ...over),
    () => logSumExp(x, ...over),
    () => logMeanExp(x, ...over),
    () => sum(square(x), ...over),
  ];
  b.push(of(forms, r)());
};

function activation(x: Tensor, k: number): Tensor {
  const forms = [
    () => x,
    () => tanh(x),
    () => maximum(x, 0),
    () => sigmoid(x),
    () => softplus(x),
    () => select(x.gt(0), x, expm1(x)),
  ];
  return of(forms, k)();
}

/** A layer of a network on a node: activation(sum(x w) + bias). */
const layer: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  dense(b, x, q, r);
};

function dense(b: Builder, x: Tensor, q: number, r: number): void {
  const over = someAxes(x, q);
  const columns = b.subset(b.axes, q >> 3).filter((a) => !x.has(a));
  const batch = b.subset(x.axes, q >> 6).filter((a) => !over.includes(a));
  const axes = (r & 1) === 0 ? [...over, ...columns, ...batch] : [...batch, ...columns, ...over];
  if (sizeOf(axes) > 2000) return;
  const w = b.leaf(x.dtype, axes, 6, (r >> 1) % 3);
  const product = (r & 8) === 0 ? x.mul(w) : w.mul(x);
  const y = sum(product, ...over);
  b.push(activation((r & 16) === 0 ? y : y.add(b.leaf(x.dtype, columns, 0)), r >> 5));
}

/** A layer on pixels. */
const onBytes: Move = (b, p, q, r) => {
  const bytes = b.pick(p, (x) => x.dtype === "uint8") ?? b.leaf("uint8", b.subset(b.axes, p), p);
  const x = cast(bytes, b.float(p));
  dense(b, (r & 1) === 0 ? x : x.mul(1 / 255).sub(0.5), q, r >> 1);
};

/** A sum of a product of two or three nodes. */
const contract: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = b.pickLike(x, q);
  const z = r % 3 === 0 ? y.mul(b.pickLike(x, p + q)) : y;
  const product = (r & 4) === 0 ? x.mul(z) : z.mul(x);
  b.push(sum(product, ...someAxes(product, r >> 3)));
};

/** Multiplications of one such product. */
const MOST_OF_MATRICES = 60_000;

/** Two leaves, laid out for a matrix product of their own, or for two with the same columns. */
const matrices: Move = (b, p, q, r) => {
  const dtype = b.float(p);
  const [rows, columns, contracted] = [0, 1, 2].map((k) => of(b.axes, p + k));
  if (new Set([rows, columns, contracted]).size < 3) return;
  const left = q % 2 === 0 ? [rows, contracted] : [contracted, rows];
  const inner = q % 5 < 2 ? [b.newAxis(2 + (r % 6))] : [];
  const wide = [columns, ...inner];
  if (sizeOf([...wide, rows, contracted]) > MOST_OF_MATRICES) return;
  const right = q % 3 === 0 ? [contracted, ...wide] : [...wide, contracted];
  const x = b.leaf(dtype, left, q >> 1);
  const y = b.leaf(dtype, right, 0);
  b.push(activation(sum(x.mul(y), contracted), r));
  if (r % 3 > 0) b.push(sum(tanh(x).mul(y), contracted));
};

const compare: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const y = q % 3 === 0 ? 0 : q % 3 === 1 ? 0.5 : b.pickLike(x, q >> 2);
  const forms = [() => x.lt(y), () => x.gt(y), () => x.le(y), () => x.ge(y), () => x.eq(y)];
  b.push(of(forms, r)());
};

const choose: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const condition = b.pick(r, (t) => t.dtype === "uint8") ?? x.lt(0);
  b.push(select(condition, x, q % 4 === 0 ? 0 : b.pickLike(x, q >> 2)));
};

/** Truth values only: what `and` of other bytes is, is nobody's business. */
const logic: Move = (b, p, q, r) => {
  const truth = (k: number) => {
    const x = b.pickFloat(k);
    return k % 2 === 0 ? x.lt(0) : x.ge(0.25);
  };
  b.push(of([and, or, xor], r)(truth(p), truth(q)));
};

const integers: Move = (b, p, q, r) => {
  const x = b.pickInteger(p);
  const y = b.pickInteger(q);
  const forms = [
    () => x.add(y),
    () => x.sub(y),
    () => x.mul(y),
    () => minimum(x, y),
    () => maximum(x, y),
    () => x.neg(),
    () => abs(x),
    () => and(x, y),
    () => or(x, y),
    () => xor(x, q),
    () => shl(x, q % 32),
    () => shr(x, q % 32),
    () => mod(x, 1 + (q % 20)),
    () => mod(x, or(y, 1)),
    () => sum(x, ...someAxes(x, q)),
    () => mean(x.lt(y), ...someAxes(x, q)),
    () => max(x, ...someAxes(x, q)),
    () => select(x.lt(y), x, y),
    () => x.add(q - 500),
  ];
  b.push(of(forms, r)());
};

const compareIntegers: Move = (b, p, q, r) => {
  const x = b.pickInteger(p);
  const y = q % 2 === 0 ? 1 : b.pickInteger(q);
  b.push(of([() => x.lt(y), () => x.le(y), () => x.eq(y)], r)());
};

const position: Move = (b, p, q) => {
  const a = of(b.axes, p);
  b.push(q % 2 === 0 ? index(a) : cast(index(a), b.float(q)));
};

const TYPES: readonly DType[] = ["float32", "float64", "int32", "uint8"];

const convert: Move = (b, p, q, r) => {
  const x = b.pick(p, () => true) ?? b.pickFloat(p);
  const to = of(TYPES, q);
  const scaled = isFloat(x.dtype) && to === "uint8" ? tanh(x).mul(100).add(100) : x;
  b.push(cast(isFloat(scaled.dtype) && r % 2 === 0 ? scaled.mul(3) : scaled, to));
};

/** A source with an axis to gather along. */
function source(b: Builder, p: number): Tensor | undefined {
  return b.pick(p, (x) => x.axes.length > 0);
}

/** Read at positions that may be anywhere: as those that only a program knows, they are moved to the ends. */
const clamped = (x: Tensor, a: Axis, at: Tensor) => make({ op: "gather", axis: a }, [x, at]);

const gathered: Move = (b, p, q, r) => {
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

const sliced: Move = (b, p, q, r) => {
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
const shifted: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const to = b.newAxis(1 + ((r >> 3) % (2 * a.size)));
  b.push(gatherClamped(x, a, index(to).add((r % 7) - 3)));
};

const renamed: Move = (b, p, q, r) => {
  const x = source(b, p);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const to = b.newAxis(a.size);
  const y = rename(x, a, to);
  b.push(r % 2 === 0 || !isFloat(x.dtype) ? y : x.mul(y));
  if (r % 3 === 0) b.axes.push(to);
};

const joined: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const y = b.pick(q, (t) => t.dtype === x.dtype && t.axes.length > 0) as Tensor;
  const [from, second] = [of(x.axes, r), of(y.axes, r >> 2)];
  const to = b.newAxis(from.size + second.size);
  b.push(concat(x, y, [from, second], to));
  if (r % 3 === 0) b.axes.push(to);
};

function keyOf(b: Builder, q: number): Key {
  const seeded = fold(key(q), "site");
  return q % 3 === 0 ? fold(seeded, b.pickInteger(q >> 2)) : seeded;
}

const drawn: Move = (b, p, q, r) => {
  const k = keyOf(b, q);
  const axes = b.subset(b.axes, p);
  const dtype = b.float(r);
  const forms = [
    () => uniform(k, axes, dtype),
    () => standardNormal(k, axes, dtype),
    () => randomBits(k, axes, (q & 1) as 0 | 1),
    () =>
      standardNormal(k, axes, dtype)
        .mul(0.5)
        .add(cast(b.pickFloat(q), dtype)),
  ];
  b.push(of(forms, r)());
};

const shuffle: Move = (b, p, q, r) => {
  if (r % 4 !== 0) return drawn(b, p, q, r);
  const a = of(b.axes, p);
  const order = shuffled(key(q), index(a), a.size);
  const x = b.pick(q, (t) => t.has(a));
  b.push(x === undefined ? order : gatherClamped(x, a, order));
};

/** A scalar made of a node, and its derivatives with respect to some of what it is made of. */
const derivative: Move = (b, p, q, r) => {
  const x = b.pickFloat(p);
  const forms = [() => x, () => square(x), () => x.mul(b.pickLike(x, q)), () => tanh(x)];
  const body = of(forms, r)();
  const y = r % 5 === 0 ? logSumExp(body) : sum(body);
  const below = nodesOf([y]).filter((n) => isFloat(n.dtype) && n.op !== "constant");
  if (below.length === 0) return;
  const inputs = below.filter((n) => n.op === "input");
  const first = of(r % 3 === 0 || inputs.length === 0 ? below : inputs, q);
  const second = of(below, q + r);
  const found = grad(y, (r & 8) === 0 ? [first] : [first, second]);
  if (b.accepts(found)) for (const g of found) b.push(g);
};

/** A table read at random positions, and the derivative with respect to the table. */
const embedded: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const at = b.leaf("int32", b.subset(b.axes, r), 2, q % 3);
  const read = clamped(x, a, at);
  const y = sum(q % 2 === 0 ? square(read) : tanh(read).mul(b.pickLike(x, r >> 4)));
  const found = grad(y, [x]);
  if (b.accepts(found)) b.push(found[0]);
};

/** A loop along an axis, forwards or backwards: what is left at its end, or what was at every turn. */
const looped: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const fits = (t: Tensor) => t.dtype === x.dtype && !t.has(a);
  const start = b.pick(r, fits) ?? sum(x, a);
  const weight = b.pick(q + r, fits) ?? start;
  const forms = [
    (s: Tensor, now: Tensor) => tanh(s.mul(0.5).add(now)),
    (s: Tensor, now: Tensor) => logAddExp(s, now),
    (s: Tensor, now: Tensor) => s.add(now.mul(tanh(weight))),
    (s: Tensor, now: Tensor) => select(s.lt(now), s, now),
  ];
  const { last, outputs } = scan(
    a,
    { s: start },
    ({ s }, turn) => {
      const now = turn.at(x);
      return { carries: { s: of(forms, r)(s, now) }, outputs: { y: sin(s).mul(now) } };
    },
    { reverse: r % 2 === 1 },
  );
  b.push(q % 2 === 0 ? last.s : outputs.y);
};

/** The elements of a node at a position along an axis replaced, once or in a loop along another axis. */
const written: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 0);
  if (x === undefined) return;
  const a = of(x.axes, q);
  const rest = x.axes.filter((other) => other !== a);
  const value = b.pick(r, (t) => t.dtype === x.dtype && t.axes.every((c) => rest.includes(c)));
  const wrap = { wrap: q % 2 === 0 };
  const way = b.axes.find((other) => !x.has(other));
  if (r % 3 > 0 || way === undefined) {
    const at = r % 2 === 0 ? (q >> 3) % (a.size + 1) : b.leaf("int32", rest.slice(0, 1), 2, q % 3);
    b.push(setAt(x, a, at, value ?? q, wrap));
    return;
  }
  const { last } = scan(way, { s: x }, ({ s }, turn) => {
    const now = tanh(sum(s, a)).add(value ?? 1);
    return { carries: { s: setAt(s, a, turn.position.sub(r % 2), now, wrap) } };
  });
  b.push(last.s);
};

/** The elements of one matrix of a batch at most. */
const MOST_ROWS = 20;

/**
 * The factor of a positive definite matrix made of a node, or the solution of equations with a lower triangle
 * made of it, with whatever axes the node and the right-hand side have beside the rows; or a derivative of it.
 */
const solvedFor: Move = (b, p, q, r) => {
  const x = b.pick(
    p,
    (t) => isFloat(t.dtype) && t.axes.length > 0 && of(t.axes, q).size <= MOST_ROWS,
  );
  if (x === undefined) return;
  const row = of(x.axes, q);
  const column = b.newAxis(row.size);
  const [i, j] = [index(row), index(column)];
  const other = tanh(rename(x, row, column));
  const size = row.size;
  const outer = tanh(x)
    .mul(other)
    .mul(1 / size);
  const matrix = select(i.eq(j), outer.add(1.5), outer);
  const l = r % 2 === 0 ? cholesky(matrix, row, column) : select(i.eq(j), outer.add(1.5), outer);
  const right = b.pickLike(x, r >> 4);
  const forms = [
    () => l,
    () => solveLower(l, right.has(row) ? right : right.add(x), row, column),
    () => solveLowerTransposed(l, rename(x, row, column), row, column),
    () => sum(logDeterminant(l, row, column)),
  ];
  const result = of(forms, r >> 1)();
  if (!b.accepts([result])) return;
  if (r % 16 < 8) b.push(result);
  else {
    const found = grad(sum(tanh(result)), [x]);
    if (b.accepts(found)) b.push(found[0]);
  }
};

const stopped: Move = (b, p, q) => {
  const x = b.pickFloat(p);
  b.push(q % 2 === 0 ? stopGradient(x) : x.mul(stopGradient(tanh(x))));
};

const WEIGHTS: readonly (readonly [Move, number])[] = [
  [unary, 10],
  [binary, 10],
  [reduce, 7],
  [contract, 6],
  [layer, 8],
  [onPositive, 8],
  [derivative, 10],
  [compare, 2],
  [choose, 4],
  [gathered, 4],
  [embedded, 3],
  [sliced, 2],
  [renamed, 2],
  [joined, 2],
  [shifted, 1],
  [drawn, 3],
  [convert, 3],
  [integers, 5],
  [compareIntegers, 1],
  [logic, 1],
  [position, 1],
  [onBytes, 2],
  [matrices, 4],
  [stopped, 1],
  [looped, 3],
  [written, 2],
  [solvedFor, 3],
  [shuffle, 1],
];

/** The moves, each as often as its weight. */
export const MOVES: readonly Move[] = WEIGHTS.flatMap(([move, weight]) =>
  Array.from({ length: weight }, () => move),
);
