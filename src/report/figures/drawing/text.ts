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

/**
 * A specification in which a mark without width stands before each text `__proto__`: Vega keeps what it draws in plain objects
 * by such texts, and finds nothing again under that name.
 */
export function withoutReservedNames<Spec>(spec: Spec): Spec {
  if (spec === "__proto__") return "\u2060__proto__" as Spec;
  if (Array.isArray(spec)) return spec.map(withoutReservedNames) as Spec;
  if (
    typeof spec !== "object" ||
    spec === null ||
    Object.getPrototypeOf(spec) !== Object.prototype
  ) {
    return spec;
  }
  return Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [name, withoutReservedNames(value)]),
  ) as Spec;
}

/** `text` as it may stand between tags and inside quoted attributes of HTML and SVG alike. */
export function escapeText(text: string): string {
  return withoutIllegalCharacters(text).replace(/[&<>"']/g, (character) => ENTITIES[character]);
}
