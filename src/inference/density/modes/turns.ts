/** Work that comes in turns, between which a page or a server may do other work. */

/** Yields after each turn, of milliseconds mostly; at last the result. */
export type Turns<T> = Generator<undefined, T, undefined>;

/** The result of work that is done at once. */
export function atOnce<T>(turns: Turns<T>): T {
  while (true) {
    const { done, value } = turns.next();
    if (done) return value;
  }
}
