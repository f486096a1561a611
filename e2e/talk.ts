// Who talks to whom, and how each knows the other: answer.ts in a pod, ask.ts anywhere.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Question } from './ask.ts'
import type { Place } from './host.ts'
import type { Pod } from './pod.ts'
import { until } from './until.ts'

const program = (name: string): string => join(import.meta.dirname, name)

/** Ends with the host. */
export async function answers(pod: Pod, name: string, ...ports: number[]): Promise<void> {
  const command = ['nsenter', `--net=${pod.netns}`, process.execPath, program('answer.ts'), name, ...ports.map(String)]
  const [run, args] = pod.host.enter(...(command as [string, ...string[]]))
  spawn(run, args, { stdio: 'ignore' }).unref()
  const listens = (port: number) =>
    pod
      .run('ss', ['-Htuln', `sport = :${port}`])
      .trim()
      .split('\n').length === 2
  await until(`${name} listens`, () => ports.every(listens))
}

/** To each question the name of who answered and the address that he was asked from, `name 192.0.2.2`; '' where nobody did. */
export function ask(from: Place, questions: readonly Question[]): string[] {
  const { code, stdout, stderr } = from.attempt(process.execPath, [program('ask.ts'), JSON.stringify(questions)])
  if (code !== 0) throw new Error(`ask.ts: exit ${code}\n${stderr}`)
  return JSON.parse(stdout)
}
