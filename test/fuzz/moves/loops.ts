/** Derivatives, loops and writes in place. */
import {
  grad,
  isFloat,
  logAddExp,
  logSumExp,
  nodesOf,
  scan,
  select,
  setAt,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
} from "../../../src/tensor/internal.ts";
import { type Move, of } from "./choices.ts";

/** A scalar made of a node, and its derivatives with respect to some of what it is made of. */
export const derivative: Move = (b, p, q, r) => {
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

/** A loop along an axis, forwards or backwards: what is left at its end, or what was at every turn. */
export const looped: Move = (b, p, q, r) => {
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
export const written: Move = (b, p, q, r) => {
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
