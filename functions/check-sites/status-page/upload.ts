import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import { s3 } from "../../../shared/aws/runtime-clients.ts";

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

/** To an S3 bucket in the function's own account and region. */
export function createUpload(bucketPrefix: string): Upload {
  return async (files, { functionArn, signal }) => {
    const bucket = bucketName(bucketPrefix, functionArn);
    const client = await s3();
    try {
      await inParallel(files, UPLOADS_AT_ONCE, ({ name, type, content }) =>
        client.putObject(
          {
            Bucket: bucket,
            Key: name,
            Body: content,
            ContentType: type,
            // CloudFront and browsers show a page for half a run's time.
            CacheControl: "public, max-age=30",
          },
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
