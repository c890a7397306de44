import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Cluster, SeedObject } from "../kubernetes/cluster.ts";

/** The file a user applies in a real cluster; it is what the functions may do here, too. */
export const REFLEX_ROLE_FILE = join(import.meta.dirname, "../../docs/kubernetes/cluster-role.yaml");

/** Creates every object of a manifest file, as `kubectl apply -f` would in an empty cluster. */
export function applyManifests(cluster: Cluster, file: string): void {
  cluster.create(
    ...parseAllDocuments(readFileSync(file, "utf8")).map((manifest) => asSeed(manifest.toJS(), file)),
  );
}

function asSeed(manifest: unknown, file: string): SeedObject {
  if (typeof manifest === "object" && manifest !== null && "kind" in manifest && "metadata" in manifest) {
    return manifest as SeedObject;
  }
  throw new Error(`${file}: found a document without kind and metadata`);
}
