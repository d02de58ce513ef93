/** WebAssembly modules that are no compiled programs. */
import { moduleOf } from "./executable.ts";

/**
 * Makes instances of a module, which is compiled once, from what it imports as `env`: each is what it exports.
 *
 * @throws SurmiseError if the page that it is in forbids WebAssembly.
 */
export function instancesOf(
  code: Uint8Array,
): (env: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>> {
  const module = moduleOf(code);
  return (env) =>
    new WebAssembly.Instance(module, { env: env as WebAssembly.ModuleImports }).exports;
}
