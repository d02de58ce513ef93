/** Fitting: from a model and its data to trained parameters. */

import { checkArguments, SurmiseError, wholeNumber } from "../tensor/internal.ts";
import { type FitOptions, type FitRecord, OPTIONS } from "./fitting/options.ts";
import { prepare, prepareInTurns } from "./fitting/prepare.ts";
import type { Prepared } from "./fitting/prepared.ts";
import type { MethodName } from "./methods.ts";
import type { Fitted } from "./posterior/samplePosterior.ts";
import { CALL_SECONDS, EVENT_SECONDS, Loop, type LoopEvent, nextTurn } from "./process/loop.ts";
import type { ProgramState } from "./process/state.ts";

/** A trained guide, or a mode; `samplePosterior` takes it as it is. */
export type Fit<Data> = Fitted<Data> & {
  /** By which method; none with a guide of one's own and without one. */
  readonly method?: MethodName;
  /** Why, where none was given. */
  readonly reason?: string;
  /** The mean bound, or log density, over each of some stretches of steps of equal length, in nats. */
  readonly bounds: readonly { readonly step: number; readonly bound: number }[];
};

/**
 * What `fitting` yields: where it takes long to find where training begins, for how long that has been looked for; the
 * events of the loop; and at last the fit.
 */
export type FittingEvent<Data> =
  | { readonly kind: "preparation"; readonly seconds: number }
  | LoopEvent
  | { readonly kind: "finished"; readonly fit: Fit<Data> };

/**
 * Makes the bound of `model` under a guide, or another target, larger for some steps, all inside one
 * compiled program. Blocks until it is done; `fitting` does not.
 *
 * @throws SurmiseError if model and guide do not fit together, or, naming the site, the bound is not finite,
 * or a number among the options is not of its range.
 *
 * @example
 * const trained = fit({ model: schools, data: undefined, method: "iwae" });
 * console.table(summarise(samplePosterior(trained, { draws: 1000 })));
 */
export function fit<Data>(options: FitOptions<Data>): Fit<Data> {
  checkArguments("fit", { options }, OPTIONS);
  checkNumbers(options);
  const running = begin(options, prepare(options));
  for (const event of running.loop.calls(options.signal)) {
    if (running.met(event)) break;
  }
  return running.finish();
}

/**
 * As `fit`, giving way to other work of the process or page between calls of the program, and while it is looked for where
 * training begins; its last event holds the fit.
 *
 * @throws SurmiseError as `fit`, and where the signal comes before training has begun.
 *
 * @example for await (const event of fitting({ model, data, method: "vi" })) { ... }
 */
export async function* fitting<Data>(
  options: FitOptions<Data>,
): AsyncGenerator<FittingEvent<Data>> {
  checkArguments("fitting", { options }, OPTIONS);
  checkNumbers(options);
  const running = begin(options, yield* preparing(options));
  for await (const event of running.loop.run({ signal: options.signal })) {
    const isEnd = running.met(event);
    yield event;
    if (isEnd) break;
  }
  yield { kind: "finished", fit: running.finish() };
}

/** As `prepare`, giving way to other work about as often as the loop. */
async function* preparing<Data>(
  options: FitOptions<Data>,
): AsyncGenerator<FittingEvent<Data>, Prepared<Data>> {
  const turns = prepareInTurns(options);
  const begun = performance.now();
  const secondsSince = (time: number) => (performance.now() - time) / 1000;
  let [paused, told] = [begun, begun];
  while (true) {
    if (options.signal?.aborted) {
      throw new SurmiseError("fitting: the signal came before training had begun: there is no fit");
    }
    const { done, value } = turns.next();
    if (done) return value;
    if (secondsSince(paused) < CALL_SECONDS) continue;
    if (secondsSince(told) >= EVENT_SECONDS) {
      yield { kind: "preparation", seconds: secondsSince(begun) };
      told = performance.now();
    }
    await nextTurn();
    paused = performance.now();
  }
}

function checkNumbers<Data>({ records, patience }: FitOptions<Data>): void {
  if (records !== undefined) wholeNumber("fit: records", records, { least: 1 });
  if (patience !== undefined) wholeNumber("fit: patience", patience, { least: 1 });
}

function begin<Data>(options: FitOptions<Data>, prepared: Prepared<Data>) {
  const { records = 100, onProgress, backend, threads, patience } = options;
  const { score = ({ bound }: FitRecord) => bound } = options;
  const { steps } = prepared;
  const loop = new Loop({
    algorithm: prepared.training,
    steps,
    recordEvery: Math.max(1, Math.floor(steps / records)),
    ...(backend !== undefined && { backend }),
    ...(threads !== undefined && { threads }),
  });
  const bounds: { step: number; bound: number }[] = [];
  let best: { score: number; at: number; state: ProgramState } | undefined;
  return {
    loop,
    /** Whether the fit has come to its end before its last step. */
    met(event: LoopEvent): boolean {
      onProgress?.(event);
      if (event.kind !== "record") return false;
      const { step } = event;
      const { bound } = event.metrics;
      bounds.push({ step, bound });
      if (patience === undefined) return false;
      const state = loop.state();
      const found = score({ step, bound, state });
      if (best === undefined || found > best.score)
        best = { score: found, at: bounds.length, state };
      return bounds.length - best.at >= patience;
    },
    finish: (): Fit<Data> => {
      const last = best === undefined ? bounds.at(-1) : bounds[best.at - 1];
      return {
        ...prepared.fitted(best?.state ?? loop.state(), last?.bound),
        ...prepared.by,
        bounds,
      };
    },
  };
}
