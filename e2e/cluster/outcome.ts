// A command that runs while the test goes on, and what came of it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Outcome } from '../host.ts'

export async function succeed(command: string, args: readonly string[], input = ''): Promise<string> {
  const { code, stdout, stderr } = await outcome(command, args, input)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
  return stdout
}

export async function outcome(command: string, args: readonly string[], input = ''): Promise<Outcome> {
  const child = spawn(command, args)
  const heard = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      heard[stream] += text
    })
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code: code ?? 255, ...heard }
}
