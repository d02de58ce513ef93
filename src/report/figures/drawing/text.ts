/** Text from a user on its way into SVG or HTML. */

/** Whatever XML 1.0 does not allow even when escaped: control characters, lone surrogates. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` without the characters that no XML document may hold. */
export function withoutIllegalCharacters(text: string): string {
  return text.replace(NOT_XML, "");
}

/** `text` as it may stand between tags and inside quoted attributes of HTML and SVG alike. */
export function escapeText(text: string): string {
  return withoutIllegalCharacters(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
