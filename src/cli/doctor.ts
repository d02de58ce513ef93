/** `surmise doctor`: what programs can run on here, how fast each is, and what is used. */
import { Command } from "commander";
import { type Backend, compile, nativeSupport } from "../runtime/index.ts";
import { axis, exp, input, sum } from "../tensor/index.ts";
import { printTable } from "./terminal/table.ts";

const SECONDS = 0.5;

/** The command. */
export function doctorCommand(): Command {
  return new Command("doctor")
    .description("what was found on this machine, what is used and why, and how fast it is")
    .action(() => {
      process.stdout.write(`${report()}\n`);
    });
}

function report(): string {
  const { missing, compiler, processor, cache } = nativeSupport();
  const wished = process.env.SURMISE_BACKEND || "not set";
  const machines: Backend[] = missing === undefined ? ["wasm", "c"] : ["wasm"];
  const rows = machines.map((backend) => [backend, products(backend), exponentials(backend)]);
  const used =
    missing === undefined
      ? "SURMISE_BACKEND=auto takes native code for programs whose work is worth compiling, and " +
        "WebAssembly for all others; without it programs are WebAssembly"
      : `programs are WebAssembly: ${missing}`;
  return [
    `Node             ${process.version} on ${process.platform} ${process.arch}`,
    `C compiler       ${compiler}`,
    `processor        ${processor}`,
    `native programs  ${cache}`,
    `SURMISE_BACKEND  ${wished}`,
    "",
    printTable(["backend", "matrix product, GFLOP/s", "exp, million/s"], rows),
    "",
    used,
  ].join("\n");
}

/** GFLOP/s of a product of two 256 x 256 matrices of float32, one thread. */
function products(backend: Backend): number {
  const [row, column, inner] = [axis("row", 256), axis("column", 256), axis("inner", 256)];
  const product = sum(input("a", [row, inner]).mul(input("b", [inner, column])), inner);
  return (2 * 256 ** 3 * rate({ product }, backend)) / 1e9;
}

/** Millions of exponentials of float32 a second, one thread. */
function exponentials(backend: Backend): number {
  const element = axis("element", 100_000);
  return (element.size * rate({ y: exp(input("x", [element])) }, backend)) / 1e6;
}

/** Steps a second. */
function rate(outputs: Parameters<typeof compile>[0]["outputs"], backend: Backend): number {
  const program = compile({ outputs }, { backend });
  program.run({ steps: 3 });
  const start = performance.now();
  let steps = 0;
  while (performance.now() - start < 1000 * SECONDS) {
    program.run({ steps: 10 });
    steps += 10;
  }
  return (1000 * steps) / (performance.now() - start);
}
