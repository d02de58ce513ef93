/** What native code there could be on this machine, for people. */
import { cacheFolder } from "./cache.ts";
import { native } from "./executable.ts";

/** Whether programs can become native code here, and by what. */
export interface NativeSupport {
  /** Why there is none, or undefined if there is. */
  readonly missing: string | undefined;
  /** The C compiler with its version. */
  readonly compiler: string;
  /** The model of the processor. */
  readonly processor: string;
  /** Where compiled programs are kept. */
  readonly cache: string;
}

/** Looks for a compiler, once per process. */
export function nativeSupport(): NativeSupport {
  const found = native();
  if (typeof found === "string") {
    return { missing: found, compiler: "none", processor: "unknown", cache: "none" };
  }
  const { command, version, processor } = found.toolchain;
  return {
    missing: undefined,
    compiler: `${command} (${version})`,
    processor,
    cache: cacheFolder(found.node, "programs"),
  };
}
