import type { IncidentsWorld } from "./world.ts";

/** Who hears of it, and when. */
export interface Heard {
  /** `page` and `ticket`: the topics of alarms; `notification`: what Reflex says of its work. */
  readonly who: "page" | "ticket" | "notification";
  /** Whole minutes after the cause; a page or a ticket comes with CloudWatch's own delay. */
  readonly afterMinutes: number;
  /** The alarm, with the resource where it fires by resource; or what the notification's headline matches. */
  readonly what: string | RegExp;
}

/** One incident as somebody on call meets it. */
export interface Incident {
  readonly component: string;
  readonly failure: string;
  /** In the order in which people hear of it; nothing for what is made good by itself. */
  readonly heard: readonly Heard[];
  /** Alarms that would hide it, or be wrong: nobody hears of them. */
  readonly silent?: readonly string[];
  /** The heading of docs/runbook.md that the alarm names. */
  readonly runbook: string;
  /** The command under that heading that shows the cause; it is run as it is written, while the incident lasts. */
  readonly look: Command;
  /** The command under that heading that repairs it, where one does. */
  readonly repair?: Command;
  /** What stops Reflex meanwhile. */
  readonly stoppedBy: "pause" | "disabled mapping" | "nothing to stop";
  /**
   * The cause.
   *
   * @returns what repairs it
   */
  begin(world: IncidentsWorld): Repair | Promise<Repair>;
}

/** A command of the runbook. */
export interface Command {
  /** As it is written there. */
  readonly written: string;
  /** What to put for what it names. */
  readonly values: Readonly<Record<string, string>>;
  /** What it has to answer. */
  readonly says: RegExp;
}

export type Repair = () => void;
