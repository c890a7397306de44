/**
 * The body as text without a byte order mark. Its charset is, as browsers have it, that of the mark, of `content-type`, or
 * of a `<meta>` at its beginning; UTF-8 where none is known.
 */
export function asText(body: Buffer, contentType: string | undefined): string {
  const charset = markedCharset(body) ?? charsetIn(contentType ?? "") ?? metaCharset(body);
  const decoder = charset === undefined || /^utf-?8$/i.test(charset) ? undefined : charsetDecoder(charset);
  return decoder ? decoder.decode(body) : body.toString("utf8").replace(/^\uFEFF/, "");
}

function markedCharset([first, second, third]: Buffer): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?([^\s;"'/>]+)/i.exec(text)?.[1];
}

/** Browsers look for it in the first kilobyte. */
function metaCharset(body: Buffer): string | undefined {
  const meta = /<meta\s[^>]*charset[^>]*>/i.exec(body.subarray(0, 1024).toString("latin1"))?.[0];
  // What could be read so far is no UTF-16, whatever it says of itself.
  const charset = charsetIn(meta ?? "");
  return charset !== undefined && /^utf-16/i.test(charset) ? undefined : charset;
}

/** Undefined where no such charset is known. */
export function charsetDecoder(charset: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}
