import type { Buckets } from "../s3/buckets.ts";
import { parseTemplate, type Template } from "../template/template.ts";
import { AwsError } from "../wire/error.ts";
import { checkTemplateQuotas, checkTemplateSize } from "./quotas.ts";

/** A template, and its text as it was given. */
export interface TemplateSource {
  readonly template: Template;
  readonly text: string;
}

/** A template as a request brings it: itself, or where in S3 it is. */
export interface GivenTemplate {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
}

/** @throws {AwsError} ValidationError, saying what about the template is wrong */
export function readTemplate({ TemplateBody, TemplateURL }: GivenTemplate, buckets: Buckets): TemplateSource {
  if (TemplateBody !== undefined) {
    checkTemplateSize(TemplateBody, "body");
    return parseTemplateText(TemplateBody, "TemplateBody");
  }
  if (TemplateURL !== undefined) {
    const text = objectAt(TemplateURL, buckets);
    checkTemplateSize(text, "object");
    return parseTemplateText(text, TemplateURL);
  }
  throw new AwsError("ValidationError", "Either TemplateBody or TemplateURL must be given.");
}

/** @param name for the error */
export function parseTemplateText(text: string, name: string): TemplateSource {
  try {
    const template = parseTemplate(JSON.parse(text), name);
    checkTemplateQuotas(template);
    return { text, template };
  } catch (error) {
    if (error instanceof AwsError) throw error;
    const reason = error instanceof SyntaxError ? "it is no JSON, and the sandbox reads no YAML" : error;
    throw new AwsError("ValidationError", `Template format error: ${name}: ${reason}`);
  }
}

/** `https://s3.amazonaws.com/bucket/key`: whatever the host, it is the sandbox's S3. */
function objectAt(url: string, buckets: Buckets): string {
  const [, bucket = "", ...rest] = URL.canParse(url) ? new URL(url).pathname.split("/") : [];
  const object = buckets.object(bucket, decodeURIComponent(rest.join("/")));
  if (object) return object.body.toString("utf8");
  throw new AwsError("ValidationError", `S3 error: The specified key does not exist: ${url}`);
}
