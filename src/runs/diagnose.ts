/** Where the bound stopped being a finite number. */
import { setImmediate } from "node:timers/promises";
import { begin, type Training } from "../inference/index.ts";
import { SurmiseError, type TypedArray } from "../tensor/index.ts";
import { allFinite, type State, writeState } from "./state.ts";

/** A run whose numbers are no longer finite. */
export class NotFinite extends SurmiseError {}

/**
 * The error for a run that was finite at `good` and no more after `step` steps. The steps between
 * are made again, one by one, with the contribution of each site and the gradients as results.
 */
export async function diagnose(training: Training, good: State, step: number): Promise<NotFinite> {
  const { bound } = training.outputs;
  const outputs = { bound, ...prefixed("site ", training.sites) };
  const gradients = prefixed("gradient ", training.gradients);
  const program = begin({ ...training, outputs: { ...outputs, ...gradients } });
  writeState(program, good);

  for (let at = good["#step"].data[0]; at < step; at++) {
    const found = program.run();
    const bad = Object.entries(found).filter(([, { data }]) => !allFinite(data));
    if (bad.length > 0) return explain(at + 1, found.bound.data[0], bad, Object.keys(outputs));
    const params = Object.keys(training.gradients).filter(
      (name) => !allFinite(program.read(name).data),
    );
    if (params.length > 0) {
      return complain(
        `at step ${at + 1} the optimiser makes ${list(params)} infinite or not a number`,
      );
    }
    await setImmediate();
  }
  return complain(
    `between steps ${good["#step"].data[0]} and ${step} the bound is no longer finite`,
  );
}

type Found = [string, { readonly data: TypedArray }];

function explain(step: number, bound: number, bad: Found[], scalars: string[]): NotFinite {
  const sites = bad.filter(([name]) => name !== "bound" && scalars.includes(name));
  if (sites.length > 0) {
    const parts = sites.map(([name, { data }]) => `${quoted(name)} contributes ${data[0]}`);
    return complain(`at step ${step} the bound is ${bound}: ${parts.join(", ")}`);
  }
  if (!Number.isFinite(bound)) {
    return complain(
      `at step ${step} the bound is ${bound}, though each site's part of it is finite`,
    );
  }
  return complain(
    `at step ${step} the bound is finite, but not its derivative: ${list(bad.map(([name]) => name))}`,
  );
}

function complain(what: string): NotFinite {
  return new NotFinite(
    `${what}. Try a smaller learning rate, or parameters that start closer to zero`,
  );
}

function prefixed<T>(prefix: string, values: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, x]) => [prefix + name, x]));
}

/** `site z` as `site 'z'`. */
function quoted(name: string): string {
  return name.replace(/ (.*)/, " '$1'");
}

function list(names: readonly string[]): string {
  return names.map((name) => (name.includes(" ") ? quoted(name) : `'${name}'`)).join(", ");
}
