/** surmise in the race: `vi` at its defaults on the model that is named, twice. Prints one line of JSON. */
import { measure } from "../../test/methods/measure.ts";
import { MODELS } from "../../test/methods/models.ts";
import { DRAWS } from "./raceRule.ts";

const [name] = process.argv.slice(2);
// The first makes the programs; the second finds them in memory or in the folder of compiled programs.
const cold = await measure(name, MODELS[name], "vi", DRAWS);
const warm = await measure(name, MODELS[name], "vi", DRAWS);
process.stdout.write(`${JSON.stringify({ ...cold, warmSeconds: warm.seconds })}\n`);
process.exit(0);
