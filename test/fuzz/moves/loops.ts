/** Derivatives, loops and writes in place. */
import {
  cast,
  constant,
  grad,
  isFloat,
  logAddExp,
  logSumExp,
  mod,
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

/** A loop in each turn of a loop, along two axes, with what is left at the end of each, and its derivative. */
export const nested: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype) && t.axes.length > 1);
  if (x === undefined) return;
  const [outer, inner] = [of(x.axes, q), of(x.axes, q + 1)];
  const fits = (t: Tensor) => t.dtype === x.dtype && !t.has(outer) && !t.has(inner);
  const start = b.pick(r, fits) ?? sum(x, outer, inner);
  const { last, outputs } = scan(
    outer,
    { s: start },
    ({ s }, turn) => {
      const here = turn.at(x);
      const within = scan(
        inner,
        { t: s },
        ({ t }, turn) => ({ carries: { t: tanh(t.mul(0.5).add(turn.at(here))) } }),
        { reverse: q % 3 === 0 },
      );
      return { carries: { s: within.last.t }, outputs: { y: s.mul(within.last.t) } };
    },
    { reverse: r % 2 === 1 },
  );
  const y = q % 2 === 0 ? last.s : outputs.y;
  if (r % 3 > 0) {
    b.push(y);
    return;
  }
  const found = grad(sum(square(y)), [x]);
  if (b.accepts(found)) b.push(found[0]);
};

/** A loop that ends once every element has made as many turns as a number of its own says. */
export const ended: Move = (b, p, q, r) => {
  const x = b.pick(p, (t) => isFloat(t.dtype));
  if (x === undefined) return;
  const most = b.axes.find((a) => !x.has(a)) ?? b.newAxis(1 + (q % 6));
  const turns = mod(b.leaf("int32", b.subset(x.axes, r), 2, q % 3), 1 + (r % 7));
  const { last } = scan(
    most,
    { s: x, done: constant(0, "int32") },
    ({ s, done }, turn) => {
      const next = tanh(s.mul(0.5).add(cast(turn.position, s.dtype)));
      const isLast = turns.le(turn.position);
      return { carries: { s: select(done.eq(1), s, next), done: select(isLast, 1, done) } };
    },
    { until: "done", reverse: q % 2 === 1 },
  );
  b.push(q % 4 === 0 ? last.s.mul(cast(last.done, x.dtype)) : last.s);
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
