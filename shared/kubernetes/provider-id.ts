/** Where a node's machine is: `spec.providerID` is the only sure link between a node and its instance. */
export interface InstanceRef {
  readonly zone: string;
  /** For example `i-0123456789abcdef0`. */
  readonly instanceId: string;
}

/** `aws:///us-east-1a/i-0abc` -> its zone and instance; undefined for what is no EC2 instance (Fargate, other clouds). */
export function parseProviderId(providerId: string | undefined): InstanceRef | undefined {
  const match = /^aws:\/\/\/([a-z0-9-]+)\/(i-[0-9a-f]+)$/.exec(providerId ?? "");
  const [, zone, instanceId] = match ?? [];
  return zone && instanceId ? { zone, instanceId } : undefined;
}
