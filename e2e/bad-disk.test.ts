// Disks that are full or read-only, and a lock that somebody holds: a pod is made whole or not at all, and what exists can be taken away.
import t from 'tap'
import { Attachment, network } from './attachment.ts'
import { ipam } from './conflist.ts'
import { complaintAbout } from './error-document.ts'
import { Host } from './host.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks } from './tools.ts'
import { until } from './until.ts'

const skip = lacks('ip', 'flock', `${dist}/podwire`)
const disk = '/run/disk'
const page = 4096

/** What is kept on the disk in question. */
const kept = {
  reservations: { mountPoint: disk, config: network('pods', { ipam: ipam('dual-stack', 'podwire-ipam', disk) }) },
  'records and reservations': { mountPoint: '/run/podwire', config: network('pods') },
}

async function hostWithPod() {
  const host = await Host.start()
  return { host, pod: quietPod(host, 'one') }
}

for (const [what, { mountPoint, config }] of Object.entries(kept)) {
  t.test(`${what} on a disk that becomes full`, { skip }, async t => {
    const { host, pod } = await hostWithPod()
    await using _ = host
    host.shell(`mkdir -p ${mountPoint} && mount -t tmpfs -o size=64k disk ${mountPoint}`)
    const [earlier, late] = [quietPod(host, 'two'), pod].map(
      ({ netns }, i) => new Attachment(host, `c${i}`, netns, { config }),
    ) as [Attachment, Attachment]
    const prevResult = earlier.add()
    const before = stateOf(host, disk)
    const outcomes = new Set<number>()
    for (let pages = 0; pages < 8; pages++) {
      // Empty files cost nothing on tmpfs: how far an ADD comes is told by the pages that are left.
      host.shell(`dd if=/dev/zero of=${mountPoint}/fill bs=${page} 2>/dev/null || true
        truncate --size=$(($(stat --format=%s ${mountPoint}/fill) - ${pages * page})) ${mountPoint}/fill`)
      const { code, stdout } = late.call('ADD')
      outcomes.add(code)
      if (code !== 0) t.equal(complaintAbout(code, stdout, 5, /ENOSPC/), '', `${pages} pages left: ${stdout}`)
      t.match(earlier.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'the earlier pod is as it was')
      t.match(late.call('DEL'), { code: 0, stdout: '' }, 'DEL')
      host.shell(`rm ${mountPoint}/fill`)
      t.strictSame(stateOf(host, disk), before, 'nothing is left')
    }
    t.same(outcomes, new Set([1, 0]), 'some were refused, some made')
    host.shell(`dd if=/dev/zero of=${mountPoint}/fill bs=1 2>/dev/null || true`)
    t.match(earlier.collect(earlier), { code: 0, stdout: '' }, 'GC that keeps a pod, on a full disk')
    t.match(earlier.call('CHECK', { prevResult }), { code: 0, stdout: '' })
    t.match(earlier.collect(), { code: 0, stdout: '' }, 'GC that takes it')
    t.strictSame(
      stateOf(host, disk).filter(line => /c0|eth0|10\.244/.test(line)),
      [],
    )
  })

  t.test(`${what} on a disk that becomes read-only`, { skip }, async t => {
    const { host, pod } = await hostWithPod()
    await using _ = host
    host.shell(`mkdir -p ${mountPoint} && mount -t tmpfs disk ${mountPoint}`)
    const attachment = new Attachment(host, 'c0', pod.netns, { config })
    const before = stateOf(host, disk)
    const prevResult = attachment.add()
    host.shell(`mount -o remount,ro ${mountPoint}`)
    t.match(attachment.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'CHECK writes nothing')
    for (const verb of ['DEL', 'DEL'] as const) {
      const { code, stdout } = attachment.call(verb)
      t.equal(complaintAbout(code, stdout, 5, /EROFS.*make it writable/), '', `${verb}: ${stdout}`)
    }
    const { code, stdout } = attachment.collect()
    t.equal(complaintAbout(code, stdout, 106, /EROFS/), '', `GC: ${stdout}`)
    host.shell(`mount -o remount,rw ${mountPoint}`)
    t.match(attachment.call('DEL'), { code: 0, stdout: '' }, 'DEL, when it can be written again')
    t.strictSame(stateOf(host, disk), before, 'nothing is left')
  })
}

t.test('a lock that somebody holds', { skip }, async t => {
  const { host, pod } = await hostWithPod()
  await using _ = host
  const [earlier, late] = [
    new Attachment(host, 'c0', quietPod(host, 'two').netns),
    new Attachment(host, 'c1', pod.netns),
  ]
  const beforeAll = stateOf(host)
  earlier.add()
  const before = stateOf(host)
  const lock = '/run/podwire/ipam/pods/lock'
  const holder = host.shell(`flock --no-fork ${lock} sleep 120 >/dev/null 2>&1 & echo $!`).trim()
  await until('the lock is held', () => host.attempt('flock', ['--nonblock', lock, 'true']).code !== 0)

  t.match(earlier.call('STATUS'), { code: 0, stdout: '' }, 'STATUS does not wait')
  const began = performance.now()
  const outcomes = { ADD: late.start('ADD'), DEL: earlier.start('DEL') }
  for (const [verb, outcome] of Object.entries(outcomes)) {
    const { code, stdout } = await outcome
    t.equal(complaintAbout(code, stdout, 11, new RegExp(`${lock} .*by process ${holder}\\b`)), '', `${verb}: ${stdout}`)
  }
  const seconds = (performance.now() - began) / 1000
  t.ok(seconds > 4.9 && seconds < 30, `the wait is bounded: ${seconds} s`)
  const reserved = (lines: string[]) => lines.filter(line => line.startsWith('/run/podwire/'))
  t.strictSame(reserved(stateOf(host)), reserved(before), 'an address that could not be freed is kept, with its record')

  host.run('kill', [holder])
  t.match(earlier.call('DEL'), { code: 0, stdout: '' }, 'DEL, when it is free')
  t.match(late.call('ADD'), { code: 0 }, 'ADD, when it is free')
  late.call('DEL')
  t.strictSame(stateOf(host), beforeAll, 'nothing is left')
})
