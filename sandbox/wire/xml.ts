/** Values as XML elements, as the XML protocols of AWS write them. */

/** How lists are written: each item an element of that name in the list's own, or the list's name again and again. */
export type ListStyle = "member" | "flattened";

/** Maps become `<entry>`s, other objects their own elements; what is undefined is left out. */
export function element(name: string, value: unknown, lists: ListStyle = "member"): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value) && lists === "flattened") {
    return value.map((item) => element(name, item, lists)).join("");
  }
  return `<${name}>${content(value, lists)}</${name}>`;
}

function content(value: unknown, lists: ListStyle): string {
  if (Array.isArray(value)) return value.map((item) => element("member", item, lists)).join("");
  if (value instanceof Map) {
    return [...value].map(([key, inner]) => element("entry", { key, value: inner }, lists)).join("");
  }
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => element(key, inner, lists))
      .join("");
  }
  return escapeXml(String(value));
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  // A parser would otherwise turn a carriage return into a line feed.
  "\r": "&#xD;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The text of every element of a name, wherever it is, in the document's order. */
export function textsOf(name: string, xml: string): string[] {
  const elements = xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"));
  return [...elements].map(([, text = ""]) => text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, textOf));
}

function textOf(whole: string, entity: string): string {
  if (entity.startsWith("#x")) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
  if (entity.startsWith("#")) return String.fromCodePoint(Number(entity.slice(1)));
  return ENTITIES[entity] ?? whole;
}
