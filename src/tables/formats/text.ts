/** Bytes of a text file as characters, exactly or not at all. */
import { SurmiseError } from "../../tensor/index.ts";

/**
 * The text of a file in UTF-8, or in UTF-16 if a byte order mark says so; `name` stands for it in messages.
 *
 * @throws SurmiseError naming the line of the first byte that is no UTF-8, or of a character NUL.
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(bytes);
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SurmiseError(`${name}: ${misread(bytes, encoding)}`, { cause });
  }
  const nul = text.indexOf("\0");
  if (nul < 0) return text;
  throw new SurmiseError(
    `${name}: line ${lineOf(text.slice(0, nul))} holds a character NUL, so this is no text in ${encoding}: ` +
      "save the file as UTF-8",
  );
}

function encodingOf([a, b]: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (a === 0xff && b === 0xfe) return "utf-16le";
  return a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
}

function misread(bytes: Uint8Array, encoding: string): string {
  const save = "save the file as UTF-8";
  if (encoding !== "utf-8") return `it begins as ${encoding} and does not go on so: ${save}`;
  // What could be read is kept by a decoder that does not stop: the first replacement is the place.
  const lenient = new TextDecoder().decode(bytes);
  const line = lineOf(lenient.slice(0, lenient.indexOf("\ufffd")));
  return (
    `line ${line} is not UTF-8; perhaps it is Latin-1 or Windows-1252: ${save}, for instance by ` +
    "iconv -f WINDOWS-1252 -t UTF-8"
  );
}

function lineOf(before: string): number {
  return before.split(/\r\n|\r|\n/).length;
}
