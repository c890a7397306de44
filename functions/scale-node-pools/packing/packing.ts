import type { PodShape } from "../model.ts";
import { type Bin, putOn, takeOff } from "./bin.ts";
import { CHANGING_RULES, holdAll, STATIC_RULES } from "./rules.ts";
import { Topology } from "./topology.ts";

/** What was found out about a shape, so that equal pods cost little more than one. */
interface Standing {
  /** How many of the bins have been looked at. */
  seen: number;
  /** Those of them the shape could be on if there is room. */
  readonly eligible: Bin[];
  /** The eligible bins before this one have no room for it, and none has been made since `freed`. */
  next: number;
  freed: number;
  /** Whether `topology` has a say; known while there are `rules` of it. */
  topological: boolean;
  rules: number;
  readonly domains: Map<string, readonly string[]>;
}

/**
 * Where pods would go, by the scheduler's own filters and first fit. It can be tried out: what an attempt
 * did is undone when it fails.
 */
export class Packing {
  readonly #bins: Bin[];
  readonly #topology: Topology;
  readonly #standings = new Map<PodShape, Standing>();
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
    const standing = this.#standingOf(shape);
    this.#passFullBins(shape, standing);
    const first = standing.eligible[standing.next];
    const bin = first && standing.topological ? this.#firstAllowed(shape, standing) : first;
    if (bin) this.#put(shape, bin);
    return bin;
  }

  /** Whether such a pod could be on this bin if it were open; the bin need not have been added. */
  couldTake(bin: Bin, shape: PodShape): boolean {
    if (!holdAll(STATIC_RULES, shape, bin) || !holdAll(CHANGING_RULES, shape, bin)) return false;
    const standing = this.#standingOf(shape);
    return !standing.topological || this.#question(shape, standing)(bin);
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

  #passFullBins(shape: PodShape, standing: Standing): void {
    const before = standing.next;
    const { eligible } = standing;
    let next = before;
    while (next < eligible.length && !hasRoom(shape, eligible[next])) next++;
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
      if (hasRoom(shape, bin) && allows(bin)) return bin;
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

  #standingOf(shape: PodShape): Standing {
    let standing = this.#standings.get(shape);
    if (!standing) {
      this.#topology.meet(shape);
      standing = {
        seen: 0,
        eligible: [],
        next: 0,
        freed: this.#freed,
        topological: false,
        rules: -1,
        domains: new Map(),
      };
      this.#standings.set(shape, standing);
    }
    if (standing.seen < this.#bins.length) standing.domains.clear();
    for (; standing.seen < this.#bins.length; standing.seen++) {
      const bin = this.#bins[standing.seen];
      if (bin && holdAll(STATIC_RULES, shape, bin)) standing.eligible.push(bin);
    }
    if (standing.freed !== this.#freed) {
      standing.freed = this.#freed;
      standing.next = 0;
    }
    if (standing.rules !== this.#topology.rules) {
      standing.rules = this.#topology.rules;
      standing.topological = this.#topology.concerns(shape);
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

function hasRoom(shape: PodShape, bin: Bin | undefined): bin is Bin {
  return bin !== undefined && bin.state === "open" && holdAll(CHANGING_RULES, shape, bin);
}
