import type { NodeTerm } from "../../../shared/kubernetes/scheduling/node-term.ts";
import type { Claim, StorageClass } from "../../../shared/kubernetes/storage/claim.ts";
import type { BoundVolume } from "../../../shared/kubernetes/storage/volume.ts";

/** What a pod's volumes require of its node. */
export interface VolumeRequirements {
  /** Each is a required node selector: where one volume can be mounted. */
  readonly nodeSelectors: readonly (readonly NodeTerm[])[];
  /** Number of volumes by CSI driver. */
  readonly volumes: Readonly<Record<string, number>>;
  /** Why no node could take the pod: a claim without a volume that no scheduling brings about. */
  readonly unplaceable: string | undefined;
}

const NONE: VolumeRequirements = { nodeSelectors: [], volumes: {}, unplaceable: undefined };

/** The storage of a cluster, by what pods name: their claims. */
export class Volumes {
  readonly #volumes: ReadonlyMap<string, BoundVolume>;
  readonly #claims: ReadonlyMap<string, Claim>;
  readonly #classes: ReadonlyMap<string, StorageClass>;

  constructor(volumes: readonly BoundVolume[], claims: readonly Claim[], classes: readonly StorageClass[]) {
    this.#volumes = new Map(
      volumes.map((volume) => [`${volume.claim.namespace}/${volume.claim.name}`, volume]),
    );
    this.#claims = new Map(claims.map((claim) => [`${claim.namespace}/${claim.name}`, claim]));
    this.#classes = new Map(classes.map((each) => [each.name, each]));
  }

  /** @param claims the names of the claims that a pod in this namespace mounts */
  requirementsOf(namespace: string, claims: readonly string[]): VolumeRequirements {
    if (claims.length === 0) return NONE;
    const each = [...new Set(claims)].map((name) => this.#ofClaim(namespace, name));
    const drivers = Map.groupBy(
      each.flatMap(({ driver }) => driver ?? []),
      (driver) => driver,
    );
    return {
      nodeSelectors: each.flatMap(({ nodeTerms }) => (nodeTerms.length > 0 ? [nodeTerms] : [])),
      volumes: Object.fromEntries([...drivers].map(([driver, all]) => [driver, all.length])),
      unplaceable: each.find(({ unplaceable }) => unplaceable !== undefined)?.unplaceable,
    };
  }

  #ofClaim(
    namespace: string,
    name: string,
  ): {
    readonly driver?: string | undefined;
    readonly nodeTerms: readonly NodeTerm[];
    readonly unplaceable?: string;
  } {
    const claim = this.#claims.get(`${namespace}/${name}`);
    const unplaceable = (why: string) => ({
      nodeTerms: [],
      unplaceable: `its PersistentVolumeClaim ${name} ${why}`,
    });
    if (claim?.isUnusable) return unplaceable("is being deleted or has lost its volume");
    const volume = this.#volumes.get(`${namespace}/${name}`);
    if (volume) return volume;
    if (!claim) return unplaceable("does not exist");
    const storageClass = this.#classes.get(claim.storageClass ?? "");
    if (claim.bound) return { nodeTerms: [], driver: storageClass?.driver };
    return storageClass?.waitsForConsumer ? storageClass : unplaceable("has no volume yet");
  }
}
