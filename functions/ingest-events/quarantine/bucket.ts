import { s3 } from "../../../shared/aws/runtime-clients.ts";

/** Stores a quarantined record that is too large for a message. The same key twice is the same record. */
export async function storeDocument(
  Bucket: string,
  Key: string,
  document: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const object = { Bucket, Key, Body: document, ContentType: "application/json" };
  await (await s3()).putObject(object, { abortSignal });
}
