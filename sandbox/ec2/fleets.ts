import { randomUUID } from "node:crypto";
import type { SandboxClock } from "../clock/clock.ts";
import { AwsError } from "../wire/error.ts";
import type { Machine, MachineSpec, Machines } from "./machines.ts";

const LOOK_MS = 10_000;
const RETRY_LAUNCH_MS = 60_000;

/** What a Spot Fleet may launch. */
export interface FleetPool {
  readonly instanceType: string;
  readonly zone: string;
  /** What one instance counts for. */
  readonly weight: number;
}

export interface FleetSettings {
  /** In weighted units. */
  readonly target: number;
  readonly pools: readonly FleetPool[];
  readonly type?: "maintain" | "request";
  readonly launch: Omit<MachineSpec, "zone" | "instanceType" | "spot" | "tags">;
}

export interface FleetEvent {
  /** ms since the epoch. */
  readonly at: number;
  readonly type: "instanceChange" | "fleetRequestChange" | "error" | "information";
  readonly subType: string;
  readonly description: string;
  readonly instanceId?: string;
}

export interface Fleet extends Required<Pick<FleetSettings, "pools" | "type" | "launch">> {
  readonly id: string;
  target: number;
  excess: "noTermination" | "default";
  readonly createdAt: number;
  /** Newest first. */
  readonly history: FleetEvent[];
  notBefore: number;
}

/** The account's Spot Fleet requests. A fleet of type `maintain` replaces what it loses. */
export class Fleets {
  readonly #clock: SandboxClock;
  readonly #machines: Machines;
  readonly #fleets = new Map<string, Fleet>();
  readonly #stop: () => void;

  constructor(clock: SandboxClock, machines: Machines) {
    this.#clock = clock;
    this.#machines = machines;
    this.#stop = clock.every(LOOK_MS, () => {
      for (const fleet of this.#fleets.values()) this.#adjust(fleet);
    });
  }

  stop(): void {
    this.#stop();
  }

  create({ target, pools, launch, type = "maintain" }: FleetSettings): Fleet {
    const id = `sfr-${randomUUID()}`;
    const createdAt = this.#clock.now();
    const fleet: Fleet = {
      id,
      target,
      pools,
      launch,
      type,
      excess: "default",
      createdAt,
      history: [],
      notBefore: 0,
    };
    this.#fleets.set(id, fleet);
    this.#adjust(fleet);
    return fleet;
  }

  /** @throws {AwsError} */
  get(id: string): Fleet {
    const fleet = this.#fleets.get(id);
    if (!fleet)
      throw new AwsError(
        "InvalidSpotFleetRequestId.NotFound",
        `The spot fleet request ID '${id}' does not exist`,
      );
    return fleet;
  }

  all(): Fleet[] {
    return [...this.#fleets.values()];
  }

  modify(id: string, target: number, excess: Fleet["excess"]): void {
    const fleet = this.get(id);
    if (fleet.type !== "maintain") {
      throw new AwsError(
        "InvalidSpotFleetRequestConfig",
        "Only Spot Fleet requests of type maintain can be modified.",
      );
    }
    fleet.target = target;
    fleet.excess = excess;
    this.#adjust(fleet);
  }

  /** Its instances that run or come. */
  members(fleet: Fleet): Machine[] {
    return this.#machines
      .all()
      .filter(
        ({ tags, state }) => tags[FLEET_TAG] === fleet.id && (state === "pending" || state === "running"),
      );
  }

  unitsOf(fleet: Fleet, machine: Machine): number {
    return fleet.pools.find(({ instanceType }) => instanceType === machine.instanceType)?.weight ?? 1;
  }

  fulfilled(fleet: Fleet): number {
    return this.members(fleet).reduce((sum, machine) => sum + this.unitsOf(fleet, machine), 0);
  }

  #adjust(fleet: Fleet): void {
    while (this.fulfilled(fleet) < fleet.target) {
      if (this.#clock.now() < fleet.notBefore || !this.#launch(fleet)) return;
    }
    if (fleet.excess === "noTermination") return;
    for (const machine of this.members(fleet)) {
      if (this.fulfilled(fleet) - this.unitsOf(fleet, machine) < fleet.target) return;
      this.#machines.terminate(machine.id);
    }
  }

  /** One instance in the emptiest pool that has room; false when none has. */
  #launch(fleet: Fleet): boolean {
    const inPool = (pool: FleetPool) =>
      this.members(fleet).filter(
        ({ zone, instanceType }) => zone === pool.zone && instanceType === pool.instanceType,
      ).length;
    for (const { zone, instanceType } of fleet.pools.toSorted((a, b) => inPool(a) - inPool(b))) {
      try {
        const tags = { [FLEET_TAG]: fleet.id };
        const machine = this.#machines.launch({ ...fleet.launch, zone, instanceType, spot: true, tags });
        this.#record(fleet, {
          type: "instanceChange",
          subType: "launched",
          description: instanceType,
          instanceId: machine.id,
        });
        return true;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        this.#record(fleet, {
          type: "error",
          subType: "spotInstanceCountLimitExceeded",
          description: error.message,
        });
      }
    }
    fleet.notBefore = this.#clock.now() + RETRY_LAUNCH_MS;
    return false;
  }

  #record(fleet: Fleet, event: Omit<FleetEvent, "at">): void {
    fleet.history.unshift({ at: this.#clock.now(), ...event });
    fleet.history.length = Math.min(fleet.history.length, 500);
  }
}

/** The tag AWS puts on the instances of a Spot Fleet. */
export const FLEET_TAG = "aws:ec2spot:fleet-request-id";
