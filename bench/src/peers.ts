/** The other libraries at the same work, in a checkout of the repository: bench/README.md has them. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WorkerCommand } from "./commands.ts";
import type { Workload } from "./workloads/index.ts";

/** Where the workers of the other libraries are. */
export const FOLDER = fileURLToPath(new URL("../peers/", import.meta.url));

/** How a row comes about: the file of its worker, and flags that set it apart. */
interface Peer {
  readonly peer: string;
  readonly file: string;
  readonly flags?: readonly string[];
  /** Left out unless all peers are asked for, or the workload is one of these. */
  readonly onlyFor?: readonly string[];
}

const torch = (file: string): Peer[] => [
  { peer: "torch", file: `torch_${file}.py` },
  { peer: "torch-compile", file: `torch_${file}.py`, flags: ["--compile"] },
];
const jax = (file: string): Peer => ({ peer: "jax", file: `jax_${file}.py` });
const python = (file: string): Peer[] => [...torch(file), jax(file)];
const script = (peer: string): Peer => ({ peer, file: `${peer}.mjs` });
/** A library as its documentation shows it and as fast as we know how. */
const bothWays = (peer: string): Peer[] => [
  script(peer),
  { peer: `${peer}-tuned`, file: `${peer}.mjs`, flags: ["--tuned"] },
];
const stanli: Peer = { peer: "stanli", file: "stanli_nuts.py" };
const numpyro: Peer = { peer: "numpyro", file: "numpyro_nuts.py" };
const lapack: Peer = { peer: "lapack", file: "numpy_linear.py" };
const inJavaScript = [...bothWays("tfjs-wasm"), ...bothWays("jax-js-wasm")];

/** By family. */
const PEERS: Readonly<Record<string, readonly Peer[]>> = {
  vae: [...python("vae"), ...inJavaScript],
  "iwae-1": [...python("iwae"), ...inJavaScript],
  "iwae-2": python("iwae"),
  nll: python("iwae"),
  vcd: python("vcd"),
  "hmc-1d": [
    ...python("hmc"),
    { peer: "torch-by-hand", file: "torch_hmc.py", flags: ["--by-hand"] },
    script("js-scalars"),
  ],
  mp: [
    ...python("mp"),
    { peer: "torch-psi5", file: "torch_mp.py", flags: ["--psi5"] },
    {
      peer: "torch-naive",
      file: "torch_mp.py",
      flags: ["--naive"],
      onlyFor: ["mp K=3", "mp K=10"],
    },
  ],
  gemm: [...python("gemm"), script("openblas"), script("tfjs-wasm"), script("jax-js-wasm")],
  elementwise: [...python("elementwise"), script("tfjs-wasm"), script("jax-js-wasm")],
  call: [script("js-scalars")],
  density: [script("js-density")],
  cholesky: [lapack],
  solve: [lapack],
  convolution: python("convolution"),
  process: [jax("process")],
  equation: [{ peer: "stanli", file: "stanli_equation.py" }],
  nuts: [stanli, numpyro],
  effective: [stanli, { peer: "nutpie", file: "nutpie_nuts.py" }, numpyro],
  chains: [numpyro],
};

/** The Pythons to run: what SURMISE_PYTHON names or, unless it is set, every python3 in PATH. */
export function interpreters(): readonly string[] {
  const { SURMISE_PYTHON: named, PATH = "" } = process.env;
  if (named) return named.split(delimiter);
  const found = new Map<string, string>();
  for (const folder of PATH.split(delimiter)) {
    const file = join(folder, "python3");
    if (!existsSync(file)) continue;
    const real = realpathSync(file);
    if (!found.has(real)) found.set(real, file);
  }
  return found.size === 0 ? ["python3"] : [...found.values()];
}

/**
 * The workers of the other libraries, each Python script once with every interpreter. Peers that are
 * far slower than others only where `all` is asked for.
 */
export function peerCommands({ name, family }: Workload, all: boolean): WorkerCommand[] {
  const pythons = interpreters();
  return (PEERS[family.name] ?? [])
    .filter(({ onlyFor }) => all || onlyFor === undefined || onlyFor.includes(name))
    .flatMap(({ peer, file, flags = [] }) => {
      const isPython = file.endsWith(".py");
      return (isPython ? pythons : [process.execPath]).map((command) => ({
        peer,
        command,
        arguments: [`${FOLDER}${file}`, ...flags],
        triesOneThread: isPython || file === "openblas.mjs",
      }));
    });
}
