/** Whether a compiler makes programs that run here. */
import { libraryFor } from "./cache.ts";
import type { Node } from "./node.ts";
import type { Toolchain } from "./toolchain.ts";

const ANSWER = 1729;
const SOURCE = `int surmise_probe(void) { return ${ANSWER}; }`;
/** A compiler that has not made that by then hangs. */
const SECONDS = 10;

/** What goes wrong with a small library from source to call; undefined if nothing does. */
export function probe(toolchain: Toolchain, node: Node): string | undefined {
  try {
    const library = node.koffi.load(libraryFor(SOURCE, "threads", toolchain, node, SECONDS));
    const answer: unknown = library.func("int surmise_probe(void)")();
    return answer === ANSWER ? undefined : `a program that it makes returns ${answer}`;
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}
