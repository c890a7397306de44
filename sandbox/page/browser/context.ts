import type { State, TimelineKind } from "../state/state.ts";

/** What a person chose on the page. */
export interface Choices {
  /** The trace that is open. */
  readonly traceId: string | undefined;
  readonly hidden: ReadonlySet<TimelineKind>;
  /** Traces that hold this text are listed. */
  readonly search: string;
  /** The minute of a stream's charts that is read. */
  readonly cursor: { readonly stream: string; readonly index: number } | undefined;
}

/** What every part of the page is made from. */
export interface Context {
  readonly state: State;
  readonly choices: Choices;
  choose(changed: Partial<Choices>): void;
  /** Whether the account has something for this button to act on. */
  can(action: string): boolean;
  /** Presses a button. */
  act(action: string, input: object): void;
  /** What the last command of the section On call printed. */
  readonly answer: ActionAnswer | undefined;
  /** Whether that button's answer is still to come. */
  isBusy(action: string, input: object): boolean;
}

/** The answer to the last button that was pressed. */
export interface ActionAnswer {
  readonly failed: boolean;
  readonly text: string;
}

/** What the page knows beside the account's state. */
export interface PageStatus {
  readonly lastAction: ActionAnswer | undefined;
  /** Whether a button's answer is still to come. */
  readonly working: boolean;
  /** Whether the sandbox answered the last request. */
  readonly answering: boolean;
}
