import { readFileSync } from "node:fs";

/** The most bytes of memory this process ever held at once. */
export function peakBytes(): number {
  return 1024 * (ofThisImage() ?? process.resourceUsage().maxRSS);
}

/** In KiB, as Linux counts it: what the process that started this one held is not in it. */
function ofThisImage(): number | undefined {
  try {
    const found = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    return found === null ? undefined : Number(found[1]);
  } catch {
    return undefined;
  }
}
