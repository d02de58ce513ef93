/** Which code makes programs: what it left behind must not be met by code that makes other ones. */
import type { Node } from "./node.ts";

/** The rooms that a program comes from. */
const ROOMS = ["tensor", "compiler", "runtime"];

let known: { readonly hash: string | undefined } | undefined;

/**
 * A hash of the files of the rooms, made once, or undefined where the files may not be the code that runs:
 * packed into another file, changed by Vite, or written since this process began.
 */
export function ownCode(node: Node): string | undefined {
  known ??= { hash: runsAsItIs(node) ? hashOf(node) : undefined };
  return known.hash;
}

/** Whether the code that runs is in the file that it is said to be from. */
function runsAsItIs({ path, url }: Node): boolean {
  const said = url.fileURLToPath(import.meta.url);
  const ours = path.join("runtime", "native", `ownCode${path.extname(said)}`);
  return !("env" in import.meta) && said.endsWith(ours) && [said, import.meta.url].includes(runs());
}

/** The file of this function, as V8 has it: to print a stack would take long where there are source maps. */
function runs(): string {
  const before = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_, [call]) => call?.getFileName();
    return `${new Error().stack}`;
  } finally {
    Error.prepareStackTrace = before;
  }
}

function hashOf({ crypto, fs, path, url }: Node): string | undefined {
  const own = url.fileURLToPath(import.meta.url);
  const root = path.resolve(own, "../../..");
  const hash = crypto.createHash("sha256");
  for (const room of ROOMS) {
    const files = fs.readdirSync(path.join(root, room), { recursive: true, encoding: "utf8" });
    for (const file of files.filter((f) => f.endsWith(path.extname(own))).sort()) {
      const full = path.join(root, room, file);
      const text = fs.readFileSync(full);
      if (fs.statSync(full).ctimeMs > performance.timeOrigin) return undefined;
      hash.update(`${room} ${file} ${text.length}\n`).update(text);
    }
  }
  return hash.digest("hex");
}
