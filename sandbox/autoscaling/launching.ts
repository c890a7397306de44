import type { SandboxClock } from "../clock/clock.ts";
import type { Machine, Machines } from "../ec2/machines.ts";
import { AwsError } from "../wire/error.ts";
import { recordActivity } from "./activities.ts";
import { type Group, type Member, staying, warmed } from "./group.ts";

/** After a launch that failed. */
const RETRY_LAUNCH_MS = 60_000;

const CAUSE = "a difference between desired and actual capacity";

/** Launches instances for groups, into service or into their warm pools. */
export class Launching {
  readonly #clock: SandboxClock;
  readonly #machines: Machines;
  readonly #onRunning: (machine: Machine) => void;

  /** @param onRunning is called with an instance of a warm pool that runs already */
  constructor(clock: SandboxClock, machines: Machines, onRunning: (machine: Machine) => void) {
    this.#clock = clock;
    this.#machines = machines;
    this.#onRunning = onRunning;
  }

  /** Prepares as many instances as the warm pool is to hold. */
  fillWarmPool(group: Group): void {
    const { warmPool, max, desired, suspended } = group;
    if (!warmPool || suspended.has("Launch")) return;
    const size = Math.max(warmPool.minSize, (warmPool.maxPrepared ?? max) - desired);
    while (warmed(group).length < size) {
      if (this.#clock.now() < group.notBefore || !this.launch(group, "into warm pool")) return;
    }
  }

  /** Launches one instance in the emptiest zone that has room; false when none has. */
  launch(group: Group, where: "" | "into warm pool" = ""): boolean {
    const prepared = warmed(group).find(({ state }) => state !== "Warmed:Pending");
    if (where === "" && prepared) {
      this.#launchFromWarmPool(group, prepared);
      return true;
    }
    const what = `Launching a new EC2 instance${where && ` ${where}`}`;
    const inZone = (zone: string) => staying(group).filter(({ machine }) => machine.zone === zone).length;
    let failure = "";
    for (const zone of group.zones.toSorted((a, b) => inZone(a) - inZone(b))) {
      try {
        this.#launchIn(zone, group, where !== "", what);
        return true;
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        failure = error.message;
      }
    }
    const activity = recordActivity(group, what, CAUSE, this.#clock.now());
    activity.status = "Failed";
    activity.endedAt = this.#clock.now();
    activity.statusMessage = `${failure} Launching EC2 instance failed.`;
    group.notBefore = this.#clock.now() + RETRY_LAUNCH_MS;
    return false;
  }

  /** @throws {AwsError} where the zone has no room */
  #launchIn(zone: string, group: Group, isWarm: boolean, what: string): void {
    const tags = { ...Object.fromEntries(group.tags), "aws:autoscaling:groupName": group.name };
    const machine = this.#machines.launch({ ...group.launch, zone, tags });
    machine.isWarm = isWarm;
    const state = isWarm ? "Warmed:Pending" : "Pending";
    group.members.set(machine.id, { machine, state, protectedFromScaleIn: false });
    recordActivity(group, `${what}: ${machine.id}`, CAUSE, this.#clock.now());
  }

  /** Takes a prepared instance into service. */
  #launchFromWarmPool(group: Group, member: Member): void {
    const { machine } = member;
    member.state = "Pending";
    machine.isWarm = false;
    const what = `Launching a new EC2 instance from warm pool: ${machine.id}`;
    recordActivity(group, what, CAUSE, this.#clock.now());
    if (machine.state === "running") this.#clock.background(() => this.#onRunning(machine));
    else this.#machines.start(machine.id);
  }
}
