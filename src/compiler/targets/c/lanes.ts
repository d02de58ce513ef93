/**
 * Vectorised loops with loops inside them. C compilers make vectors of innermost loops only, so the
 * outer loop is taken a block of lanes at a time, and each stretch of statements between inner loops
 * becomes an innermost loop over the lanes.
 */
import type { Accumulator, Statement } from "../../loops/loops.ts";
import type { Scalar } from "../../scalar/language.ts";

/** Statements without loops, or a loop. */
export type Stretch =
  | { readonly kind: "straight"; readonly statements: readonly Statement[] }
  | { readonly kind: "inner"; readonly loop: Extract<Statement, { kind: "loop" }> };

/** A body as stretches, in order. */
export function stretches(body: readonly Statement[]): Stretch[] {
  const found: Stretch[] = [];
  let straight: Statement[] = [];
  const close = () => {
    if (straight.length > 0) found.push({ kind: "straight", statements: straight });
    straight = [];
  };
  for (const s of body) {
    if (s.kind === "loop") {
      close();
      found.push({ kind: "inner", loop: s });
    } else straight.push(s);
  }
  close();
  return found;
}

/** What is handed from one stretch to another: it needs a place for each lane. */
export function handedOn(body: readonly Statement[]): (Scalar | Accumulator)[] {
  const home = new Map<Scalar, object>();
  const handed = new Set<Scalar | Accumulator>();
  const use = (x: Scalar, stretch: object) => {
    const from = home.get(x);
    if (from !== undefined && from !== stretch) handed.add(x);
  };
  const visit = (list: readonly Statement[]) => {
    for (const stretch of stretches(list)) {
      if (stretch.kind === "inner") visit(stretch.loop.body);
      else for (const s of stretch.statements) look(s, stretch);
    }
  };
  const look = (s: Statement, stretch: object) => {
    if (s.kind === "let") {
      for (const arg of s.value.args) use(arg, stretch);
      home.set(s.value, stretch);
    } else if (s.kind === "start") handed.add(s.accumulator);
    else if (s.kind === "accumulate") use(s.value, stretch);
    else if (s.kind === "store") {
      use(s.value, stretch);
      for (const p of s.address.positions) use(p.position, stretch);
    }
  };
  visit(body);
  return [...handed];
}
