// The plugin from source, called as a runtime calls it, on a machine of the test's own; and what a machine holds of it.
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Machine, throwAwayMachine } from './throw-away-machine.ts'

type Verb = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS'

export interface Given {
  readonly id?: string
  readonly netns?: string | undefined
  readonly interfaceName?: string
  readonly config?: object
  readonly env?: Readonly<Record<string, string>>
  /** Where stdout goes instead of to us. */
  readonly stdout?: string
  readonly face?: 'podwire' | 'podwire-ipam'
  /** What runs the plugin, to take a right away from it. */
  readonly under?: string
}

interface Answer {
  readonly cniVersion: string
  readonly code: number
  readonly msg: string
  readonly details?: string
  readonly interfaces: readonly { name: string; mac: string; sandbox?: string }[]
  readonly ips: readonly { address: string; gateway: string; interface: number }[]
  readonly routes: readonly { dst: string; gw?: string }[]
  readonly dns?: object
}

// The sources are stripped and compiled once for all calls of a test file.
const NODE_COMPILE_CACHE = mkdtempSync(join(tmpdir(), 'podwire-compiled-'))
process.on('exit', () => rmSync(NODE_COMPILE_CACHE, { recursive: true, force: true }))

const main = new URL('../cli/main.ts', import.meta.url).pathname
const ranges = [[{ subnet: '10.77.1.0/24' }], [{ subnet: 'fd77:1::/64' }]]
export const ipam = { type: 'podwire-ipam', ranges, routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] }
const base = { cniVersion: '1.1.0', name: 'pods', ipam }

/** One machine, and its runtime. */
export function node(t: Parameters<typeof throwAwayMachine>[0]) {
  const machine = throwAwayMachine(t)
  const call = (verb: Verb, given: Given = {}) => {
    const { id = 'c1', netns, interfaceName = 'eth0', config = {}, env = {}, stdout, face = 'podwire', under } = given
    const plugin = [process.execPath, '--disable-warning=ExperimentalWarning', main].join(' ')
    const redirected = stdout === undefined ? '' : `>${stdout}`
    const words = ['bash', '--norc', '-c', `exec ${under ?? `-a ${face}`} ${plugin} ${redirected}`]
    const outcome = machine.attempt(words, {
      input: JSON.stringify({ ...base, ...config }),
      env: {
        NODE_COMPILE_CACHE,
        CNI_COMMAND: verb,
        CNI_CONTAINERID: id,
        CNI_IFNAME: interfaceName,
        CNI_PATH: machine.path('/run/cni'),
        ...(netns !== undefined && { CNI_NETNS: netns }),
        ...env,
      },
    })
    const answer: Answer = outcome.stdout === '' ? {} : JSON.parse(outcome.stdout)
    return { ...outcome, answer }
  }
  const done = (verb: Verb, given: Given = {}): Answer => {
    const { code, stdout, stderr, answer } = call(verb, given)
    if (code !== 0) throw new Error(`${verb}: exit ${code}\n${stdout}${stderr}`)
    return answer
  }
  return { machine, call, done }
}

const files = (machine: Machine, folder: string): string[] =>
  existsSync(machine.path(folder)) ? readdirSync(machine.path(folder)) : []
export const reserved = (machine: Machine, folder = '/run/podwire/ipam/pods'): string[] =>
  files(machine, folder)
    .filter(name => isIP(name) !== 0)
    .toSorted()
export const records = (machine: Machine): string[] => files(machine, '/run/podwire/attachments')
export const links = (machine: Machine): string[] =>
  (JSON.parse(machine.shell('ip -json link')) as { ifname: string }[])
    .map(({ ifname }) => ifname)
    .filter(name => name !== 'lo')
export const state = (machine: Machine) => ({
  links: links(machine),
  records: records(machine),
  reserved: reserved(machine),
})
/** The state of a machine without pods. */
export const nothing = { links: [], records: [], reserved: [] }
/** What the first pod gets. */
export const dual = ['10.77.1.2', 'fd77:1::2']
