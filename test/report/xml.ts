/** A small reader of XML for tests: throws where the text is not well-formed. */

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

const TOKEN = /<\/([\w:-]+)>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|[^<>]+/y;
const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

/** The root element of `xml`: tags that match, quoted attributes, known entities, legal letters. */
export function parseXml(xml: string): Element {
  if (/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml)) {
    throw new Error("a character that XML does not allow");
  }
  const root: Element = { name: "", attributes: {}, children: [], text: "" };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < xml.length) {
    const from = TOKEN.lastIndex;
    const token = TOKEN.exec(xml);
    if (token === null) {
      throw new Error(`not XML: ${xml.slice(from, from + 60)}`);
    }
    const [whole, closed, opened, attributes, empty] = token;
    const parent = open[open.length - 1];
    if (closed) {
      if (closed !== parent.name) {
        throw new Error(`</${closed}> closes <${parent.name}>`);
      }
      open.pop();
    } else if (opened) {
      const element = { name: opened, attributes: read(attributes), children: [], text: "" };
      parent.children.push(element);
      if (!empty) {
        open.push(element);
      }
    } else {
      parent.text += decode(whole);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) {
    throw new Error(`${open.length - 1} open elements, ${root.children.length} roots`);
  }
  return root.children[0];
}

/** All elements below `element` with this name, in document order. */
export function find(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...find(child, name),
  ]);
}

function read(attributes: string): Record<string, string> {
  const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)];
  if (new Set(pairs.map(([, name]) => name)).size !== pairs.length) {
    throw new Error(`an attribute twice: ${attributes}`);
  }
  return Object.fromEntries(pairs.map(([, name, value]) => [name, decode(value)]));
}

function decode(text: string): string {
  return text.replace(/&[^;]*;?/g, (entity) => {
    if (!(entity in ENTITIES)) {
      throw new Error(`unknown entity ${entity}`);
    }
    return ENTITIES[entity];
  });
}
