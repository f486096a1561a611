// A namespace that plays the node, with this process in it: what a test does to "its node" never reaches the machine.
import { spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { CLONE_NEWNET, setns } from '../sys/libc.ts'
import { throwAwayNamespace } from './throw-away-namespace.ts'

/** What pods call the node. */
export const nodeAddresses = { 4: '198.51.100.1', 6: '2001:db8:ffff::1' } as const

/** For good: the process ends with the test file. Before anything of netns is used, which remembers where it was. */
export function moveToThrowAwayNode(t: Parameters<typeof throwAwayNamespace>[0]): void {
  const fd = openSync(throwAwayNamespace(t), 'r')
  setns(fd, CLONE_NEWNET)
  closeSync(fd)
  run('ip link set lo up')
  for (const address of Object.values(nodeAddresses)) run(`ip address add ${address} dev lo`)
}

export interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command line, split at spaces, on the node or in a namespace. */
export function attempt(command: string, netns?: string): Outcome {
  const words = command.split(' ')
  const [program = '', ...args] = netns === undefined ? words : ['nsenter', `--net=${netns}`, ...words]
  const { error, status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 })
  if (error) throw error
  return { code: status ?? 255, stdout, stderr }
}

/** The same, where nothing but success will do; what it printed. */
export function run(command: string, netns?: string): string {
  const { code, stdout, stderr } = attempt(command, netns)
  if (code !== 0) throw new Error(`${command}: exit ${code}\n${stdout}${stderr}`)
  return stdout
}

/** How long the first packet took there and back; infinitely long where none came back. */
export function roundTripMs(address: string, netns?: string): number {
  const { code, stdout } = attempt(`ping -n -c 1 -W 3 ${address}`, netns)
  return code === 0 ? Number(/ time=([\d.]+) ms/.exec(stdout)?.[1]) : Number.POSITIVE_INFINITY
}

export const reaches = (address: string, netns?: string): boolean => Number.isFinite(roundTripMs(address, netns))
