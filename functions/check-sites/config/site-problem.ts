/** Something wrong in one site, at `path` below it; `expected` is what should have stood there. */
export interface SiteProblem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}
