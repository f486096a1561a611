import t, { type Test } from 'tap'
import { hostInterfaceName } from '../datapath/interface-name.ts'
import { openPool } from '../ipam/open-pool.ts'
import { rangeSets } from '../ipam/range-set.ts'
import { parseBasics, parseConfig } from './config.ts'
import { ipamAdd, ipamCheck, ipamDel, ipamGc } from './ipam-face.ts'
import { ownIpam } from './own-ipam.ts'
import { recordedParts, type World } from './recorded-parts.ts'
import { ipamStatus } from './status.ts'

const name = hostInterfaceName('pods', 'c1', 'eth0')
const request = { containerId: 'c1', interfaceName: 'eth0', netns: '/none', arguments: '', netnsOverride: false }
const owner = { network: 'pods', containerId: 'c1', interfaceName: 'eth0', netns: '/none' }
const basics = (more: object = {}) => parseBasics({ cniVersion: '1.1.0', name: 'pods', ...more })
const config = (more: object = {}) => parseConfig({ cniVersion: '1.1.0', name: 'pods', ...more })

function attempt(t: Test, given: Partial<World> = {}) {
  const recorded = recordedParts({ directory: `${t.testdir({})}/attachments`, ...given })
  const answers: string[] = []
  const add = (more: object = {}) =>
    ipamAdd(request, config(more), recorded.parts, text => {
      recorded.calls.push('answer')
      const { answer: fault } = recorded.world.faults
      if (fault) throw fault
      answers.push(text)
    })
  return { ...recorded, answers, add }
}

t.test('answers as host-local does, and needs no namespace', async t => {
  const { add, answers, calls, records } = attempt(t)
  await add({ cniVersion: '1.0.0' })
  t.strictSame(JSON.parse(answers[0] ?? ''), {
    cniVersion: '1.0.0',
    ips: [{ address: '10.1.0.2/24', gateway: '10.1.0.1' }],
    routes: [{ dst: '0.0.0.0/0' }],
    dns: { nameservers: ['10.0.0.10'] },
  })
  t.strictSame(calls, ['allocate c1 eth0', 'answer'])
  t.strictSame(records.read(name), { ...owner, dataDir: '/data', addresses: ['10.1.0.2'] })
})

t.test('a failure gives back what it took, and nothing else', async t => {
  const failing: Record<string, string[]> = {
    allocate: ['allocate c1 eth0'],
    answer: ['allocate c1 eth0', 'answer', 'release c1 eth0 10.1.0.2'],
  }
  for (const [call, expected] of Object.entries(failing)) {
    const { add, calls, records } = attempt(t, { faults: { [call]: new Error(`${call} failed`) } })
    await t.rejects(add(), { message: `${call} failed` })
    t.strictSame(calls, expected)
    t.equal(records.read(name), undefined)
  }
})

t.test('what the container held before stays in its record, whether the second ADD works or not', async t => {
  const before = { ...owner, dataDir: '/data', addresses: ['10.9.0.9'] }
  const { add, records, calls } = attempt(t)
  records.write(name, before)
  await add()
  t.equal(calls[1], 'allocate c1 eth0 held 10.9.0.9')
  t.strictSame(records.read(name)?.addresses, ['10.9.0.9', '10.1.0.2'])
  const failing = attempt(t, { faults: { allocate: new Error('none is left') } })
  failing.records.write(name, before)
  await t.rejects(failing.add())
  t.strictSame(failing.records.read(name), before)
})

t.test('what another program gave back meanwhile is forgotten', async t => {
  const { add, records, calls } = attempt(t, { faults: { check: new Error('not reserved') } })
  records.write(name, { ...owner, dataDir: '/data', addresses: ['10.9.0.9'] })
  await add()
  t.equal(calls[1], 'allocate c1 eth0')
  t.strictSame(records.read(name)?.addresses, ['10.1.0.2'])
})

t.test('of a real pool: a second ADD with other ranges leaks neither of the addresses', async t => {
  const root = t.testdir({})
  const { parts, records } = recordedParts({ directory: `${root}/attachments` })
  const ipamOf = (...subnets: string[]) => {
    const sets = rangeSets(subnets.map(subnet => [{ subnet }]))
    const pool = openPool({
      dataDir: root,
      network: 'pods',
      sets,
      runDir: `${root}/run`,
      liveAddresses: () => new Set(),
    })
    return { ipam: ownIpam(pool, root, { requested: [], config: {}, exhaustionIsError: true }), pool }
  }
  const first = ipamOf('10.1.0.0/24')
  const second = ipamOf('10.2.0.0/24')
  for (const { ipam } of [first, second]) await ipamAdd(request, config(), { ...parts, ipam }, () => {})
  t.strictSame(records.read(name)?.addresses, ['10.1.0.2', '10.2.0.2'])
  await ipamDel(request, basics(), { ...parts, ipam: second.ipam, ipamAt: () => second.ipam })
  t.equal(second.pool.holds(request), false)
  t.equal(records.read(name), undefined)
})

t.test('DEL gives back by the record, else all, and touches no link', async t => {
  const { parts, calls, records, world } = attempt(t, { links: new Set([name]) })
  records.write(name, { ...owner, dataDir: '/old', addresses: ['10.1.0.2'] })
  await ipamDel(request, basics(), parts)
  await ipamDel(request, basics(), parts)
  t.strictSame(calls, ['release at /old c1 eth0 10.1.0.2', 'release c1 eth0 all'])
  t.equal(records.read(name), undefined)
  t.ok(world.links.has(name))
})

t.test('CHECK compares record, prevResult and reservations', async t => {
  const { parts, calls, records } = attempt(t)
  const run = (...addresses: string[]) =>
    ipamCheck(request, config({ prevResult: { ips: addresses.map(address => ({ address })) } }), parts)
  records.write(name, { ...owner, dataDir: '/data', addresses: ['10.1.0.2'] })
  await t.resolves(run('10.1.0.2/24'))
  await t.resolves(run('192.0.2.1/24', '10.1.0.2/32'), 'what other IPAMs gave is theirs')
  await t.resolves(ipamCheck(request, config(), parts), 'prevResult may be missing')
  t.strictSame(
    calls,
    Array.from({ length: 3 }, () => 'check c1 eth0 10.1.0.2'),
  )
  await t.rejects(run('10.1.0.3/24'), {
    code: 'CHECK_FAILED',
    message: 'prevResult lacks 10.1.0.2, which c1 has',
    details: 'prevResult has 10.1.0.3',
  })
  await t.rejects(run('ten'), { code: 'CONFIG_INVALID', message: 'prevResult: invalid CIDR address: ten' })
  await t.rejects(ipamCheck(request, config({ cniVersion: '0.3.1' }), parts), { code: 'VERSION_UNSUPPORTED' })
})

t.test('GC collects by the list, and leaves to the main plugin what has a link', async t => {
  const { parts, calls, records } = attempt(t)
  const stale = { ...owner, containerId: 'gone', dataDir: '/data', addresses: ['10.1.0.7'] }
  const nameOf = (id: string) => hostInterfaceName('pods', id, 'eth0')
  records.write(name, { ...owner, dataDir: '/data', addresses: ['10.1.0.2'] })
  records.write(nameOf('gone'), stale)
  records.write(nameOf('main'), { ...stale, containerId: 'main', hostInterface: nameOf('main') })
  await ipamGc(basics({ 'cni.dev/valid-attachments': [{ containerID: 'c1', ifname: 'eth0' }] }), parts)
  t.strictSame(calls, ['release at /data gone eth0 10.1.0.7', 'collect valid [c1 eth0] may release stale: true'])
  t.strictSame(
    records
      .list('pw')
      .map(([name]) => name)
      .toSorted(),
    [name, nameOf('main')].toSorted(),
  )
  await t.rejects(ipamGc(basics(), parts), { code: 'CONFIG_INVALID' })
  await t.rejects(ipamGc(basics({ cniVersion: '1.0.0' }), parts), { code: 'VERSION_UNSUPPORTED' })
})

t.test('GC goes on after a failure, and tells it', async t => {
  const { parts, calls, records } = attempt(t, { faults: { release: new Error('lock held') } })
  records.write(name, { ...owner, dataDir: '/data', addresses: ['10.1.0.2'] })
  await t.rejects(ipamGc(basics({ 'cni.dev/valid-attachments': [] }), parts), {
    code: 'LEFT_BEHIND',
    message: 'lock held',
  })
  t.match(calls.at(-1), /^collect/)
  t.ok(records.read(name))
})

t.test('STATUS is the pool’s', async t => {
  const { parts, calls } = attempt(t)
  await ipamStatus(config(), parts)
  t.strictSame(calls, ['status'])
  await t.rejects(ipamStatus(config({ cniVersion: '1.0.0' }), parts), { code: 'VERSION_UNSUPPORTED' })
})
