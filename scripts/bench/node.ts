// A node of its own beside the bench's: network, /run, and, where nothing else is said, across a cable a namespace that is outside. It goes when the bench does.
import { spawnSync } from 'node:child_process'

/** What the outside calls the node. */
export const nodeAddress = '198.51.100.2'
export const outside = '/run/netns/outside'

// What a connection leaves is forgotten within a second, so that none meets what an earlier one left.
const withOutside = `mount -t tmpfs run /run
mkdir /run/netns
for name in outside others one; do touch /run/netns/$name; unshare --net=/run/netns/$name true; done
ip link set lo up
ip link add uplink type veth peer name far netns outside
ip address add ${nodeAddress}/24 dev uplink
ip link set uplink up
ip -n outside address add 198.51.100.1/24 dev far
ip -n outside link set far up
ip route add default via 198.51.100.1
cd /proc/sys/net/netfilter
for what in tcp_timeout_close udp_timeout udp_timeout_stream; do echo 1 >nf_conntrack_$what; done`

// A process keeps them, as the kernel does not let every mount namespace be bound to a file.
const keep = `
sleep infinity >/dev/null 2>&1 &
echo $!`

export class Node {
  /** What comes before a command that is to run here. */
  readonly entering: readonly string[]
  readonly pid: string

  constructor(setUp = withOutside) {
    this.pid = succeed(['unshare', '--net', '--mount', 'bash', '-euc', setUp + keep]).trim()
    this.entering = ['/usr/bin/nsenter', `--target=${this.pid}`, '--net', '--mount', '--']
  }

  /** What the command prints; throws where it fails. */
  run(command: readonly string[], input = '', env: Readonly<Record<string, string>> = {}): string {
    return succeed([...this.entering, ...command], input, env)
  }
}

export function succeed(
  [program = '', ...rest]: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
) {
  const options = { env: { ...process.env, ...env }, input, encoding: 'utf8', maxBuffer: 1 << 28 } as const
  const { status, stdout, stderr, error } = spawnSync(program, rest, options)
  if (status !== 0) throw new Error(`${program} ${rest.join(' ')} failed: ${error?.message ?? ''}${stdout}${stderr}`)
  return stdout
}
