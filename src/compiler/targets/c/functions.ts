/**
 * Phases as C functions. Latents that a model treats alike become phases alike but for where their buffers lie and
 * the names in their keys: they share one function, which C compilers need as long for as for one of them.
 */

/** A phase as text: its statements speak of `n0`, `n1`, ... for the offsets of its buffers and for large integers. */
export interface PrintedPhase {
  /** The name of its function. */
  readonly name: string;
  /** What was fused, in one line. */
  readonly about: string;
  /** The name of the counter of tasks, where there are several. */
  readonly task: string | undefined;
  /** Its statements. */
  readonly text: string;
  /** These numbers, in their order. */
  readonly numbers: readonly number[];
}

/** Up to so many characters, phases that are alike each have their numbers built in, which is a little faster. */
const COPIED = 16384;

/** The functions of phases; what they share is called `shared` and a number. */
export function phaseFunctions(phases: readonly PrintedPhase[], shared: string): string {
  const alike = new Map<string, PrintedPhase[]>();
  for (const phase of phases) {
    const text = headOf(phase, "") + phase.text;
    alike.set(text, [...(alike.get(text) ?? []), phase]);
  }
  return [...alike.values()]
    .map((group, i) =>
      group.length === 1 || group.length * group[0].text.length <= COPIED
        ? group.map(ownFunction).join("")
        : commonFunction(group, `${shared}${i}`),
    )
    .join("");
}

function headOf({ task }: PrintedPhase, more: string): string {
  const counter = task === undefined ? "int64_t" : `int64_t ${task}`;
  return `(char *restrict m, char *restrict p, ${counter}${more})`;
}

function ownFunction(phase: PrintedPhase): string {
  const { name, about, text, numbers } = phase;
  const head = `static void ${name}${headOf(phase, "")}`;
  return `\n// ${about}\n${head} {\n${constants(numbers.map((at) => `${at}L`))}${text}}\n`;
}

function commonFunction(phases: readonly PrintedPhase[], name: string): string {
  const [{ text, numbers }] = phases;
  const head = headOf(phases[0], ", const int64_t *numbers");
  const known = constants(numbers.map((_, k) => `numbers[${k}]`));
  const each = phases.map(({ name: own, about, numbers: at }) => {
    const list = at.length === 0 ? "0" : at.map((x) => `${x}L`).join(", ");
    return (
      `\n// ${about}\nstatic void ${own}(char *restrict m, char *restrict p, int64_t task) {\n` +
      `  static const int64_t numbers[] = {${list}};\n  ${name}(m, p, task, numbers);\n}\n`
    );
  });
  return `\nSHARED static void ${name}${head} {\n${known}${text}}\n${each.join("")}`;
}

function constants(values: readonly string[]): string {
  if (values.length === 0) return "";
  return `  const int64_t ${values.map((value, k) => `n${k} = ${value}`).join(", ")};\n`;
}
