/** Hostile and unlucky model files and surroundings: answered in one line. */
import type { Case } from "./case.ts";
import { fitting } from "./command.ts";

const body = (text: string) => ({
  "model.ts": `import { dirichlet, model, normal } from "surmise";
import { constant, tensor } from "surmise/tensor";
export default model(({ sample, observe }) => {
${text}
});`,
});

const refused = (id: string, input: string, text: string, right: RegExp): Case => ({
  id,
  input,
  run: () => fitting(body(text)),
  right: new RegExp(`^exit 2: surmise: [^\n]*${right.source}`),
});

/** Model files and surroundings. */
export const D: readonly Case[] = [
  refused("D1", "throw null in a model", "throw null;", /null/),
  refused("D2", "throw undefined in a model", "throw undefined;", /undefined/),
  refused("D3", "a text thrown in a model", 'throw "a text";', /a text/),
  refused("D4", "a site called __proto__", 'sample("__proto__", normal(0, 1));', /__proto__/),
];
