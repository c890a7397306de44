import { randomUUID } from "node:crypto";
import { AwsError } from "../wire/error.ts";

/** An object that comes in parts; the SDKs send what is larger than 5 MiB so. */
interface Upload {
  readonly bucket: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, Buffer>;
}

/** Multipart uploads that are not completed yet. */
export class Uploads {
  readonly #uploads = new Map<string, Upload>();

  /** @returns its id */
  begin(upload: Omit<Upload, "parts">): string {
    const id = randomUUID();
    this.#uploads.set(id, { ...upload, parts: new Map() });
    return id;
  }

  /** @throws {AwsError} NoSuchUpload */
  put(id: string, number: number, body: Buffer): void {
    this.#get(id).parts.set(number, body);
  }

  /** Takes an upload out, its parts put together in their order. @throws {AwsError} NoSuchUpload */
  end(id: string): Omit<Upload, "parts"> & { readonly body: Buffer } {
    const { parts, ...upload } = this.#get(id);
    this.#uploads.delete(id);
    const inOrder = [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    return { ...upload, body: Buffer.concat(inOrder) };
  }

  #get(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload) return upload;
    throw new AwsError("NoSuchUpload", `The specified upload does not exist: ${id}`, { status: 404 });
  }
}
