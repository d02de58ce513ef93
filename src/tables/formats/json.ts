/** JSON exactly or not at all: what `JSON.parse` takes without a word is refused. */
import { SurmiseError } from "../../tensor/index.ts";
import { inexact } from "../decimals.ts";
import { shortened } from "../table.ts";

/** Strings, with the colon behind them if they are names; brackets; numbers that may be rounded. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]|-?\d[\d.eE+-]{15,}|-?[\d.]+[eE][+-]?\d{3,}/g;

/** An escape that is half of a character beyond the first 65536. */
const HALF = /\\u[dD][89a-fA-F]/;

/**
 * The value that a JSON text holds.
 *
 * @throws SurmiseError naming the line of a name that an object has twice, and of a number that a float64 does not hold:
 * a whole one with too many digits, or one that is too small or too large; or of a text that is none. SyntaxError if it is no JSON.
 */
export function parseJson(text: string, name: string): unknown {
  const found: unknown = JSON.parse(text);
  const objects: Set<string>[] = [];
  for (const { 0: token, 1: colon = "", index } of text.matchAll(TOKEN)) {
    const written = token.slice(0, token.length - colon.length);
    if (HALF.test(written) && /\p{Cs}/u.test(JSON.parse(written))) {
      refuse(name, text, index, "holds half of a surrogate pair, which is no character");
    }
    if (token === "{") objects.push(new Set());
    else if (token === "}") objects.pop();
    else if (colon !== "") {
      const key = JSON.parse(written) as string;
      const names = objects.at(-1) as Set<string>;
      if (names.has(key)) {
        refuse(
          name,
          text,
          index,
          `has the name '${shortened(key)}' a second time: give each a name of its own`,
        );
      }
      names.add(key);
    } else if (!token.startsWith('"')) {
      const wrong = inexact(token);
      if (wrong !== undefined) refuse(name, text, index, `holds ${shortened(token)}, ${wrong}`);
    }
  }
  return found;
}

function refuse(name: string, text: string, index: number, what: string): never {
  const line = text.slice(0, index).split("\n").length;
  throw new SurmiseError(`${name}: line ${line} ${what}`);
}
