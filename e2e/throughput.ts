// What iperf3 measures between two places, and whether that is the rate that was granted.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { succeed } from './cluster/outcome.ts'

/** The command line that runs a command at a place. */
type Enter = (command: string, ...args: string[]) => [string, string[]]

export interface Ends {
  readonly client: Enter
  readonly server: Enter
}

/** What arrives, in bit/s, in two seconds; with `--reverse` at the client. */
export async function throughput({ client, server }: Ends, address: string, ...options: string[]): Promise<number> {
  const listening = spawn(...server('iperf3', '-s', '--one-off', '--forceflush'))
  const closed = once(listening, 'close')
  await once(listening.stdout, 'data')
  const said = await succeed(...client('iperf3', '--json', '--client', address, '--time', '2', ...options))
  listening.kill('SIGKILL')
  await closed
  return JSON.parse(said).end.sum_received.bits_per_second
}

/** Within a tenth. Thrice at most: on a busy machine one connection may take seconds to find its rate; a wrong rate stays wrong. */
export async function hasRate(t: Test, ends: Ends, expected: number, address: string, ...options: string[]) {
  const measured: number[] = []
  const isRight = () => measured.some(rate => Math.abs(rate - expected) <= expected / 10)
  while (measured.length < 3 && !isRight()) measured.push(Math.round(await throughput(ends, address, ...options)))
  t.ok(isRight(), `${address} ${options.join(' ')}: ${measured} of ${expected} bit/s`)
}
