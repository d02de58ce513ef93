/** The settings of a run as options of a command. */
import { existsSync } from "node:fs";
import { type Command, Help, Option } from "commander";
import { KINDS, type MethodKind, SETTINGS } from "../problems/index.ts";
import { SurmiseError } from "../tensor/index.ts";

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Text that is a finite number in decimals becomes one; what it should be is the settings' business. */
export function numberIn(text: string): number | string {
  return DECIMAL.test(text) && Number.isFinite(Number(text)) ? Number(text) : text;
}

const PRECISIONS = [
  [
    "float64",
    "float32",
    "compute a model file in float64 (default, unless it has networks or says otherwise)",
  ],
  ["float32", "float64", "compute a model file in float32"],
] as const;

/** Settings whose values are words, however they read. */
const TEXTS: readonly string[] = ["data", "method", "optimizer", "kl", "decoder", "init", "decay"];

const METHOD_KINDS: readonly MethodKind[] = Object.values(KINDS);

/** The headings of options: of all, of each kind of methods, of models of images. */
const GROUPS = ["Options:", ...METHOD_KINDS.map(({ title }) => `${title}:`), "Models of images:"];

/** Which of them a setting stands under. */
function groupOf(name: string): number {
  const kind = METHOD_KINDS.findIndex(({ settings }) => settings.some((each) => each === name));
  if (kind >= 0) return kind + 1;
  return "table" in SETTINGS[name as keyof typeof SETTINGS] ? 0 : GROUPS.length - 1;
}

/** The methods of model files, as a part of a help page. */
export function methodsHelp(): string {
  const help = new Help();
  help.prepareContext({ helpWidth: process.stdout.columns ?? 80 });
  const names = METHOD_KINDS.flatMap(({ methods }) => Object.keys(methods));
  const longest = Math.max(...names.map(({ length }) => length));
  const groups = METHOD_KINDS.map(({ title, methods }) => {
    const lines = Object.entries(methods).map(([name, { about }]) =>
      help.formatItem(name, longest, about, help),
    );
    return [`${title} (--method):`, ...lines].join("\n");
  });
  return `\n${groups.join("\n\n")}`;
}

/**
 * Adds an option for each setting, or for those with these names. None has a default here, so that one sees which were
 * given.
 */
export function addSettings(command: Command, names = Object.keys(SETTINGS)): Command {
  const known = Object.entries(SETTINGS).filter(
    ([name, { flags }]) => flags !== "" && names.includes(name),
  );
  known.sort(([a], [b]) => groupOf(a) - groupOf(b));
  for (const [name, { flags, about }] of known) {
    const option = new Option(flags, about).helpGroup(GROUPS[groupOf(name)]);
    command.addOption(TEXTS.includes(name) ? option : option.argParser(numberIn));
  }
  for (const [dtype, other, about] of PRECISIONS) {
    command.addOption(new Option(`--${dtype}`, about).implies({ dtype }).conflicts(other));
  }
  return command;
}

/** The settings among the options that were given; what they may be is the settings' business. */
export function givenSettings(options: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in SETTINGS));
}

/** @throws SurmiseError if what `--out` names is there, so that nothing is overwritten. */
export function checkIsNew(out: string): void {
  if (existsSync(out)) {
    throw new SurmiseError(`--out '${out}' is there already: choose another name`);
  }
}

/** A setting as it is called on the command line: `--train-images`. */
export function optionName(setting: string): string {
  if (setting === "model") return setting;
  if (setting === "dtype") return "--float32 or --float64";
  return `--${setting.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
