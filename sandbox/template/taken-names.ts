import type { CreatedResource, Properties } from "../service.ts";
import { customName } from "./replacement.ts";

/**
 * The names that resources of templates have. One that is retained keeps its name, also when its stack is gone: a
 * second of that name cannot be created.
 */
export class TakenNames {
  readonly #taken = new Set<string>();
  /** What is in no stack any more, by type, name and region. */
  readonly #retained = new Map<string, CreatedResource>();

  /** @throws {Error} for a name that is taken, as CloudFormation says it */
  check(type: string, properties: Properties, region: string): void {
    const name = customName(type, properties);
    if (name === undefined || !this.#taken.has(key(type, name, region))) return;
    throw new Error(`Resource of type '${type}' with identifier '${name}' already exists.`);
  }

  take(type: string, properties: Properties, region: string): void {
    const name = customName(type, properties);
    if (name !== undefined) this.#taken.add(key(type, name, region));
  }

  /** It is in no stack from now on. */
  retain(type: string, properties: Properties, region: string, resource: CreatedResource): void {
    const name = customName(type, properties);
    if (name !== undefined) this.#retained.set(key(type, name, region), resource);
  }

  /** Takes what was retained, to be in a stack again; undefined where there is none of that name. */
  adopt(type: string, name: string, region: string): CreatedResource | undefined {
    const found = this.#retained.get(key(type, name, region));
    this.#retained.delete(key(type, name, region));
    return found;
  }

  release(type: string, properties: Properties, region: string): void {
    const name = customName(type, properties);
    if (name !== undefined) this.#taken.delete(key(type, name, region));
  }
}

/** Of these types a name is one in all regions. */
const GLOBAL: ReadonlySet<string> = new Set([
  "AWS::CloudFront::OriginAccessControl",
  "AWS::CloudWatch::Dashboard",
  "AWS::IAM::ManagedPolicy",
  "AWS::IAM::Role",
  "AWS::S3::Bucket",
]);

const key = (type: string, name: string, region: string): string =>
  GLOBAL.has(type) ? `${type} ${name}` : `${type} ${name} in ${region}`;
