/** Why something is so: the code is for tests, metrics and incidents, the text is for people. */
export interface Reason<Code extends string> {
  readonly code: Code;
  /** A sentence, or a part of one, that stands for itself. */
  readonly text: string;
}
