// The reference IPAM plugin, as Debian's containernetworking-plugins installs it: what ours must agree with.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'

const path = '/usr/lib/cni/host-local'

/** What a test says when it cannot run: `t.test(name, { skip: skipWithoutHostLocal }, …)`. */
export const skipWithoutHostLocal = existsSync(path)
  ? false
  : `${path} is missing: apt-get install containernetworking-plugins`

export interface HostLocalCall {
  readonly command: 'ADD' | 'DEL' | 'CHECK'
  readonly containerId: string
  readonly dataDir: string
  readonly network: string
  readonly ranges: unknown
  readonly requested?: string
}

/** What it prints: a result, an error, or nothing. */
export async function hostLocal(call: HostLocalCall): Promise<{ ips?: { address: string }[]; msg?: string }> {
  const { command, containerId, dataDir, network, ranges, requested } = call
  const env = {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: '/none',
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/usr/lib/cni',
    CNI_ARGS: requested === undefined ? '' : `IP=${requested}`,
  }
  const child = spawn(path, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.end(JSON.stringify({ cniVersion: '1.0.0', name: network, ipam: { type: 'host-local', dataDir, ranges } }))
  const output = await Array.fromAsync(child.stdout.setEncoding('utf8'))
  return output.length === 0 ? {} : JSON.parse(output.join(''))
}
