/** What expressions are worth when compiled, for tests of many small programs. */
import { compile } from "../../src/runtime/index.ts";
import { type Axis, sizeOf, type Tensor, type TypedArray } from "../../src/tensor/index.ts";

/**
 * The values of `x`, row-major over `order`: its axes, in this order. Inputs it lacks are left out.
 */
export function run(
  x: Tensor,
  order: readonly Axis[] = x.axes,
  inputs: Readonly<Record<string, TypedArray>> = {},
): Float64Array {
  const options = { backend: "wasm", threads: 1, steps: 1 } as const;
  const program = compile({ outputs: { found: x } }, options);
  const needed = Object.entries(inputs).filter(([name]) => program.inputs.has(name));
  const { axes, data } = program.run({ inputs: Object.fromEntries(needed) }).found;
  return Float64Array.from({ length: data.length }, (_, i) => {
    let rest = i;
    let from = 0;
    for (const a of [...order].reverse()) {
      const at = rest % a.size;
      rest = (rest - at) / a.size;
      from += at * sizeOf(axes.slice(axes.indexOf(a) + 1));
    }
    return data[from];
  });
}
