// What really passes between two namespaces, measured by iperf3, and what is left of the means.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import t, { type Test } from 'tap'
import { Namespace } from '../netns/namespace.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { observedShaping, shape, shaperName, unshape } from './bandwidth.ts'
import { type Bandwidth, type Buckets, buckets, shapingDifferences } from './shaping.ts'

const CONTAINERD = 4_294_967_295
const mbit = 1_000_000
const MTU = 1500
const name = 'pw1234567890123'
const shaper = 'bw1234567890123'
const hostAddresses = { 4: '10.9.0.1', 6: 'fd00:9::1' } as const
const hasIperf = existsSync('/usr/bin/iperf3')
const needs = { ...(hasIperf ? {} : { skip: 'iperf3 is missing: apt-get install iperf3' }), ...needsRoot }

t.test(`bandwidth through ${backend()}`, needs, async t => {
  const hostPath = throwAwayNamespace(t)
  const podPath = throwAwayNamespace(t)
  using host = Namespace.open(hostPath)
  using connection = host.connect()
  const inside = (path: string, command: string): string =>
    execFileSync('nsenter', [`--net=${path}`, ...command.split(' ')], { encoding: 'utf8', timeout: 60_000 })
  const onHost = (command: string): string => inside(hostPath, command)
  const inPod = (command: string): string => inside(podPath, command)

  const connect = (bandwidth: Bandwidth): Buckets => {
    onHost(`ip link add ${name} mtu ${MTU} type veth peer name eth0 netns ${podPath.split('/')[2]}`)
    const want = buckets(bandwidth, MTU)
    shape(connection, name, want, MTU)
    onHost(`ip address add ${hostAddresses[4]}/24 dev ${name}`)
    onHost(`ip address add ${hostAddresses[6]}/64 dev ${name} nodad`)
    inPod('ip address add 10.9.0.2/24 dev eth0')
    inPod('ip address add fd00:9::2/64 dev eth0 nodad')
    onHost(`ip link set ${name} up`)
    inPod('ip link set eth0 up')
    return want
  }
  const disconnect = (): void => {
    spawnSync('nsenter', [`--net=${hostPath}`, 'ip', 'link', 'delete', name])
    unshape(connection, name)
  }
  const differences = (want: Buckets): string[] => shapingDifferences(name, want, observedShaping(connection, name))

  /** What arrives, in bit/s; from the pod, or with `--reverse` to it. A server each time: one that is not done with the last client refuses the next. */
  const throughput = async (options: string, family: 4 | 6 = 4): Promise<{ rate: number; seconds: number }> => {
    const command = ['--pdeathsig', 'KILL', 'nsenter', `--net=${hostPath}`, 'iperf3', '-s', '--one-off', '--forceflush']
    const server = spawn('setpriv', command)
    const closed = once(server, 'close')
    await once(server.stdout, 'data')
    const report = JSON.parse(inPod(`iperf3 --json --client ${hostAddresses[family]} ${options}`))
    server.kill('SIGKILL')
    await closed
    if (report.error) throw new Error(`iperf3: ${report.error}`)
    const { bits_per_second: rate, seconds } = report.end.sum_received
    return { rate, seconds }
  }
  /** Thrice at most: on a busy machine one TCP connection may take seconds to find its rate; a wrong rate stays wrong. */
  const hasRate = async (t: Test, expected: number, options: string, family: 4 | 6 = 4): Promise<void> => {
    const measured: number[] = []
    while (measured.length < 3) {
      const { rate } = await throughput(options, family)
      measured.push(Math.round(rate))
      if (Math.abs(rate - expected) <= expected / 10) break
    }
    const rate = measured.at(-1) ?? 0
    t.ok(Math.abs(rate - expected) <= expected / 10, `IPv${family} ${options}: ${measured} of ${expected} bit/s`)
  }

  await t.test('each direction has the rate that it was given, once a small burst is spent', async t => {
    t.teardown(disconnect)
    const want = connect({
      ingress: { bitsPerSecond: 20 * mbit, burstBits: 400_000 },
      egress: { bitsPerSecond: 10 * mbit, burstBits: 200_000 },
    })
    t.same(differences(want), [])
    t.match(onHost(`tc qdisc show dev ${name}`), /tbf .*rate 20Mbit burst 50000b /)
    t.match(onHost(`tc qdisc show dev ${shaper}`), /tbf .*rate 10Mbit burst 25000b /)
    for (const family of [4, 6] as const) {
      await hasRate(t, 10 * mbit, '--time 2 --omit 1', family)
      await hasRate(t, 20 * mbit, '--time 2 --omit 1 --reverse', family)
    }
  })

  await t.test("a runtime's default burst is no holiday from shaping", async t => {
    t.teardown(disconnect)
    const limit = { bitsPerSecond: 10 * mbit, burstBits: CONTAINERD }
    const want = connect({ ingress: limit, egress: limit })
    t.same(differences(want), [])
    // From the first byte on.
    for (const direction of ['', ' --reverse']) await hasRate(t, 10 * mbit, `--time 2${direction}`)
  })

  await t.test('taken at its word, it is that of the kernel, all of it', async t => {
    t.teardown(disconnect)
    const limit = { bitsPerSecond: 10 * mbit, burstBits: CONTAINERD }
    const want = connect({ ingress: limit, egress: limit, keepsDefaultBurst: true })
    t.same(differences(want), [], 'as far as the lower 32 bits of its ticks tell')
    // The same bits would be those of 193 MB: what is beyond that would take 85 s.
    for (const direction of ['', ' --reverse']) {
      const { seconds } = await throughput(`--bytes 300M${direction}`)
      t.ok(seconds < 40, `300 MB took ${seconds} s${direction}`)
    }
  })

  await t.test('a rate of more than 32 bits', async t => {
    t.teardown(disconnect)
    const want = connect({ egress: { bitsPerSecond: 100_000 * mbit, burstBits: CONTAINERD } })
    t.same(differences(want), [])
    t.match(onHost(`tc qdisc show dev ${shaper}`), /tbf .*rate 100Gbit /)
  })

  await t.test('what somebody takes away is named', async t => {
    t.teardown(disconnect)
    const limit = { bitsPerSecond: 10 * mbit, burstBits: 400_000 }
    const want = connect({ ingress: limit, egress: limit })
    onHost(`tc qdisc delete dev ${name} root`)
    t.same(differences(want), [`${name}: ingress shaping is missing`])
    onHost(`tc qdisc delete dev ${name} clsact`)
    const isUnredirected = `${name}: what the pod sends does not pass its egress shaping`
    t.same(differences(want), [`${name}: ingress shaping is missing`, isUnredirected])
    unshape(connection, name)
    t.same(differences(want), [
      `${name}: ingress shaping is missing`,
      `${name}: egress shaping is missing`,
      isUnredirected,
    ])
  })

  await t.test('programs that watch traffic may have come first, and may come later', async t => {
    t.teardown(disconnect)
    onHost(`ip link add ${name} mtu ${MTU} type veth peer name eth0 netns ${podPath.split('/')[2]}`)
    onHost(`tc qdisc add dev ${name} clsact`)
    const want = buckets({ egress: { bitsPerSecond: mbit, burstBits: 400_000 } }, MTU)
    shape(connection, name, want, MTU)
    onHost(`tc filter add dev ${name} ingress pref 1 protocol ip u32 match ip protocol 200 0xff classid 1:1`)
    t.same(differences(want), [])
  })

  await t.test('what an earlier call left of an ifb is used, and nothing is left in the end', async t => {
    t.teardown(disconnect)
    onHost(`ip link add ${shaper} type ifb`)
    const want = connect({ egress: { bitsPerSecond: mbit, burstBits: 400_000 } })
    t.same(differences(want), [])
    disconnect()
    unshape(connection, name)
    t.match(onHost('ip -oneline link show').trim().split('\n'), [/lo/])
    t.equal(shaperName('pwabcd'), 'bwabcd', 'of a prefix, the prefix')
  })
})
