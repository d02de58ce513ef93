/** The compiler, as the checker calls it. */
import { type CompileOptions, compile, type Values } from "../../src/runtime/index.ts";
import { type Axis, sizeOf, type Tensor } from "../../src/tensor/index.ts";
import type { Run } from "./check.ts";

export function compiled(options: CompileOptions = {}): Run {
  return (outputs, inputs, updates, steps) => {
    const named = Object.fromEntries(outputs.map((x, k) => [`y${k}`, x]));
    const program = compile({ outputs: named, updates }, options);
    const known = [...inputs].filter(([name]) => program.inputs.has(name));
    const results = program.run({ steps, inputs: Object.fromEntries(known) });
    return [
      ...outputs.map((x, k) => inOrder(results[`y${k}`], x.axes)),
      ...updates.map(([state]) => inOrder(program.read(nameOf(state)), state.axes)),
    ];
  };
}

function nameOf({ operation }: Tensor): string {
  return operation.op === "input" ? operation.name : "";
}

/** The values row-major over `axes`. */
function inOrder({ axes: order, data }: Values, axes: readonly Axis[]): ArrayLike<number> {
  if (order.every((a, k) => a === axes[k])) return data;
  return Array.from({ length: data.length }, (_, i) => {
    let rest = i;
    let from = 0;
    for (const a of [...axes].reverse()) {
      const at = rest % a.size;
      rest = (rest - at) / a.size;
      from += at * sizeOf(order.slice(order.indexOf(a) + 1));
    }
    return data[from];
  });
}
