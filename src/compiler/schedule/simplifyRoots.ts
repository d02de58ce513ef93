/** Goals after the first pass. */
import { simplify } from "../graph/simplify.ts";
import type { ProgramRoots } from "./stores.ts";

/** The same roots, simplified together. */
export function simplifyRoots({
  outputs,
  updates,
  puts = [],
  ...rest
}: ProgramRoots): ProgramRoots {
  const roots = [
    ...outputs.map((o) => o.value),
    ...updates.flatMap((u) => [u.value, u.input]),
    ...puts.flatMap((p) => [p.value, p.position]),
  ];
  const simple = simplify(roots);
  const changed = simple.slice(outputs.length);
  const put = changed.slice(2 * updates.length);
  return {
    ...rest,
    outputs: outputs.map((o, i) => ({ name: o.name, value: simple[i] })),
    updates: updates.map((_, i) => ({ value: changed[2 * i], input: changed[2 * i + 1] })),
    puts: puts.map((p, i) => ({ ...p, value: put[2 * i], position: put[2 * i + 1] })),
  };
}
