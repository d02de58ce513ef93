/** Programs that the oracle evaluates: slow, in doubles, for comparison. */
import { type Buffer, type Compiled, evaluate, type Plan } from "../compiler/index.ts";
import { type Axis, allocate, type TypedArray } from "../tensor/internal.ts";
import type { Executable } from "./executable.ts";
import { placesIn } from "./values.ts";

/** A machine for a plan, over the memory of `compiled`: every step computes everything. */
export function oracleExecutable(
  { roots }: Plan,
  { inputs, outputs, memory }: Compiled,
): Executable {
  const bytes = new ArrayBuffer(memory.size);
  const view = (b: Buffer): TypedArray =>
    allocate(b.dtype, b.length, bytes, memory.offsets.get(b) as number);
  const step = () => {
    const given = new Map([...inputs].map(([name, b]) => [name, view(b).slice() as TypedArray]));
    const wanted = [...roots.outputs, ...roots.updates].map(({ value }) => value);
    const results = evaluate(wanted, given);
    roots.outputs.forEach(({ name }, i) => {
      view(outputs.get(name) as Buffer).set(results[i].values);
    });
    roots.updates.forEach(({ input }, i) => {
      const { operation } = input;
      if (operation.op !== "input") return;
      const target = inputs.get(operation.name);
      const { values, axes } = results[roots.outputs.length + i];
      if (target !== undefined) view(target).set(inOrder(values, axes, target.order));
    });
  };
  return {
    backend: "oracle",
    memory: bytes,
    runPrologue: () => {},
    run: (steps, { at, low, high }) => {
      const words = new Uint32Array(bytes, at, 2);
      let made = 0;
      while (made < steps) {
        step();
        made++;
        if (((words[0] & low) | (words[1] & high)) !== 0) break;
      }
      return made;
    },
  };
}

/** Values over `axes`, repeated along those they lack, row-major over `order`. */
function inOrder(
  values: Float64Array,
  axes: readonly Axis[],
  order: readonly Axis[],
): Float64Array {
  const places = placesIn(axes, order);
  return places === undefined ? values : Float64Array.from(places, (at) => values[at]);
}
