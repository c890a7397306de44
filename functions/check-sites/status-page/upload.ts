import { clientOptions } from "../../../shared/aws/client-options.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";

/** Puts the page's files where they are served from. */
export type Upload = (files: readonly PageFile[], run: UploadRun) => Promise<void>;

/** What uploading needs to know of the run. */
export interface UploadRun {
  readonly functionArn: string | undefined;
  readonly signal: AbortSignal;
}

export interface PageFile {
  /** For example `status.json`. */
  readonly name: string;
  readonly type: string;
  readonly content: string;
}

const UPLOADS_AT_ONCE = 25;

/**
 * To an S3 bucket in the function's own account and region. Its client is loaded with the first page: a
 * function without one does not pay for it.
 */
export function createUpload(bucketPrefix: string): Upload {
  let loaded: ReturnType<typeof load> | undefined;
  return async (files, { functionArn, signal }) => {
    const bucket = bucketName(bucketPrefix, functionArn);
    loaded ??= load();
    const { client, PutObjectCommand } = await loaded;
    try {
      await inParallel(files, UPLOADS_AT_ONCE, ({ name, type, content }) =>
        client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: name,
            Body: content,
            ContentType: type,
            // CloudFront and browsers show a page for half a run's time.
            CacheControl: "public, max-age=30",
          }),
          { abortSignal: signal },
        ),
      );
    } catch (error) {
      throw asFailure(error, "s3:PutObject", bucket);
    }
  };
}

/** As resources.ts names it; `serverless invoke local` has no ARN and speaks to the sandbox. */
export function bucketName(prefix: string, functionArn: string | undefined): string {
  const [, , , region = "us-east-1", account = "000000000000"] = functionArn?.split(":") ?? [];
  return `${prefix}-${region}-${account}`;
}

async function load() {
  const { S3Client, PutObjectCommand } = await import("@aws-sdk/client-s3");
  return { client: traced(new S3Client(clientOptions())), PutObjectCommand };
}
