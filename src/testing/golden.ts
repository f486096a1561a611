// A golden vector: what a real tool sent, or what the kernel answered it, as scripts/capture-golden wrote it down.
import { readFileSync } from 'node:fs'

export interface Golden {
  /** The command line of the tool. */
  readonly command: string
  /** One element a datagram. */
  readonly datagrams: readonly Buffer[]
}

export function readGolden(name: string, testFile: string): Golden {
  const lines = readFileSync(new URL(`golden/${name}.txt`, testFile), 'utf8').split('\n')
  const [command = '', ...hex] = lines
  const blocks = hex
    .filter(line => !line.startsWith('#'))
    .join('\n')
    .split('\n\n')
  const datagrams = blocks.map(block => Buffer.from(block.replace(/\s/g, ''), 'hex')).filter(bytes => bytes.length > 0)
  if (!command.startsWith('# ') || datagrams.length === 0) throw new Error(`golden/${name}.txt holds no capture`)
  return { command: command.slice(2), datagrams }
}
