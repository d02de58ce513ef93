/**
 * An error meant for the person who wrote the model: its message names the place, the axes with
 * their sizes, and what to do. The command line prints it without a stack and exits with code 2.
 */
export class SurmiseError extends Error {
  /** Tells it from other errors across realms. */
  override readonly name = "SurmiseError";
}

/** Operands have types that an operation does not take together. */
export class TypesDiffer extends SurmiseError {}
