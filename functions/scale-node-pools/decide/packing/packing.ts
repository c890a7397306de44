import type { PodNeeds, PodShape } from "../../model/cluster.ts";
import { type Bin, putOn, takeOff } from "./bin.ts";
import { CHANGING_RULES, holdAll, STATIC_RULES } from "./filters.ts";
import { Topology } from "./topology.ts";

/** What was found out about some needs, so that equal pods cost little more than one. */
interface Standing {
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
  readonly #topology: Topology;
  readonly #standings = new Map<PodNeeds, Standing>();
  /** Whether the topology has a say about a shape; known while there are so many rules of it. */
  readonly #topological = new Map<PodShape, { readonly rules: number; readonly answer: boolean }>();
  /** Rises whenever room is made, so that what was full is looked at again. */
  #freed = 0;
  #undo: (() => void)[] | undefined;

  /** @param bins in the order in which they are filled, with the pods that run there */
  constructor(bins: readonly Bin[]) {
    this.#bins = [...bins];
    this.#topology = new Topology(this.#bins);
  }

  /** One more bin, filled after all others. */
  add(bin: Bin): void {
    this.#bins.push(bin);
    this.#undo?.push(() => {
      bin.state = "gone";
    });
  }

  /** Lets the bin take pods again. */
  open(bin: Bin): void {
    this.#change(bin, "open");
    this.#freed++;
  }

  /** Leaves the bin out, with what is on it. */
  leaveOut(bin: Bin): void {
    this.#change(bin, "gone");
    for (const standing of this.#standings.values()) standing.domains.clear();
  }

  /** Finds the first bin with room for such a pod and puts it there; undefined when there is none. */
  place(shape: PodShape): Bin | undefined {
    const standing = this.#standingOf(shape.needs);
    this.#passFullBins(shape.needs, standing);
    const first = standing.eligible[standing.next];
    const bin = first && this.#isTopological(shape) ? this.#firstAllowed(shape, standing) : first;
    if (bin) this.#put(shape, bin);
    return bin;
  }

  /** Whether such a pod could be on this bin if it were open; the bin need not have been added. */
  couldTake(bin: Bin, shape: PodShape): boolean {
    const { needs } = shape;
    if (!holdAll(STATIC_RULES, needs, bin) || !holdAll(CHANGING_RULES, needs, bin)) return false;
    return !this.#isTopological(shape) || this.#question(shape, this.#standingOf(needs))(bin);
  }

  /** Takes a pod off its bin. */
  remove(shape: PodShape, bin: Bin): void {
    takeOff(bin, shape);
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

  #passFullBins(needs: PodNeeds, standing: Standing): void {
    const before = standing.next;
    const { eligible } = standing;
    let next = before;
    while (next < eligible.length && !hasRoom(needs, eligible[next])) next++;
    if (next === before) return;
    standing.next = next;
    this.#undo?.push(() => {
      standing.next = before;
    });
  }

  #firstAllowed(shape: PodShape, standing: Standing): Bin | undefined {
    const { eligible, next } = standing;
    const allows = this.#question(shape, standing);
    for (let index = next; index < eligible.length; index++) {
      const bin = eligible[index];
      if (hasRoom(shape.needs, bin) && allows(bin)) return bin;
    }
    return undefined;
  }

  #question(shape: PodShape, standing: Standing): (bin: Bin) => boolean {
    return this.#topology.question(shape, (key) => {
      const known = standing.domains.get(key);
      if (known) return known;
      const present = standing.eligible.filter(({ state }) => state !== "gone");
      const domains = [...new Set(present.flatMap(({ labels }) => labels[key] ?? []))];
      standing.domains.set(key, domains);
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

  #standingOf(needs: PodNeeds): Standing {
    let standing = this.#standings.get(needs);
    if (!standing) {
      standing = { seen: 0, eligible: [], next: 0, freed: this.#freed, domains: new Map() };
      this.#standings.set(needs, standing);
    }
    if (standing.seen < this.#bins.length) standing.domains.clear();
    for (; standing.seen < this.#bins.length; standing.seen++) {
      const bin = this.#bins[standing.seen];
      if (bin && holdAll(STATIC_RULES, needs, bin)) standing.eligible.push(bin);
    }
    if (standing.freed !== this.#freed) {
      standing.freed = this.#freed;
      standing.next = 0;
    }
    return standing;
  }

  #put(shape: PodShape, bin: Bin): void {
    putOn(bin, shape);
    this.#topology.moved(shape, bin, 1);
    this.#undo?.push(() => {
      takeOff(bin, shape);
      this.#topology.moved(shape, bin, -1);
    });
  }

  #putBack(shape: PodShape, bin: Bin): void {
    putOn(bin, shape);
    this.#topology.moved(shape, bin, 1);
  }

  #change(bin: Bin, state: Bin["state"]): void {
    const before = bin.state;
    bin.state = state;
    this.#undo?.push(() => {
      bin.state = before;
      for (const standing of this.#standings.values()) standing.domains.clear();
    });
  }
}

function hasRoom(needs: PodNeeds, bin: Bin | undefined): bin is Bin {
  return bin !== undefined && bin.state === "open" && holdAll(CHANGING_RULES, needs, bin);
}
