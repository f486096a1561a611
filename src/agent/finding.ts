// What stops pods' traffic and is not ours to change.

export interface Finding {
  readonly what: string
  /** The line that mends it. */
  readonly mend: string
}
