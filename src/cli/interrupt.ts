/** Ctrl-C: first a polite request, then the end. */
import { EXIT } from "./errors.ts";

/**
 * A signal that Ctrl-C (or SIGTERM) sets; pressed again, it ends the process at once. `stop` gives
 * both signals their usual meaning back.
 */
export function onInterrupt() {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort(new Error("interrupted"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, listener);
  const stop = () => {
    for (const name of signals) process.off(name, listener);
  };
  return { signal: controller.signal, stop };
}
