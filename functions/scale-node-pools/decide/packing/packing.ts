import type { PodRequirements, PodShape } from "../../model/cluster.ts";
import { addPod, type Bin, removePod } from "./bin.ts";
import { CAPACITY_FILTERS, isDomainFor, passesAll, STATIC_FILTERS } from "./filters.ts";
import { Topology } from "./topology.ts";

/** What is known about some requirements, so that equal pods cost little more than one. */
interface PlacementCache {
  /** How many of the bins have been looked at. */
  seen: number;
  /** Those of them such a pod could be on if there is room. */
  readonly eligible: Bin[];
  /** The eligible bins before this one have no room for it, and none has been made since `freed`. */
  next: number;
  freed: number;
  readonly domains: Map<string, readonly string[]>;
}

/**
 * Where pods would go, by the scheduler's own filters and first fit. It can be tried out: what an attempt
 * did is undone when it fails.
 */
export class Packing {
  readonly #bins: Bin[];
  readonly #known: Set<Bin>;
  /** Bins that `removeBin` took out. */
  readonly #removed = new Set<Bin>();
  readonly #topology: Topology;
  readonly #caches = new Map<PodRequirements, PlacementCache>();
  /** Whether the topology has a say about a shape; known while there are so many rules of it. */
  readonly #topological = new Map<PodShape, { readonly rules: number; readonly answer: boolean }>();
  /** Rises whenever room is made, so that what was full is looked at again. */
  #freed = 0;
  #undo: (() => void)[] | undefined;

  /** @param bins in the order in which they are filled, with the pods that run there */
  constructor(bins: readonly Bin[]) {
    this.#bins = [...bins];
    this.#known = new Set(bins);
    this.#topology = new Topology(this.#bins);
  }

  /** One more bin, filled after all others. It may have pods already. */
  add(bin: Bin): void {
    this.#bins.push(bin);
    this.#known.add(bin);
    this.#topology.addBin(bin);
    this.#undo?.push(() => {
      this.#set(bin, "gone");
      this.#topology.dropBin(bin);
    });
  }

  /** Lets the bin take pods again. */
  open(bin: Bin): void {
    this.#change(bin, "open");
    this.#freed++;
  }

  /**
   * Takes the bin out of the simulation, with what is on it. It stays a topology domain: while its node is drained it is
   * there, and the scheduler counts it.
   */
  removeBin(bin: Bin): void {
    this.#change(bin, "gone");
    this.#removed.add(bin);
    this.#undo?.push(() => this.#removed.delete(bin));
  }

  /** Finds the first bin with room for such a pod and puts it there; undefined when there is none. */
  place(shape: PodShape): Bin | undefined {
    const cache = this.#cacheOf(shape.requirements);
    this.#passFullBins(shape.requirements, cache);
    const first = cache.eligible[cache.next];
    const bin = first && this.#isTopological(shape) ? this.#firstAllowed(shape, cache) : first;
    if (bin) this.put(shape, bin);
    return bin;
  }

  /** Whether such a pod could be on this bin if it were open; the bin need not have been added. */
  wouldFit(bin: Bin, shape: PodShape): boolean {
    const { requirements } = shape;
    if (!passesAll(STATIC_FILTERS, requirements, bin) || !passesAll(CAPACITY_FILTERS, requirements, bin))
      return false;
    if (this.#known.has(bin)) return this.#isAllowed(shape, bin);
    this.#topology.addBin(bin);
    const allowed = this.#isAllowed(shape, bin);
    this.#topology.dropBin(bin);
    return allowed;
  }

  #isAllowed(shape: PodShape, bin: Bin): boolean {
    return !this.#isTopological(shape) || this.#question(shape, this.#cacheOf(shape.requirements))(bin);
  }

  /** Takes a pod off its bin. */
  remove(shape: PodShape, bin: Bin): void {
    removePod(bin, shape);
    this.#topology.moved(shape, bin, -1);
    if (bin.state === "open") this.#freed++;
    this.#undo?.push(() => this.#putBack(shape, bin));
  }

  /** Runs `body`; when it answers false, everything is as it was before. */
  attempt(body: () => boolean): boolean {
    const outer = this.#undo;
    const undo: (() => void)[] = [];
    this.#undo = undo;
    const held = body();
    this.#undo = outer;
    if (held) outer?.push(...undo);
    else for (const step of undo.reverse()) step();
    return held;
  }

  #passFullBins(requirements: PodRequirements, cache: PlacementCache): void {
    const before = cache.next;
    const { eligible } = cache;
    let next = before;
    while (next < eligible.length && !hasRoom(requirements, eligible[next])) next++;
    if (next === before) return;
    cache.next = next;
    this.#undo?.push(() => {
      cache.next = before;
    });
  }

  #firstAllowed(shape: PodShape, cache: PlacementCache): Bin | undefined {
    const { eligible, next } = cache;
    const allows = this.#question(shape, cache);
    for (let index = next; index < eligible.length; index++) {
      const bin = eligible[index];
      if (hasRoom(shape.requirements, bin) && allows(bin)) return bin;
    }
    return undefined;
  }

  #question(shape: PodShape, cache: PlacementCache): (bin: Bin) => boolean {
    return this.#topology.question(shape, (rule) => {
      const { key, honorsTaints = false, ignoresAffinity = false } = rule;
      const id = `${key} ${honorsTaints} ${ignoresAffinity}`;
      const known = cache.domains.get(id);
      if (known) return known;
      const present = this.#bins.filter(
        (bin) =>
          isDomainFor(rule, shape.requirements, bin) && (bin.state !== "gone" || this.#removed.has(bin)),
      );
      const domains = [...new Set(present.flatMap(({ labels }) => labels[key] ?? []))];
      cache.domains.set(id, domains);
      return domains;
    });
  }

  #isTopological(shape: PodShape): boolean {
    const known = this.#topological.get(shape);
    if (known?.rules === this.#topology.rules) return known.answer;
    this.#topology.meet(shape);
    const answer = this.#topology.concerns(shape);
    this.#topological.set(shape, { rules: this.#topology.rules, answer });
    return answer;
  }

  #cacheOf(requirements: PodRequirements): PlacementCache {
    let cache = this.#caches.get(requirements);
    if (!cache) {
      cache = { seen: 0, eligible: [], next: 0, freed: this.#freed, domains: new Map() };
      this.#caches.set(requirements, cache);
    }
    if (cache.seen < this.#bins.length) cache.domains.clear();
    for (; cache.seen < this.#bins.length; cache.seen++) {
      const bin = this.#bins[cache.seen];
      if (bin && passesAll(STATIC_FILTERS, requirements, bin)) cache.eligible.push(bin);
    }
    if (cache.freed !== this.#freed) {
      cache.freed = this.#freed;
      cache.next = 0;
    }
    return cache;
  }

  /** Puts a pod on the bin, whether it fits or not. */
  put(shape: PodShape, bin: Bin): void {
    addPod(bin, shape);
    this.#topology.moved(shape, bin, 1);
    this.#undo?.push(() => {
      removePod(bin, shape);
      this.#topology.moved(shape, bin, -1);
    });
  }

  #putBack(shape: PodShape, bin: Bin): void {
    addPod(bin, shape);
    this.#topology.moved(shape, bin, 1);
  }

  #change(bin: Bin, state: Bin["state"]): void {
    const before = bin.state;
    this.#set(bin, state);
    this.#undo?.push(() => this.#set(bin, before));
  }

  #set(bin: Bin, state: Bin["state"]): void {
    bin.state = state;
    for (const cache of this.#caches.values()) cache.domains.clear();
  }
}

function hasRoom(requirements: PodRequirements, bin: Bin | undefined): bin is Bin {
  return bin !== undefined && bin.state === "open" && passesAll(CAPACITY_FILTERS, requirements, bin);
}
