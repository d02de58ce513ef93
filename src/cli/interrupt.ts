/** Ctrl-C: first a polite request, then the end. */
import { EXIT } from "./errors.ts";
import { leave } from "./exit.ts";

/**
 * A signal that Ctrl-C (or SIGTERM) sets once there is something to `listen` for; pressed again, it ends the process at
 * once. Before, both signals have their usual meaning, which ends the process even where it leaves no time for
 * listeners, as a model does that never returns. `stop` gives it back to them.
 */
export function onInterrupt() {
  const controller = new AbortController();
  const listener = () => {
    if (controller.signal.aborted) leave(EXIT.interrupted);
    controller.abort(new Error("interrupted"));
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = () => {
    for (const name of signals) process.off(name, listener);
  };
  const listen = () => {
    stop();
    for (const name of signals) process.on(name, listener);
  };
  return { signal: controller.signal, listen, stop };
}
