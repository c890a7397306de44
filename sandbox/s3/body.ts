import type { AwsRequest } from "../service.ts";
import { AwsError } from "../wire/error.ts";

const CRLF = "\r\n";

/**
 * The object in a PutObject. SDKs send streams in chunks with a checksum behind them (`aws-chunked`); neither
 * signatures nor checksums are looked at.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 *
 * @throws {AwsError} IncompleteBody for chunks that end early
 */
export function objectIn({ headers, body }: Pick<AwsRequest, "headers" | "body">): Buffer {
  if (!headers["x-amz-content-sha256"]?.startsWith("STREAMING-")) return body;
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = body.indexOf(CRLF, at);
    const size = Number.parseInt(body.subarray(at, end).toString("latin1"), 16);
    if (end < 0 || Number.isNaN(size)) throw incomplete();
    if (size === 0) return Buffer.concat(chunks);
    const start = end + CRLF.length;
    if (start + size > body.length) throw incomplete();
    chunks.push(body.subarray(start, start + size));
    at = start + size + CRLF.length;
  }
}

function incomplete(): AwsError {
  return new AwsError("IncompleteBody", "The body's chunks end before the one of size 0.");
}
