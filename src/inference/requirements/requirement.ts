/** What choices need of what they are put together with: compared here, and only here. */
import { SurmiseError } from "../../tensor/internal.ts";

/**
 * Why what is offered lacks what the choice called `who` needs, with what to do instead; undefined where it has it. `others`
 * are the choices of the same kind that do not need it, by name.
 */
export type Requirement<Offered> = (
  offered: Offered,
  who: string,
  others: readonly string[],
) => string | undefined;

/** A choice, by what it needs: a gradient estimator, a target, a method. */
export interface Requiring<Offered> {
  /** What it is called in messages. */
  readonly name: string;
  /** What it needs; the first that is missing is told. */
  readonly requires: readonly Requirement<Offered>[];
}

/** What the first requirement that is not met says; undefined where all are. `kind` are all choices of the same kind. */
export function unmet<Offered>(
  offered: Offered,
  { name, requires }: Requiring<Offered>,
  kind: readonly Requiring<Offered>[] = [],
): string | undefined {
  for (const requirement of requires) {
    const others = kind.filter((other) => !other.requires.includes(requirement));
    const refusal = requirement(
      offered,
      name,
      others.map((other) => other.name),
    );
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/**
 * Refuses a choice that cannot be combined with what is offered.
 *
 * @throws SurmiseError saying what is missing, and what to do instead.
 */
export function checkRequirements<Offered>(
  offered: Offered,
  choice: Requiring<Offered>,
  kind: readonly Requiring<Offered>[] = [],
): void {
  const refusal = unmet(offered, choice, kind);
  if (refusal !== undefined) throw new SurmiseError(refusal);
}

/** Names as a choice between them: "a, b or c". */
export function oneOfNames(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
