/** The system's C compiler: where it is, what it is, and what the processor can do. */
import type { Target } from "../../compiler/index.ts";
import type { Node } from "./node.ts";

/** A C compiler, and what it compiles for. */
export interface Toolchain {
  /** How the compiler is called. */
  readonly command: string;
  /** As the compiler prints it, such as `gcc (Debian 12.2.0) 12.2.0`. */
  readonly version: string;
  /** The processor: its model, as the operating system names it, and a hash of what it can do. */
  readonly processor: string;
  /** The registers of the processor. */
  readonly target: Target;
  /** The arguments of every compilation. */
  readonly flags: readonly string[];
}

/** No flag changes what NaN and infinity mean; products and sums fuse only where the code says so. */
export const FLAGS = [
  "-O3",
  "-std=gnu11",
  "-shared",
  "-fPIC",
  "-w",
  "-fwrapv",
  "-fopenmp-simd",
  "-ffp-contract=off",
  "-fno-math-errno",
  "-fno-trapping-math",
];

/** Tiles that fill the vector registers: 32 of 64 bytes, 16 of 32, 32 or 16 of 16. */
export const TARGETS: Readonly<Record<"avx512" | "avx2" | "neon" | "other", Target>> = {
  avx512: {
    vectorBytes: 64,
    minTaskWork: 262144,
    tile: { f32: { rows: 12, columns: 32 }, f64: { rows: 12, columns: 16 } },
  },
  avx2: {
    vectorBytes: 32,
    minTaskWork: 131072,
    tile: { f32: { rows: 6, columns: 16 }, f64: { rows: 6, columns: 8 } },
  },
  neon: {
    vectorBytes: 16,
    minTaskWork: 65536,
    tile: { f32: { rows: 8, columns: 12 }, f64: { rows: 8, columns: 6 } },
  },
  other: {
    vectorBytes: 16,
    minTaskWork: 65536,
    tile: { f32: { rows: 4, columns: 8 }, f64: { rows: 4, columns: 4 } },
  },
};

/** Where CC does not say which. */
export const COMMANDS = ["cc", "gcc", "clang"];

/** A compiler that has not said by then what it can do hangs. */
const SECONDS = 10;

/**
 * The first of CC, cc, gcc and clang that makes programs for this processor, or why none does; `failure` says what is
 * wrong with a program that one makes.
 */
export function findToolchain(
  { childProcess, crypto, os, process }: Node,
  failure: (toolchain: Toolchain) => string | undefined,
): Toolchain | string {
  const { CC } = process.env;
  if (CC?.trim() === "") return "CC, which names the C compiler, is set to nothing";
  const commands = CC === undefined ? COMMANDS : [CC];
  const failures: string[] = [];
  for (const command of commands) {
    for (const native of [["-march=native"], ["-mcpu=native"]]) {
      const asked = childProcess.spawnSync(command, [...native, "-dM", "-E", "-x", "c", "-"], {
        input: "",
        encoding: "utf8",
        timeout: 1000 * SECONDS,
        killSignal: "SIGKILL",
      });
      if (asked.status !== 0) {
        failures.push(`${command} ${native}: ${asked.error?.message ?? firstLine(asked.stderr)}`);
        if (asked.error !== undefined) break;
        continue;
      }
      const macros = asked.stdout;
      const kind = kindOf(macros);
      const wide = kind === "avx512" ? ["-mprefer-vector-width=512"] : [];
      const found = {
        command,
        version: /__VERSION__ "(.*)"/.exec(macros)?.[1] ?? "unknown",
        processor: `${os.arch()} ${os.cpus()[0]?.model ?? ""} ${kind} ${hash(macros)}`,
        target: TARGETS[kind],
        flags: [...FLAGS, ...native, ...wide],
      };
      const wrong = failure(found);
      if (wrong === undefined) return found;
      failures.push(`${command}: ${wrong}`);
      break;
    }
  }
  return `no C compiler works (${failures.join("; ")})`;

  function hash(text: string): string {
    return crypto.createHash("sha256").update(text).digest("hex").slice(0, 8);
  }
}

function kindOf(macros: string): keyof typeof TARGETS {
  if (macros.includes("__AVX512F__")) return "avx512";
  if (macros.includes("__AVX2__") && macros.includes("__FMA__")) return "avx2";
  return macros.includes("__ARM_NEON") ? "neon" : "other";
}

function firstLine(text: string): string {
  return text.split("\n")[0];
}
