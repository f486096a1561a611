// Many calls at once: no address twice, no call that fails without need, nothing left.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Attachment, addressesOf, network, resultOf } from './attachment.ts'
import { ipam } from './conflist.ts'
import { Host, type Outcome } from './host.ts'
import { seed, seeded } from './seeded.ts'
import { quietPod, stateOf } from './state.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', `${dist}/podwire`)
const done = { code: 0, stdout: '', stderr: '' }
const others = network('others', {
  ipam: { ...ipam('dual-stack'), ranges: [[{ subnet: '10.9.0.0/24' }], [{ subnet: 'fd00:9::/64' }]], routes: [] },
})

const attachments = (host: Host, prefix: string, count: number, options = {}): Attachment[] =>
  Array.from({ length: count }, (_, i) => {
    const id = `${prefix}${i}`
    return new Attachment(host, id, quietPod(host, id).netns, options)
  })

t.setTimeout(120_000)
t.comment(`PODWIRE_SEED=${seed}`)

t.test('20 ADDs at once, then 20 CHECKs, then 20 DELs', { skip }, async t => {
  await using host = await Host.start()
  const pods = attachments(host, 'c', 20)
  const before = stateOf(host)
  const results = (await Promise.all(pods.map(pod => pod.start('ADD')))).map(resultOf)
  const given = results.flatMap(addressesOf)
  t.equal(new Set(given).size, 40, 'two addresses for each, and none twice')
  const checks = await Promise.all(pods.map((pod, i) => pod.start('CHECK', { prevResult: results[i] })))
  t.strictSame(checks, Array(20).fill(done), 'each pod is whole')
  t.strictSame(await Promise.all(pods.map(pod => pod.start('DEL'))), Array(20).fill(done))
  t.strictSame(stateOf(host), before, 'nothing is left')
})

t.test('a storm of ADDs and DELs', { skip }, async t => {
  await using host = await Host.start()
  const pods = attachments(host, 'c', 10)
  const before = stateOf(host)
  // Few addresses for many pods, so that each is soon somebody else's.
  const random = seeded('storm')
  const holders = new Map<string, string>()
  const troubles: string[] = []
  const live = async (pod: Attachment): Promise<void> => {
    for (let i = 0; i < 6; i++) {
      const result = resultOf(await pod.start('ADD'))
      for (const address of addressesOf(result)) {
        const holder = holders.get(address)
        if (holder !== undefined) troubles.push(`${address} of ${holder} was given to ${pod.containerId}`)
        holders.set(address, pod.containerId)
      }
      await sleep(50 * random())
      const check = await pod.start('CHECK', { prevResult: result })
      if (check.code !== 0) troubles.push(`${pod.containerId} is not whole: ${check.stdout}`)
      for (const address of addressesOf(result)) holders.delete(address)
      const deleted = await pod.start('DEL')
      if (deleted.code !== 0) troubles.push(`${pod.containerId} cannot be removed: ${deleted.stdout}`)
    }
  }
  await Promise.all(pods.map(live))
  t.strictSame(troubles, [])
  t.strictSame(stateOf(host), before, 'nothing is left')
})

t.test('more pods than addresses: who gets none is told so, and takes nothing', { skip }, async t => {
  await using host = await Host.start()
  const ranges = [[{ subnet: '10.8.0.0/29' }], [{ subnet: 'fd00:8::/64' }]]
  const config = network('few', { ipam: { ...ipam('dual-stack'), ranges } })
  const pods = attachments(host, 'c', 12, { config })
  const before = stateOf(host)
  const outcomes = await Promise.all(pods.map(pod => pod.start('ADD')))
  const served = outcomes.filter(({ code }) => code === 0)
  t.equal(
    new Set(served.flatMap(outcome => addressesOf(resultOf(outcome)))).size,
    10,
    'five pods have two addresses each',
  )
  const codes = outcomes.filter(({ code }) => code !== 0).map(({ stdout }) => JSON.parse(stdout).code)
  t.strictSame(codes, Array(7).fill(11))
  t.strictSame(await Promise.all(pods.map(pod => pod.start('DEL'))), Array(12).fill(done))
  t.strictSame(stateOf(host), before, 'nothing is left')
})

t.test('two networks at once on one pod, as containerd adds them', { skip }, async t => {
  await using host = await Host.start()
  const first = attachments(host, 'c', 8)
  const second = first.map(
    ({ containerId, netns }) => new Attachment(host, containerId, netns, { config: others, interfaceName: 'net1' }),
  )
  const before = stateOf(host)
  const all = [...first, ...second]
  const results = (await Promise.all(all.map(attachment => attachment.start('ADD')))).map(resultOf)
  t.equal(new Set(results.flatMap(addressesOf)).size, 32)
  const checks = await Promise.all(all.map((one, i) => one.start('CHECK', { prevResult: results[i] })))
  t.strictSame(checks, Array(16).fill(done), 'both networks are whole')
  t.strictSame(await Promise.all(first.map(one => one.start('DEL'))), Array(8).fill(done))
  const left = await Promise.all(second.map((one, i) => one.start('CHECK', { prevResult: results[i + 8] })))
  t.strictSame(left, Array(8).fill(done), 'the second network outlives the first')
  t.strictSame(await Promise.all(second.map(one => one.start('DEL'))), Array(8).fill(done))
  t.strictSame(stateOf(host), before, 'nothing is left')
})

t.test('GC of one network while pods of another come and go', { skip }, async t => {
  await using host = await Host.start()
  const pods = attachments(host, 'c', 4)
  const stale = attachments(host, 's', 4, { config: others })
  const keeper = new Attachment(host, 'keeper', quietPod(host, 'keeper').netns, { config: others })
  const kept = keeper.add()
  const before = stateOf(host)
  const outcomes: Outcome[] = []
  const comeAndGo = async (pod: Attachment): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      const added = await pod.start('ADD')
      const check = await pod.start('CHECK', { prevResult: resultOf(added) })
      outcomes.push(check, await pod.start('DEL'))
    }
  }
  const collectTwice = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) {
      for (const attachment of stale) resultOf(await attachment.start('ADD'))
      outcomes.push(...(await Promise.all([keeper.startCollecting(keeper), keeper.startCollecting(keeper)])))
    }
  }
  await Promise.all([...pods.map(comeAndGo), collectTwice()])
  t.strictSame(outcomes, Array(outcomes.length).fill(done))
  t.match(keeper.call('CHECK', { prevResult: kept }), done, 'what is on the list stays')
  t.strictSame(stateOf(host), before, 'nothing is left')
})
