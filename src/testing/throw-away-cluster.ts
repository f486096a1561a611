// Nodes as network namespaces on two networks with a router between, strict rp_filter everywhere; each may have a pod. Gone with the test.
import { spawn } from 'node:child_process'
import { throwAwayNamespace } from './throw-away-namespace.ts'
import { type Outcome, run } from './throw-away-node.ts'

type Test = Parameters<typeof throwAwayNamespace>[0]

export interface NodeEntry {
  readonly name: string
  readonly addresses: readonly string[]
  readonly podCIDRs: readonly string[]
}

const NETWORKS = { 1: { v4: '192.0.2', v6: '2001:db8:1:' }, 2: { v4: '198.51.100', v6: '2001:db8:2:' } } as const

/** Addresses end in the node's number, and so does its podCIDR. */
export class ClusterNamespace {
  readonly path: string
  readonly pod: string
  readonly podAddresses: readonly string[]
  readonly number: number

  constructor(t: Test, number: number) {
    this.number = number
    this.path = namespace(t)
    this.pod = throwAwayNamespace(t)
    this.podAddresses = [`10.244.${number}.5`, `fd00:10:244:${number}::5`]
    this.#connectPod()
  }

  ip(words: string): string {
    return run(`ip ${words}`, this.path)
  }

  /** As the datapath makes it. */
  #connectPod(): void {
    const [v4 = '', v6 = ''] = this.podAddresses
    this.ip(`link add pwtest0 mtu 1450 type veth peer name eth0 mtu 1450 netns ${pidOf(this.pod)}`)
    this.ip('link set pwtest0 addrgenmode none')
    this.ip('address add fe80::1/128 dev pwtest0 nodad')
    this.ip('address add 169.254.1.1/32 dev pwtest0 scope host')
    this.ip('link set pwtest0 up')
    run('ip link set lo up', this.pod)
    run(`ip address add ${v4}/32 dev eth0`, this.pod)
    run(`ip address add ${v6}/128 dev eth0 nodad`, this.pod)
    run('ip link set eth0 up', this.pod)
    run('ip route add default via 169.254.1.1 dev eth0 onlink', this.pod)
    run('ip -6 route add default via fe80::1 dev eth0 onlink', this.pod)
    this.ip(`route add ${v4} dev pwtest0 proto 112`)
    this.ip(`-6 route add ${v6} dev pwtest0 proto 112`)
  }
}

export class ThrowAwayCluster {
  readonly #router: string
  readonly #test: Test

  constructor(t: Test) {
    this.#test = t
    this.#router = namespace(t)
    for (const [number, { v4, v6 }] of Object.entries(NETWORKS)) {
      run(`ip link add lan${number} type bridge`, this.#router)
      run(`ip link set lan${number} up`, this.#router)
      run(`ip address add ${v4}.254/24 dev lan${number}`, this.#router)
      run(`ip address add ${v6}:fe/64 dev lan${number} nodad`, this.#router)
    }
  }

  node(number: number, lan: 1 | 2): ClusterNamespace {
    const node = new ClusterNamespace(this.#test, number)
    this.connect(node, lan)
    return node
  }

  /** Gives a node its place; another than before, if it had one. */
  connect(node: ClusterNamespace, lan: 1 | 2, host = node.number): void {
    const { v4, v6 } = NETWORKS[lan]
    const port = `node${node.number}`
    if (node.ip('-brief link').includes('eth0')) node.ip('link delete eth0')
    node.ip(`link add eth0 type veth peer name ${port} netns ${pidOf(this.#router)}`)
    run(`ip link set ${port} master lan${lan} up`, this.#router)
    node.ip('link set eth0 up')
    node.ip(`address add ${v4}.${host}/24 dev eth0`)
    node.ip(`address add ${v6}:${host}/64 dev eth0 nodad`)
    node.ip(`route add default via ${v4}.254`)
    node.ip(`-6 route add default via ${v6}:fe`)
  }
}

export const nodeEntry = (number: number, lan: 1 | 2, host = number, cidr = number): NodeEntry => ({
  name: `node${number}`,
  addresses: [`${NETWORKS[lan].v4}.${host}`, `${NETWORKS[lan].v6}:${host}`],
  podCIDRs: [`10.244.${cidr}.0/24`, `fd00:10:244:${cidr}::/64`],
})

/** Runs until the test ends, in a namespace. */
export function spawnIn(t: Test, path: string, words: readonly string[]) {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', `--net=${path}`, ...words])
  t.teardown(() => void child.kill('SIGKILL'))
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', piece => void output.push(String(piece)))
  const outcome = new Promise<Outcome>(resolve => {
    // Not at 'exit': what it said last may come later.
    child.on('close', code => resolve({ code: code ?? 255, stdout: output.join(''), stderr: '' }))
  })
  return { child, outcome, said: () => output.join('') }
}

function namespace(t: Test): string {
  const path = throwAwayNamespace(t)
  run('ip link set lo up', path)
  for (const setting of [
    'ipv4.ip_forward',
    'ipv6.conf.all.forwarding',
    'ipv4.conf.all.rp_filter',
    'ipv4.conf.default.rp_filter',
  ])
    run(`sysctl -qw net.${setting}=1`, path)
  return path
}

const pidOf = (path: string): string => path.split('/')[2] ?? ''
