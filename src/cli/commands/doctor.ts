/** `surmise doctor`: what programs can run on here, how fast each is, and what is used. */
import { Command } from "commander";
import {
  type Backend,
  compile,
  nativeSupport,
  threadsFor,
  WORTH_COMPILING,
} from "../../runtime/internal.ts";
import { axis, exp, input, sum } from "../../tensor/index.ts";
import { printTable } from "../terminal/table.ts";

const SECONDS = 0.5;

/** The command. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what was found on this machine, what is used and why, and how fast it is")
    .option("--json", "print one line of JSON and nothing else on standard output")
    .action(({ json }: { readonly json?: boolean }) => {
      const found = examine();
      process.stdout.write(`${json ? JSON.stringify(found) : formatted(found)}\n`);
    });
}

/** What was found, and how fast each backend is: GFLOP/s of a matrix product, millions of exponentials a second. */
function examine() {
  const { missing, compiler, processor, cache } = nativeSupport();
  const backends: Backend[] = missing === undefined ? ["wasm", "c"] : ["wasm"];
  const { version: node, platform, arch } = process;
  return {
    ...{ node, platform, arch, compiler, processor, cache },
    backend: process.env.SURMISE_BACKEND || "auto",
    threads: threadsFor(undefined),
    speeds: backends.map((backend) => {
      return {
        backend,
        matrixProduct: products(backend),
        exponentials: exponentials(backend),
      };
    }),
    used: used(missing),
  };
}

function formatted(found: ReturnType<typeof examine>): string {
  const rows = found.speeds.map((of) => [of.backend, of.matrixProduct, of.exponentials]);
  return [
    `Node             ${found.node} on ${found.platform} ${found.arch}`,
    `C compiler       ${found.compiler}`,
    `processor        ${found.processor}`,
    `native programs  ${found.cache}`,
    `SURMISE_BACKEND  ${process.env.SURMISE_BACKEND || "not set: auto"}`,
    `threads          ${found.threads}${process.env.SURMISE_THREADS ? " (SURMISE_THREADS)" : ""}`,
    "",
    printTable(["backend", "matrix product, GFLOP/s", "exp, million/s"], rows),
    "",
    found.used,
  ].join("\n");
}

/** What programs become, and why. */
function used(missing: string | undefined): string {
  const wished = process.env.SURMISE_BACKEND || "auto";
  if (wished === "wasm") return "Programs are WebAssembly, because SURMISE_BACKEND says so.";
  if (!["auto", "c", "oracle"].includes(wished)) {
    return `No program can run: SURMISE_BACKEND is '${wished}': the known ones are auto, c, wasm, oracle.`;
  }
  if (wished === "oracle") return "Programs are evaluated by the oracle: slow, for checking only.";
  if (missing !== undefined) {
    return wished === "c"
      ? `No program can run: SURMISE_BACKEND asks for native code, but ${missing}.`
      : `Programs are WebAssembly: ${missing}.`;
  }
  if (wished === "c") return "Programs are native code, because SURMISE_BACKEND says so.";
  const billions = WORTH_COMPILING / 1e9;
  return (
    `Programs of ${billions} billion operations or more in all their steps are native code: a compiler ` +
    "works and the second it takes pays.\nSmaller ones are WebAssembly."
  );
}

/** GFLOP/s of a product of two 512 x 512 matrices of float32. */
function products(backend: Backend): number {
  const [row, column, inner] = [axis("row", 512), axis("column", 512), axis("inner", 512)];
  const product = sum(input("a", [row, inner]).mul(input("b", [inner, column])), inner);
  const sizes = { a: 512 ** 2, b: 512 ** 2 };
  return (2 * 512 ** 3 * rate({ product }, sizes, backend)) / 1e9;
}

/** Millions of exponentials of float32 a second. */
function exponentials(backend: Backend): number {
  const element = axis("element", 100_000);
  const y = exp(input("x", [element]));
  return (element.size * rate({ y }, { x: element.size }, backend)) / 1e6;
}

/** Steps a second, of inputs of these sizes that are all 1. */
function rate(
  outputs: Parameters<typeof compile>[0]["outputs"],
  sizes: Readonly<Record<string, number>>,
  backend: Backend,
): number {
  const program = compile({ outputs }, { backend });
  for (const [name, size] of Object.entries(sizes)) {
    program.write(name, new Float32Array(size).fill(1));
  }
  program.run({ steps: 3 });
  const start = performance.now();
  let steps = 0;
  while (performance.now() - start < 1000 * SECONDS) {
    program.run({ steps: 10 });
    steps += 10;
  }
  return (1000 * steps) / (performance.now() - start);
}
