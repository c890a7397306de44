import type { Template } from "../template/template.ts";
import { AwsError } from "../wire/error.ts";

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
export const MOST_RESOURCES = 500;
const MOST_OUTPUTS = 200;
const MOST_PARAMETERS = 200;
/** A stack and those nested in it create, change or delete so many in one operation. */
export const MOST_IN_AN_OPERATION = 2500;
/** In a request. */
const LARGEST_BODY = 51_200;
/** In an object of S3. */
export const LARGEST_OBJECT = 1_000_000;

/** @throws {AwsError} ValidationError for a template that is too large to be read */
export function checkTemplateSize(text: string, from: "body" | "object"): void {
  const bytes = Buffer.byteLength(text);
  if (from === "object" && bytes > LARGEST_OBJECT) {
    throw invalid(`Template may not exceed ${LARGEST_OBJECT} bytes in size.`);
  }
  if (from === "body" && bytes > LARGEST_BODY) {
    throw invalid(
      `1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${LARGEST_BODY}`,
    );
  }
}

/** @throws {AwsError} ValidationError for a template with too much in it */
export function checkTemplateQuotas({ Resources, Outputs = {}, Parameters = {} }: Template): void {
  const parts = [
    ["resources", Object.keys(Resources).length, MOST_RESOURCES],
    ["outputs", Object.keys(Outputs).length, MOST_OUTPUTS],
    ["parameters", Object.keys(Parameters).length, MOST_PARAMETERS],
  ] as const;
  for (const [what, found, most] of parts) {
    if (found <= most) continue;
    throw invalid(
      `Template format error: Number of ${what}, ${found}, is greater than maximum allowed, ${most}`,
    );
  }
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationError", message);
}
