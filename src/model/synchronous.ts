/** A model, and each function it hands to a statement, runs from its first line to its last at once. */
import { SurmiseError } from "../tensor/index.ts";

/**
 * `result`, if it is no promise and no generator: of those only what stands before the first await or
 * yield has been seen, so that statements would be missing without a word. A promise that is refused
 * may reject later; nobody waits for it, and nothing is said twice.
 *
 * @param where what has returned it, such as `the model` or `plate 'row'`.
 * @throws SurmiseError if it is one.
 */
export function synchronous<T>(where: string, result: T): T {
  const kind = isPromise(result) ? "promise" : isGenerator(result) ? "generator" : undefined;
  if (kind === undefined) return result;
  const [word, keyword] =
    kind === "promise" ? ["async", "await"] : ["a generator (function*)", "yield"];
  throw new SurmiseError(
    `${where} returns a ${kind}, and a model is no ${kind}: its function must not be ${word}, because only ` +
      `statements before the first ${keyword} would count. Load data before the model runs and hand them ` +
      `over as its data, and call sample, observe and the others without ${keyword}`,
  );
}

/** Whether `x` is a promise. If it is, it is not used, and may reject without harm to the process. */
export function isPromise(x: unknown): boolean {
  if (!isObject(x) || typeof (x as { then?: unknown }).then !== "function") return false;
  Promise.resolve(x).then(nothing, nothing);
  return true;
}

function isGenerator(x: unknown): boolean {
  const iterates = isObject(x) && (Symbol.iterator in x || Symbol.asyncIterator in x);
  return iterates && typeof (x as { next?: unknown }).next === "function";
}

function isObject(x: unknown): x is object {
  return x !== null && (typeof x === "object" || typeof x === "function");
}

function nothing(): void {}
