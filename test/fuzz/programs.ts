/**
 * What a program promises beside its values, on a random graph: the same bits in parts, resumed elsewhere, until a flag is
 * set, on other numbers of threads, used again, and with inputs that are written in between.
 */
import { compile, type Program } from "../../src/runtime/index.ts";
import { input, nodesOf, type Tensor, type TypedArray } from "../../src/tensor/internal.ts";
import { Dice } from "./data.ts";
import type { Graph } from "./graphs.ts";

type Memory = ReadonlyMap<string, TypedArray>;

/** Counts steps; the program's flag is set in the step that makes it `limit`. */
const steps = input("#steps", [], "int32");
const limit = input("#limit", [], "int32");
const FLAG = "#flag";

/** More steps than are made. */
const MANY = 1000;

function nameOf({ operation }: Tensor): string {
  return operation.op === "input" ? operation.name : "";
}

/** The program of a graph; `isData` says that inputs which no update touches stay as they are. */
function programOf(
  { outputs, updates, grain }: Graph,
  backend: "wasm" | "c",
  threads: number,
  isData: boolean,
): Program {
  const named = Object.fromEntries(outputs.map((value, k) => [`y${k}`, value]));
  const inputs = nodesOf([...outputs, ...updates.flat()]).filter(({ op }) => op === "input");
  return compile(
    {
      outputs: { ...named, [FLAG]: steps.add(1).ge(limit) },
      updates: [...updates, [steps, steps.add(1)]],
      ...(isData ? {} : { varying: inputs }),
    },
    { backend, grain, threads },
  );
}

function write(program: Program, values: Memory): void {
  for (const [name, data] of values) if (program.inputs.has(name)) program.write(name, data);
}

const read = (program: Program, names: Iterable<string>): Memory =>
  new Map([...names].map((name) => [name, program.read(name).data]));

/**
 * The first promise that does not hold, as text.
 *
 * @param seed of the choices: how many steps, and where they are cut
 */
export function brokenPromise(
  graph: Graph,
  backend: "wasm" | "c",
  seed: number,
): string | undefined {
  const dice = new Dice(seed, 1);
  const all = 2 + dice.below(4);
  const first = dice.below(all);
  const given = new Map<string, TypedArray>([
    ...graph.inputs,
    ["#steps", Int32Array.of(0)],
    ["#limit", Int32Array.of(MANY)],
  ]);
  const results = [
    ...graph.outputs.map((_, k) => `y${k}`),
    ...graph.updates.map(([state]) => nameOf(state)),
  ];
  const make = (threads: number, isData: boolean, values: Memory = given) => {
    const program = programOf(graph, backend, threads, isData);
    write(program, values);
    return program;
  };
  let broken: string | undefined;
  const compare = (what: string, found: Program, expected: Memory) => {
    for (const [name, values] of expected) {
      const data = found.read(name).data;
      const at = values.findIndex((x, i) => !Object.is(x, data[i]));
      if (at >= 0) broken ??= `${what}: ${name}[${at}] is ${data[at]}, not ${values[at]}`;
    }
  };

  for (const isData of [false, true]) {
    const one = make(1, isData);
    one.step(all);
    const expected = read(one, results);

    const parts = make(1, isData);
    parts.step(first);
    const between = read(parts, parts.inputs.keys());
    parts.step(all - first);
    compare("in two parts", parts, expected);
    const resumed = make(2, isData, between);
    resumed.step(all - first);
    compare("resumed in another program", resumed, expected);

    const until = make(1, isData, new Map([...given, ["#limit", Int32Array.of(all)]]));
    const made = until.step(MANY, FLAG);
    if (made !== all) broken ??= `${made} steps until the flag is set, not ${all}`;
    compare("until a flag is set", until, expected);

    const shared = make(2, isData);
    const [view] = results.map((name) => shared.view(name));
    shared.step(all - 1);
    shared.step(1);
    compare("on two threads", shared, expected);
    const seen = view?.every((x, i) => Object.is(x, expected.get(results[0])?.[i]));
    if (seen === false) broken ??= "a view does not show what is read";

    const rewritten = make(1, isData);
    rewritten.step(first);
    write(rewritten, graph.rewritten);
    rewritten.step(0);
    const anew = make(2, isData, read(rewritten, rewritten.inputs.keys()));
    rewritten.step(2);
    anew.step(2);
    compare("with inputs written in between", rewritten, read(anew, results));

    write(one, given);
    one.step(all);
    compare("used again", one, expected);
  }
  return broken;
}
