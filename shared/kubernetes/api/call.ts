export interface ClusterAddress {
  readonly name: string;
  /** For example `https://ABC.gr7.us-east-1.eks.amazonaws.com`. */
  readonly endpoint: string;
  /** The cluster's own certificate authority, PEM. */
  readonly ca: string;
  /** The endpoint has no address on the internet. */
  readonly isPrivate?: boolean;
}

/** One call to the Kubernetes API, with the verb and resource a ClusterRole has to name for it. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** For example `/api/v1/nodes`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** RBAC verb, for example `list`. */
  readonly verb: string;
  /** RBAC resource, for example `pods/eviction`. */
  readonly resource: string;
  readonly signal?: AbortSignal | undefined;
}

/** What the server answered, all of it. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** Takes some objects of a list; the next ones wait until it is done. */
export type TakeObjects = (objects: readonly unknown[]) => void | Promise<void>;
