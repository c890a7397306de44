import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";

const s3 = traced(new S3Client(clientOptions()));

/** Stores a quarantined record that is too large for a message. The same key twice is the same record. */
export async function storeDocument(
  Bucket: string,
  Key: string,
  document: string,
  abortSignal: AbortSignal,
): Promise<void> {
  const command = new PutObjectCommand({ Bucket, Key, Body: document, ContentType: "application/json" });
  await s3.send(command, { abortSignal });
}
