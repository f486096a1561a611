// Who reaches whom: one ping, or a TCP server in a pod that says a name to whoever connects.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Place } from './host.ts'
import type { Pod } from './pod.ts'
import { tool } from './tools.ts'
import { until } from './until.ts'

export const bare = (address: string): string => address.split('/')[0] ?? ''

/** Whether one packet, the first, is answered within a second. */
export function reaches(from: Place, address: string): boolean {
  return from.attempt('ping', ['-n', '-c1', '-W1', bare(address)]).code === 0
}

/** Ends with the host. */
export async function serve(pod: Pod, port: number, name: string): Promise<void> {
  const command = pod.host.enter('nsenter', `--net=${pod.netns}`, join(tool('image'), 'pod'), String(port), name)
  spawn(...command, { stdio: 'ignore' }).unref()
  await until(`port ${port} is listened on`, () => pod.run('ss', ['-Htln', `sport = :${port}`]) !== '')
}

/** What the server at this address says; nothing if it cannot be reached within three seconds. */
export function hear(from: Place, address: string, port: number): string {
  const script = 'exec 3<>/dev/tcp/$0/$1 && cat <&3'
  return from.attempt('timeout', ['3', 'bash', '-c', script, bare(address), String(port)]).stdout.trim()
}
