// What a call says of itself while it works. `cli` writes it as one line, and loads a library for that only where a log is configured.

export type Fields = Readonly<Record<string, unknown>>

export interface Log {
  /** Adds to the call's line. */
  add(fields: Fields): void
  /** Something that a person should know, though the call goes on. */
  warn(message: string): void
  /** The time since the last phase ended belongs to this one. */
  phase(name: string): void
}
