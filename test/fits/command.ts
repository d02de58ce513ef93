/**
 * `npm run fits -- 500`: so many fits in one process for each backend, with two threads, and the memory of the process
 * after each 50; exit code 1 if it grows after the first 50.
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { printTable } from "../../src/cli/terminal/table.ts";

/** What the collector of garbage may leave, in MiB. */
const LEEWAY = 100;

const count = process.argv[2] ?? "500";
const script = new URL("fits.ts", import.meta.url).pathname;
const rows: (string | number)[][] = [];
for (const backend of ["wasm", "c", "oracle"]) {
  const args = ["--expose-gc", "--import", import.meta.resolve("tsx"), script, count, backend];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const sizes: number[] = [];
  for await (const line of createInterface(child.stdout)) {
    sizes.push(Math.round(Number(line.split(" ")[1]) / 2 ** 20));
    console.error(`${backend}: ${line}`);
  }
  const [first, ...later] = sizes;
  const most = Math.max(...later);
  const isFlat = later.length > 0 && most <= first + LEEWAY;
  rows.push([backend, first, most, sizes.at(-1) ?? "", isFlat ? "flat" : "GROWS"]);
}
console.log(printTable(["backend", "MiB after 50 fits", "most later", `after ${count}`, ""], rows));
process.exitCode = rows.every((row) => row.at(-1) === "flat") ? 0 : 1;
