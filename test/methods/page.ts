/** docs/choosing-a-method.md, made of the methods there are and of what was measured. */
import { METHODS_OF_FIT } from "../../src/problems/settings.ts";
import type { Row } from "./measure.ts";
import { countTable, errorTable, markdown } from "./table.ts";

/** Where the page is kept. */
export const PAGE = new URL("../../docs/choosing-a-method.md", import.meta.url);

/** Every method, with what it is. */
export function methodTable(): string {
  return markdown(
    ["method", "what it is"],
    Object.entries(METHODS_OF_FIT).map(([name, { about }]) => [`\`${name}\``, about]),
  );
}

/** The page. */
export function page(rows: readonly Row[]): string {
  const models = new Set(rows.map(({ model }) => model)).size;
  return `# Choosing a method

Leave \`--method\` out: \`surmise fit\` takes \`nuts\` where all latents are continuous or can be summed out and the model is
not too large for chains, and \`vi\` else, or \`rws\` where a latent is a count without end. It says which, and why. In a
program, \`chooseMethod(model, data)\` says the same.

- **The posterior itself, small or medium models**: \`nuts\`. Its warnings (R-hat, divergences) say where it fails.
- **Large models, minibatches, networks**: \`vi\`. Groups of latents, or a chain of them: \`structured\`.
- **The log evidence, to compare models by**: \`ais\`, with its standard error; it warns where too few particles carry the weight.
- **Another shape than a normal, without chains**: \`iwae\`; its draws are weighted. Also an estimate of the log evidence.
- **Bent posteriors, without weights**: \`flow\`, which takes seconds to compile; skewed, or with several modes: \`mixture\`.
- **Latents without end that cannot be summed out**: \`gibbs\` for chains, or \`rws\`; many discrete latents in plates: \`mprws\`.
- **A first look, in a second**: \`pathfinder\`, or \`laplace\`, which refuses where there is no maximum.
- **One best value, no uncertainty**: \`map\`.

## The methods

${methodTable()}

## Measured

The methods of the table below at their defaults, on ${models} models whose answers are known: closed forms, long runs, and posteriordb where
\`SURMISE_DATA\` has it (\`npm run methods\` measures, \`npm run methods -- --page\` writes this page). An answer is right where
all means are within 0.1 standard deviations and all standard deviations within a tenth, three standard errors allowed; wrong
where a mean is off by more than 0.5 or a standard deviation by a factor of 2.

${countTable(rows)}

For each model: the largest error of a mean, in standard deviations, and the standard deviation that is farthest off, over
the right one; of \`map\`, how far the mode is from the mean. \`!\` wrong, and warned; \`~\` between right and wrong; \`(!)\`
right, and warned.

${errorTable(rows)}
`;
}
