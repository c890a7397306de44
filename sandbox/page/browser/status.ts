/** The answer to the last button that was pressed. */
export interface ActionAnswer {
  readonly failed: boolean;
  readonly text: string;
}

/** What the page knows beside the account's state. */
export interface PageStatus {
  readonly lastAction: ActionAnswer | undefined;
  /** Whether the sandbox answered the last request. */
  readonly answering: boolean;
}
