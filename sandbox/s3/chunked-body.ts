import { AwsError } from "../wire/error.ts";

/**
 * The body of an upload. Clients that send a checksum behind the body cut it into chunks within the HTTP body
 * (`content-encoding: aws-chunked`): `<length in hex>[;chunk-signature=…]\r\n<bytes>\r\n`, the last with length 0,
 * then trailers.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function uploadedBody(body: Buffer, headers: Readonly<Record<string, string>>): Buffer {
  const isChunked =
    /\baws-chunked\b/.test(headers["content-encoding"] ?? "") ||
    headers["x-amz-content-sha256"]?.startsWith("STREAMING-") === true;
  if (!isChunked) return body;
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = body.indexOf("\r\n", at);
    const length = Number.parseInt(body.subarray(at, lineEnd).toString("latin1"), 16);
    const start = lineEnd + 2;
    if (lineEnd === -1 || Number.isNaN(length) || start + length > body.length) {
      throw new AwsError("IncompleteBody", "The aws-chunked body ends before its last chunk.");
    }
    if (length === 0) return Buffer.concat(chunks);
    chunks.push(body.subarray(start, start + length));
    at = start + length + 2;
  }
}
