import { selects } from "../../../../shared/kubernetes/scheduling/selector.ts";
import type { TopologyRule } from "../../../../shared/kubernetes/scheduling/topology-rule.ts";
import type { PodShape } from "../../model/cluster.ts";
import type { Bin } from "./bin.ts";

/** How many pods of one sort are in each topology domain, kept as pods come and go. */
interface DomainCounts {
  readonly key: string;
  readonly selects: (shape: PodShape) => boolean;
  /** By the value of the label `key`. */
  readonly perDomain: Map<string, number>;
  total: number;
  /** The fewest in any of these domains, while that is known. */
  least: { readonly domains: readonly string[]; readonly pods: number } | undefined;
}

/**
 * Required pod affinity, pod anti-affinity (which holds for the pods that are there against a new one, too)
 * and topology spread constraints, as the scheduler's `InterPodAffinity` and `PodTopologySpread` see them.
 */
export class Topology {
  /** All that count, with those that are only asked about. */
  readonly #bins: Set<Bin>;
  /** Pods that a rule selects, by rule. */
  readonly #selected = new Map<string, DomainCounts>();
  /** Pods that have an `apart` rule, by rule. */
  readonly #apart = new Map<string, { readonly rule: TopologyRule; readonly holders: DomainCounts }>();
  /** Which counts a pod of a shape changes. */
  readonly #countedBy = new Map<PodShape, readonly DomainCounts[]>();
  /** Where the pods of each shape are; kept from the moment that a rule asks. */
  #places: Map<PodShape, Map<Bin, number>> | undefined;

  /** Report pods by `moved` from here on. */
  constructor(bins: readonly Bin[]) {
    this.#bins = new Set(bins);
    for (const bin of bins) for (const shape of bin.pods.keys()) this.meet(shape);
  }

  /** Notes the rules of a shape that is seen for the first time. */
  meet(shape: PodShape): void {
    for (const rule of shape.topology) {
      const id = identity(rule);
      if (rule.kind !== "apart" || this.#apart.has(id)) continue;
      const holds = (other: PodShape) => other.topology.some((own) => identity(own) === id);
      this.#apart.set(id, { rule, holders: this.#count(rule.key, holds) });
    }
  }

  /** How many `apart` rules are known: it only rises. */
  get rules(): number {
    return this.#apart.size;
  }

  /** Whether a place for a pod depends on where other pods are: then no answer may be kept for the next one. */
  concerns(shape: PodShape): boolean {
    if (shape.topology.length > 0) return true;
    for (const { rule } of this.#apart.values()) if (ruleSelects(rule, shape)) return true;
    return false;
  }

  /** Counts the pods of a bin that was not there before. */
  addBin(bin: Bin): void {
    for (const shape of bin.pods.keys()) this.meet(shape);
    for (const [shape, pods] of bin.pods) for (let pod = 0; pod < pods; pod++) this.moved(shape, bin, 1);
    this.#bins.add(bin);
  }

  /** Takes the pods of a bin out of the counts again. */
  dropBin(bin: Bin): void {
    this.#bins.delete(bin);
    for (const [shape, pods] of bin.pods) for (let pod = 0; pod < pods; pod++) this.moved(shape, bin, -1);
  }

  /** A pod came to the bin (1) or left it (-1). */
  moved(shape: PodShape, bin: Bin, by: 1 | -1): void {
    if (!this.#places) return;
    const places = this.#placesOf(shape, this.#places);
    places.set(bin, (places.get(bin) ?? 0) + by);
    for (const counts of this.#countsFor(shape)) tally(counts, bin, by);
  }

  /**
   * The question "may this shape be there?" as it stands now, to be asked of many bins; any pod that comes or
   * goes makes it stale.
   *
   * @param domains the values of a rule's label among the nodes that count for it
   */
  question(shape: PodShape, domains: (rule: TopologyRule) => readonly string[]): (bin: Bin) => boolean {
    const own = shape.topology.map((rule) => this.#ask(rule, shape, domains));
    const against = [...this.#apart.values()].filter(({ rule }) => ruleSelects(rule, shape));
    return (bin) =>
      own.every((allows) => allows(bin)) && against.every(({ holders }) => inDomainOf(holders, bin) === 0);
  }

  #ask(
    rule: TopologyRule,
    shape: PodShape,
    domains: (rule: TopologyRule) => readonly string[],
  ): (bin: Bin) => boolean {
    const counts = this.#selectedBy(rule);
    const self = ruleSelects(rule, shape);
    switch (rule.kind) {
      case "apart":
        return (bin) => inDomainOf(counts, bin) === 0;
      case "together":
        // The first pod of a group that wants to be together may be in any domain.
        if (counts.total === 0 && self) return (bin) => bin.labels[rule.key] !== undefined;
        return (bin) => inDomainOf(counts, bin) > 0;
      case "spread": {
        const all = domains(rule);
        const least = all.length < (rule.minDomains ?? 1) ? 0 : emptiest(counts, all);
        const most = least + rule.maxSkew - (self ? 1 : 0);
        return (bin) => bin.labels[rule.key] !== undefined && inDomainOf(counts, bin) <= most;
      }
    }
  }

  #selectedBy(rule: TopologyRule): DomainCounts {
    const id = identity(rule);
    const known = this.#selected.get(id);
    if (known) return known;
    const counts = this.#count(rule.key, (shape) => isCounted(rule, shape));
    this.#selected.set(id, counts);
    return counts;
  }

  #count(key: string, selects: (shape: PodShape) => boolean): DomainCounts {
    const counts: DomainCounts = { key, selects, perDomain: new Map(), total: 0, least: undefined };
    this.#places ??= this.#takeStock();
    for (const [shape, places] of this.#places) {
      if (selects(shape)) for (const [bin, pods] of places) tally(counts, bin, pods);
    }
    this.#countedBy.clear();
    return counts;
  }

  #takeStock(): Map<PodShape, Map<Bin, number>> {
    const found = new Map<PodShape, Map<Bin, number>>();
    for (const bin of this.#bins) {
      for (const [shape, pods] of bin.pods) this.#placesOf(shape, found).set(bin, pods);
    }
    return found;
  }

  #placesOf(shape: PodShape, all: Map<PodShape, Map<Bin, number>>): Map<Bin, number> {
    const known = all.get(shape);
    if (known) return known;
    const places = new Map<Bin, number>();
    all.set(shape, places);
    return places;
  }

  #countsFor(shape: PodShape): readonly DomainCounts[] {
    const known = this.#countedBy.get(shape);
    if (known) return known;
    const all = [...this.#selected.values(), ...[...this.#apart.values()].map(({ holders }) => holders)];
    const own = all.filter(({ selects }) => selects(shape));
    this.#countedBy.set(shape, own);
    return own;
  }
}

function tally(counts: DomainCounts, bin: Bin, by: number): void {
  const domain = bin.labels[counts.key];
  if (domain === undefined) return;
  const before = counts.perDomain.get(domain) ?? 0;
  counts.perDomain.set(domain, before + by);
  counts.total += by;
  if (counts.least && Math.min(before, before + by) <= counts.least.pods) counts.least = undefined;
}

function inDomainOf(counts: DomainCounts, bin: Bin): number {
  const domain = bin.labels[counts.key];
  return domain === undefined ? 0 : (counts.perDomain.get(domain) ?? 0);
}

function emptiest(counts: DomainCounts, domains: readonly string[]): number {
  if (counts.least?.domains === domains) return counts.least.pods;
  let pods = Number.POSITIVE_INFINITY;
  for (const domain of domains) pods = Math.min(pods, counts.perDomain.get(domain) ?? 0);
  counts.least = { domains, pods };
  return pods;
}

const ruleSelects = ({ selector, namespaces }: TopologyRule, shape: PodShape): boolean =>
  (namespaces?.includes(shape.namespace) ?? true) && selects(selector, shape.labels);

/** A topology spread does not count pods that are ending; affinity does. */
const isCounted = (rule: TopologyRule, shape: PodShape): boolean =>
  ruleSelects(rule, shape) && !(rule.kind === "spread" && shape.isTerminating);

const identities = new WeakMap<TopologyRule, string>();

/** The same for rules that say the same. */
function identity(rule: TopologyRule): string {
  const known = identities.get(rule);
  if (known !== undefined) return known;
  const made = JSON.stringify([rule.kind, rule.key, rule.selector, rule.namespaces]);
  identities.set(rule, made);
  return made;
}
