/** What threads that advance chains tell each other, in words that they share. */
import type { ProgramReplica } from "../../../runtime/internal.ts";
import { SurmiseError } from "../../../tensor/internal.ts";
import type { ChainSettings } from "../chain.ts";
import { ImproperPosterior, NotContinuous, Stuck } from "../failures.ts";
import type { Piece } from "../memory.ts";

/** What a worker is given when it starts. */
export interface Enlistment {
  /** The density of the target. */
  readonly replica: ProgramReplica;
  /** What the chains are. */
  readonly settings: ChainSettings;
  /** How many there are. */
  readonly chains: number;
  /** Their memory, which all threads share. */
  readonly pieces: readonly (readonly [string, Piece])[];
  /** The words below. */
  readonly words: SharedArrayBuffer;
  /** What was thrown, as text, `MESSAGE` bytes for each chain. */
  readonly messages: SharedArrayBuffer;
}

/** Which word says what; those of chains, how each failed, come after them. */
export const WORD = {
  /** The number of the present job; negative once there are no more. */
  job: 0,
  /** Its first transition, and how many each chain makes. */
  step: 1,
  steps: 2,
  /** The next chain that nobody has taken, and how many are done. */
  next: 3,
  done: 4,
  /** Workers that are ready. */
  ready: 5,
  failures: 6,
} as const;

/** Bytes of what a chain may have to say. */
export const MESSAGE = 2048;

/** What a chain throws that is explained by its position, by number; 0 is none, any other number has a message. */
const FAILURES = [undefined, ImproperPosterior, NotContinuous, Stuck];

/** The words of a crew. */
export class Job {
  /** See `WORD`. */
  readonly words: Int32Array;
  private readonly messages: Uint8Array;
  private readonly chains: number;

  constructor({ words, messages, chains }: Pick<Enlistment, "words" | "messages" | "chains">) {
    this.words = new Int32Array(words);
    this.messages = new Uint8Array(messages);
    this.chains = chains;
  }

  /** Advances chains that nobody has taken, one after the other. */
  work(advance: (chain: number, step: number) => void): void {
    const { words, chains } = this;
    for (;;) {
      const chain = Atomics.add(words, WORD.next, 1);
      if (chain >= chains) return;
      // Read after a chain was taken: before, it may be those of a job that is over.
      const first = Atomics.load(words, WORD.step);
      const steps = Atomics.load(words, WORD.steps);
      try {
        for (let i = 0; i < steps; i++) advance(chain, first + i);
      } catch (error) {
        this.fail(chain, error);
      }
      Atomics.add(words, WORD.done, 1);
      Atomics.notify(words, WORD.done);
    }
  }

  /** What the first of the chains that failed threw, if any did. */
  failure(): { readonly chain: number; readonly error: unknown } | undefined {
    const { words, messages, chains } = this;
    for (let chain = 0; chain < chains; chain++) {
      const kind = Atomics.load(words, WORD.failures + chain);
      if (kind === 0) continue;
      const Kind = FAILURES[kind];
      if (Kind !== undefined) return { chain, error: new Kind() };
      const text = messages.slice(chain * MESSAGE, (chain + 1) * MESSAGE);
      const end = text.indexOf(0);
      return { chain, error: new SurmiseError(new TextDecoder().decode(text.subarray(0, end))) };
    }
    return undefined;
  }

  private fail(chain: number, error: unknown): void {
    const kind = FAILURES.findIndex((Kind) => Kind !== undefined && error instanceof Kind);
    const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
    this.messages.set(text.subarray(0, MESSAGE - 1), chain * MESSAGE);
    Atomics.store(this.words, WORD.failures + chain, kind > 0 ? kind : FAILURES.length);
  }
}
