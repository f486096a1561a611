// SIGKILL before each single step of ADD and DEL that the kernel or a disk would see; then DEL, or GC.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import t from 'tap'
import { Attachment, network, type Verb } from './attachment.ts'
import { Host } from './host.ts'
import { withPorts } from './mapped.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks } from './tools.ts'

const program = join(dist, 'podwire')
const cannotTrace = () => (spawnSync('strace', ['-qq', 'true']).status === 0 ? false : 'strace may not trace')
const skip = lacks('ip', 'strace', program) || cannotTrace()

// What lies between two of these nobody can tell apart.
const steps = {
  ADD: ['sendto', 'write', 'pwrite64', 'rename', 'link', 'unlink', 'utimensat'],
  DEL: ['sendto', 'write', 'pwrite64', 'unlink', 'utimensat'],
}

/** All that a pod may have of the node. */
const limits = { ingressRate: 8e6, ingressBurst: 1e6, egressRate: 8e6, egressBurst: 1e6 }
const asked: Record<string, object> = {
  survivor: { ipMasq: true, ...withPorts({ hostPort: 81 }) },
  victim: { ipMasq: true, ...limits, ...withPorts({ hostPort: 8080 }, { hostPort: 53, protocol: 'udp' }) },
}

const FAILED = 1
t.setTimeout(400_000)

for (const verb of ['ADD', 'DEL'] as const)
  t.test(`${verb} killed before any step`, { skip }, async t => {
    await using host = await Host.start()
    const [survivor, victim] = ['survivor', 'victim'].map(
      id => new Attachment(host, id, quietPod(host, id).netns, { config: network('pods', asked[id]) }),
    ) as [Attachment, Attachment]
    const prevResult = survivor.add()
    const before = stateOf(host)
    // In turns: what one step leaves is much like what the next one leaves.
    const recover = (n: number) => (n % 2 === 0 ? victim.call('DEL') : survivor.collect(survivor))
    for (const call of steps[verb]) {
      let n = 1
      for (; ; n++) {
        if (verb === 'DEL') victim.add()
        const code = killedBefore(victim, verb, call, n)
        t.not(code, FAILED, `${call} ${n}`)
        t.match(recover(n), { code: 0, stdout: '' }, `what undoes ${call} ${n}`)
        t.strictSame(stateOf(host), before, `nothing is left of ${call} ${n}`)
        if (code === 0 || code === FAILED) break
      }
      t.ok(n > 1, `${n - 1} times ${call}`)
    }
    t.match(survivor.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'the other pod works on')
  })

/** The exit code: 0 where it has no n-th such call. */
function killedBefore(attachment: Attachment, verb: Verb, call: string, n: number): number {
  const options = ['-f', '-qq', '--seccomp-bpf', '-o', '/dev/null', '-e', `inject=${call}:signal=KILL:when=${n}`]
  const input = JSON.stringify(attachment.config)
  return attachment.host.attempt('strace', [...options, program], { env: attachment.environment(verb), input }).code
}
