// The attachments of this node, a file each, named for the attachment. Files appear whole, under their name, or not at all.
import { existsSync, readdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeDirectory } from '../make-directory.ts'
import { hasCode, Problem } from '../problem.ts'
import { type Attachment, parseAttachment } from './attachment.ts'

const UNFINISHED = '.new'

export class Records {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  write(name: string, attachment: Attachment): void {
    const file = join(this.#directory, name)
    const text = JSON.stringify(attachment)
    try {
      try {
        writeFileSync(file + UNFINISHED, text, { mode: 0o600 })
      } catch (error) {
        if (!hasCode(error, 'ENOENT')) throw error
        makeDirectory(this.#directory)
        writeFileSync(file + UNFINISHED, text, { mode: 0o600 })
      }
      renameSync(file + UNFINISHED, file)
    } catch (error) {
      removeIfPossible(file + UNFINISHED)
      throw new Problem(
        'INPUT_OUTPUT',
        `cannot write the record ${file}: ${reason(error)}: make room there, or make it writable`,
        '',
        error,
      )
    }
  }

  read(name: string): Attachment | undefined {
    const text = absentAsUndefined(() => readFileSync(join(this.#directory, name), 'utf8'))
    return text === undefined ? undefined : parseAttachment(text)
  }

  remove(name: string): void {
    for (const file of [name, name + UNFINISHED]) remove(join(this.#directory, file))
  }

  /** Name and attachment of each whose name begins so. What SIGKILL left half written is named too, with no attachment. */
  list(prefix: string): [name: string, attachment: Attachment | undefined][] {
    const files = absentAsUndefined(() => readdirSync(this.#directory)) ?? []
    const names = new Set(files.filter(file => file.startsWith(prefix)).map(file => file.replace(/\.new$/, '')))
    return [...names].map(name => [name, this.read(name)])
  }
}

function remove(file: string): void {
  try {
    absentAsUndefined(() => unlinkSync(file))
  } catch (error) {
    // A read-only file system says so before it looks whether there is anything.
    if (!existsSync(file)) return
    throw new Problem('INPUT_OUTPUT', `cannot remove the record ${file}: ${reason(error)}: make it writable`, '', error)
  }
}

/** For what must not hide the failure that came before. */
function removeIfPossible(file: string): void {
  try {
    remove(file)
  } catch {}
}

function absentAsUndefined<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))
