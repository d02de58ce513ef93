/** Whole numbers, conversions and random bits. */
import {
  abs,
  and,
  cast,
  type DType,
  fold,
  gatherClamped,
  index,
  isFloat,
  type Key,
  key,
  max,
  maximum,
  mean,
  minimum,
  mod,
  or,
  randomBits,
  select,
  shl,
  shr,
  shuffled,
  standardNormal,
  sum,
  tanh,
  uniform,
  xor,
} from "../../../src/tensor/internal.ts";
import type { Builder } from "../graphs.ts";
import { type Move, of, someAxes } from "./choices.ts";

export const integers: Move = (b, p, q, r) => {
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

export const compareIntegers: Move = (b, p, q, r) => {
  const x = b.pickInteger(p);
  const y = q % 2 === 0 ? 1 : b.pickInteger(q);
  b.push(of([() => x.lt(y), () => x.le(y), () => x.eq(y)], r)());
};

export const position: Move = (b, p, q) => {
  const a = of(b.axes, p);
  b.push(q % 2 === 0 ? index(a) : cast(index(a), b.float(q)));
};

const TYPES: readonly DType[] = ["float32", "float64", "int32", "uint8"];

export const convert: Move = (b, p, q, r) => {
  const x = b.pick(p, () => true) ?? b.pickFloat(p);
  const to = of(TYPES, q);
  const scaled = isFloat(x.dtype) && to === "uint8" ? tanh(x).mul(100).add(100) : x;
  b.push(cast(isFloat(scaled.dtype) && r % 2 === 0 ? scaled.mul(3) : scaled, to));
};

function keyOf(b: Builder, q: number): Key {
  const seeded = fold(key(q), "site");
  return q % 3 === 0 ? fold(seeded, b.pickInteger(q >> 2)) : seeded;
}

export const drawn: Move = (b, p, q, r) => {
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

export const shuffle: Move = (b, p, q, r) => {
  if (r % 4 !== 0) return drawn(b, p, q, r);
  const a = of(b.axes, p);
  const order = shuffled(key(q), index(a), a.size);
  const x = b.pick(q, (t) => t.has(a));
  b.push(x === undefined ? order : gatherClamped(x, a, order));
};
