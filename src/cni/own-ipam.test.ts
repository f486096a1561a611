import { readdirSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { formatAddress } from '../ip/address.ts'
import { openPool } from '../ipam/open-pool.ts'
import { formatRangeSet, rangeSets } from '../ipam/range-set.ts'
import { parseConfig } from './config.ts'
import type { Owner } from './ipam.ts'
import { configuredRanges, ownIpam, requestedAddresses, type Wanted } from './own-ipam.ts'

const config = (more: object) => parseConfig({ cniVersion: '1.0.0', name: 'pods', ...more })
const ranges = (more: object) => configuredRanges(config(more)).map(formatRangeSet)
const owner = (containerId: string): Owner => ({ containerId, interfaceName: 'eth0' })
const nothing: Wanted = { requested: [], config: {}, exhaustionIsError: true }

/** Our IPAM on a pool of two addresses. */
function small(t: Test, wanted: Partial<Wanted> = {}) {
  const root = t.testdir({})
  const sets = rangeSets([[{ subnet: '10.1.0.0/29', rangeStart: '10.1.0.2', rangeEnd: '10.1.0.3' }]])
  const pool = openPool({ dataDir: root, network: 'pods', sets, runDir: `${root}/run`, liveAddresses: () => new Set() })
  const reserved = () => readdirSync(`${root}/pods`).filter(name => /^10\./.test(name))
  return { ipam: ownIpam(pool, root, { ...nothing, ...wanted }), root, reserved }
}

t.test('ranges: those of this very call first, then the subnet in the old form, then the list', async t => {
  const all = {
    ipam: {
      type: 'podwire-ipam',
      subnet: '10.2.0.0/24',
      rangeStart: '10.2.0.9',
      ranges: [[{ subnet: '10.3.0.0/24' }, { subnet: '10.4.0.0/24' }], [{ subnet: 'fd00::/120' }]],
    },
    runtimeConfig: { ipRanges: [[{ Subnet: '10.1.0.0/24' }]] },
  }
  t.strictSame(ranges(all), [
    '10.1.0.1-10.1.0.254',
    '10.2.0.9-10.2.0.254',
    '10.3.0.1-10.3.0.254,10.4.0.1-10.4.0.254',
    'fd00::1-fd00::ff',
  ])
  t.throws(() => ranges({ ipam: { type: 'podwire-ipam' } }), {
    code: 'CONFIG_INVALID',
    message: /no IP ranges specified/,
  })
})

t.test('before 0.3.0 a result has room for one address of each family', async t => {
  const two = (cniVersion: string, ...subnets: string[]) =>
    ranges({ cniVersion, ipam: { type: 'x', ranges: subnets.map(subnet => [{ subnet }]) } })
  const message = 'CNI version 0.2.0 does not support more than 1 address per family'
  t.throws(() => two('0.2.0', '10.1.0.0/24', '10.2.0.0/24'), { code: 'CONFIG_INVALID', message })
  t.equal(two('0.2.0', '10.1.0.0/24', 'fd00::/120').length, 2)
  t.equal(two('0.3.0', '10.1.0.0/24', '10.2.0.0/24').length, 2)
})

t.test('requested addresses: by the arguments of the network, or of the call, and by the runtime', async t => {
  const requested = (more: object, IP?: string) =>
    requestedAddresses(config(more), IP === undefined ? {} : { IP }).map(formatAddress)
  const args = { cni: { ips: ['10.1.0.5', 'fd00::5/64'] } }
  const runtimeConfig = { ips: ['10.2.0.5/24'] }
  t.strictSame(requested({}), [])
  t.strictSame(requested({}, '10.1.0.9'), ['10.1.0.9'])
  t.strictSame(requested({}, ''), [])
  t.strictSame(requested({ args }, '10.1.0.9'), ['10.1.0.5', 'fd00::5'], 'args.cni shuts CNI_ARGS out')
  t.strictSame(requested({ runtimeConfig }, '10.1.0.9'), ['10.1.0.9', '10.2.0.5'])
  t.strictSame(requested({ args, runtimeConfig }), ['10.1.0.5', 'fd00::5', '10.2.0.5'])
})

t.test('what is no address is told with where it was said', async t => {
  const requested = (more: object, IP = '') => requestedAddresses(config(more), { IP })
  t.throws(() => requested({}, 'ten'), {
    code: 'CONFIG_INVALID',
    message: 'args.cni.ips or CNI_ARGS IP: "ten" is no IP address',
  })
  for (const text of ['10.1.0', '10.1.0.5/x', '10.1.0.5/', '', '10.1.0.5 '])
    t.throws(() => requested({ runtimeConfig: { ips: [text] } }), {
      message: `runtimeConfig.ips: "${text}" is no IP address`,
    })
})

t.test('a lease is addresses, the routes of the config, and the nameservers of resolvConf', async t => {
  const file = `${t.testdirName}/resolv.conf`
  const { ipam } = small(t, { config: { routes: [{ dst: '0.0.0.0/0' }], resolvConf: file } })
  writeFileSync(file, 'nameserver 10.0.0.10\nsearch a.b c\noptions ndots:5\n')
  const told: unknown[] = []
  const lease = await ipam.allocate(owner('a'), addresses => void told.push(addresses))
  t.strictSame(told, [['10.1.0.2']])
  t.strictSame(
    lease.addresses.map(({ address }) => formatAddress(address)),
    ['10.1.0.2'],
  )
  t.strictSame(lease.routes, [{ dst: '0.0.0.0/0' }])
  t.match(lease.dns, { nameservers: ['10.0.0.10'], search: ['a.b', 'c'], options: ['ndots:5'] })
})

t.test('a resolvConf that is not there is told before any address is taken', async t => {
  const { ipam, root } = small(t, { config: { resolvConf: '/nonexistent' } })
  await t.rejects(
    ipam.allocate(owner('a'), () => {}),
    {
      code: 'CONFIG_INVALID',
      message: /^ipam\.resolvConf \/nonexistent cannot be read: ENOENT/,
    },
  )
  t.strictSame(readdirSync(root), [])
})

t.test('gives back the addresses that it is told, or all of the owner’s', async t => {
  const { ipam, reserved } = small(t)
  await ipam.allocate(owner('a'), () => {})
  await ipam.allocate(owner('b'), () => {})
  await ipam.release(owner('a'), ['10.1.0.3'])
  t.strictSame(reserved(), ['10.1.0.2', '10.1.0.3'], 'which is b’s')
  await ipam.release(owner('a'), ['10.1.0.2'])
  t.strictSame(reserved(), ['10.1.0.3'])
  for (const all of [undefined, []]) {
    await ipam.release(owner('b'), all)
    t.strictSame(reserved(), [])
    await ipam.allocate(owner('b'), () => {})
  }
})

t.test('CHECK names the addresses that are not reserved any more', async t => {
  const { ipam, root } = small(t)
  await ipam.allocate(owner('a'), () => {})
  await t.resolves(ipam.check(owner('a'), ['10.1.0.2']))
  await t.resolves(ipam.check(owner('a'), []))
  await t.rejects(ipam.check(owner('a'), ['10.1.0.2', '10.1.0.3']), {
    code: 'CHECK_FAILED',
    message: `10.1.0.3 is not reserved for a eth0 in ${root}: another pod may get it; make the pod anew`,
  })
  await t.rejects(ipam.check(owner('b'), []), { message: /^any address is not reserved for b eth0/ })
  writeFileSync(`${root}/pods/10.1.0.2`, 'b\r\neth0')
  await t.rejects(ipam.check(owner('a'), ['10.1.0.2']), { code: 'CHECK_FAILED' })
})

t.test('STATUS says which set is full, unless that counts as ready', async t => {
  const { ipam } = small(t)
  await t.resolves(ipam.status())
  await ipam.allocate(owner('a'), () => {})
  await t.resolves(ipam.status(), 'one is left')
  await ipam.allocate(owner('b'), () => {})
  await t.rejects(ipam.status(), {
    code: 'NOT_AVAILABLE',
    message: /^no IP addresses available: 2 used, 0 free in 10\.1\.0\.2-10\.1\.0\.3: delete pods, or give/,
  })
  await ipam.release(owner('a'), undefined)
  await t.resolves(ipam.status())
  const patient = small(t, { exhaustionIsError: false })
  for (const id of ['a', 'b']) await patient.ipam.allocate(owner(id), () => {})
  await t.resolves(patient.ipam.status())
})

t.test('collects what is on nobody’s list, where that may be', async t => {
  const { ipam, reserved } = small(t)
  for (const id of ['a', 'b']) await ipam.allocate(owner(id), () => {})
  const asked: unknown[] = []
  const refuse = (owner: Owner | undefined) => {
    asked.push(owner?.containerId)
    return false
  }
  await ipam.collect([owner('b')], refuse)
  t.strictSame(asked, ['a'])
  t.strictSame(reserved(), ['10.1.0.2', '10.1.0.3'])
  await ipam.collect([owner('b')], () => true)
  t.strictSame(reserved(), ['10.1.0.3'])
})
