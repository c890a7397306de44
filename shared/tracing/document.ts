/**
 * What X-Ray takes of a document: https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html
 * What does not fit is cut, and the document says so: X-Ray would drop it without a word.
 */

/** X-Ray takes 64 KB, and a UDP datagram 65,507 bytes with the daemon's header line. This is below both. */
export const LARGEST_BYTES = 60 * 1024;

/** Of a metadata value that does not fit, so much of its JSON is kept. */
const KEPT_CHARACTERS = 1000;

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html#api-segmentdocuments-annotations */
const LONGEST_ANNOTATION = 1000;
const LONGEST_NAME = 200;

/** The metadata of Reflex stands under this name. */
export const NAMESPACE = "reflex";

export interface Document {
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly subsegments?: readonly unknown[];
  readonly [field: string]: unknown;
}

/** A name with the characters X-Ray takes: letters, digits, blanks and `_ . : / % & # = + \ - @`. */
export function segmentName(text: string): string {
  return text.replace(/[^\p{L}\p{N}\s_.:/%&#=+\\\-@]/gu, "_").slice(0, LONGEST_NAME) || "_";
}

/** An annotation's value as X-Ray takes it; undefined for a number that is none. */
export function annotationValue(value: string | number | boolean): string | number | boolean | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.length <= LONGEST_ANNOTATION) return value;
  return `${value.slice(0, LONGEST_ANNOTATION - 1)}…`;
}

/** A metadata value as it is now, and as JSON can say it. */
export function metadataValue(value: unknown): unknown {
  try {
    return JSON.parse(toJson(value) ?? "null");
  } catch (error) {
    return `it cannot be shown: ${String(error)}`;
  }
}

/** The document as JSON of at most `LARGEST_BYTES`: the largest metadata is cut first, then what is nested. */
export function fitted(document: Document): string {
  const whole = toJson(document) ?? "{}";
  if (Buffer.byteLength(whole) <= LARGEST_BYTES) return whole;

  const values = Object.entries(document.metadata?.[NAMESPACE] ?? {}).map(([key, value]) => {
    const text = toJson(value) ?? "";
    return { key, text, bytes: Buffer.byteLength(text) };
  });
  let metadata: Record<string, unknown> = { ...document.metadata?.[NAMESPACE] };
  const cut: string[] = [];
  const now = (nested = document.subsegments) => {
    const { subsegments: _nested, ...rest } = document;
    const annotations = { ...document.annotations, cut: true };
    const all = { ...document.metadata, [NAMESPACE]: { ...metadata, cut } };
    return (
      toJson({ ...rest, annotations, metadata: all, ...(nested?.length && { subsegments: nested }) }) ?? "{}"
    );
  };
  for (const { key, text, bytes } of values.sort((a, b) => b.bytes - a.bytes)) {
    if (Buffer.byteLength(now()) <= LARGEST_BYTES) return now();
    metadata = { ...metadata, [key]: `${text.slice(0, KEPT_CHARACTERS)}…` };
    cut.push(`${key} had ${bytes} bytes: the first ${KEPT_CHARACTERS} characters are kept`);
  }
  if (Buffer.byteLength(now()) <= LARGEST_BYTES) return now();
  cut.push(`${document.subsegments?.length ?? 0} subsegments in it are left out`);
  return now([]);
}

function toJson(value: unknown): string | undefined {
  return JSON.stringify(value, (_key, one) => (typeof one === "bigint" ? one.toString() : one));
}
