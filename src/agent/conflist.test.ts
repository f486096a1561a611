import { assert, asyncProperty, constantFrom, integer } from 'fast-check'
import t from 'tap'
import { configuredRanges } from '../cni/own-ipam.ts'
import { readConfig } from '../cni/read-config.ts'
import { supportedVersions } from '../cni/version.ts'
import { firstOf, formatPrefix, type Prefix, parsePrefix } from '../ip/prefix.ts'
import { type ConflistOptions, conflist } from './conflist.ts'

const agentFile = '/run/podwire/agent.json'
const made = (podCidrs: readonly string[], more: Partial<ConflistOptions> = {}) =>
  JSON.parse(conflist({ agentFile, podCidrs: podCidrs.map(parsePrefix), ...more }))

t.test('a node of two families gives each pod an address and a default route of each', async t => {
  t.strictSame(made(['10.244.1.0/24', 'fd00:10:244:1::/64'], { mtu: 1450, masquerade: { except: [] } }), {
    cniVersion: '1.0.0',
    cniVersions: ['1.0.0', '1.1.0'],
    name: 'pods',
    plugins: [
      {
        type: 'podwire',
        mtu: 1450,
        ipMasq: true,
        masquerade: { except: [] },
        statusOnExhaustion: 'ready',
        agent: agentFile,
        capabilities: { portMappings: true, bandwidth: true, ips: true, mac: true, ipRanges: true, dns: true },
        ipam: {
          type: 'podwire-ipam',
          ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]],
          routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
        },
      },
    ],
  })
})

t.test('the family of the first podCIDR comes first; several of one family are one pool', async t => {
  const { ipam } = made(['fd00:1::/64', '10.1.0.0/24', '10.3.0.0/24']).plugins[0]
  t.strictSame(ipam.ranges, [[{ subnet: 'fd00:1::/64' }], [{ subnet: '10.1.0.0/24' }, { subnet: '10.3.0.0/24' }]])
  t.strictSame(ipam.routes, [{ dst: '::/0' }, { dst: '0.0.0.0/0' }])
})

t.test('what is not said is not written, so that the plugin decides', async t => {
  const [podwire] = made(['10.1.0.0/24']).plugins
  for (const key of ['mtu', 'ipMasq', 'masquerade', 'antiSpoof', 'log']) t.notOk(key in podwire, key)
})

t.test('an option says otherwise', async t => {
  const except = [parsePrefix('10.0.0.0/8'), parsePrefix('fd00::/8')]
  const log = { file: '/var/log/podwire.log', level: 'debug' }
  const list = made(['10.1.0.0/24'], { network: 'mine', antiSpoof: false, log, masquerade: { except } })
  t.match(list, {
    name: 'mine',
    plugins: [{ antiSpoof: false, log, masquerade: { except: ['10.0.0.0/8', 'fd00::/8'] } }],
  })
})

t.test('what a chained plugin does for the runtime, ours is not asked for as well', async t => {
  const chained = [
    { type: 'portmap', capabilities: { portMappings: true, bandwidth: false }, snat: true },
    { type: 'tuning', sysctl: {} },
  ]
  const [podwire, ...rest] = made(['10.1.0.0/24'], { chained }).plugins
  t.strictSame(rest, chained)
  t.strictSame(podwire.capabilities, { bandwidth: true, ips: true, mac: true, ipRanges: true, dns: true })
})

t.test('nothing is better than what no pod can be made with', async t => {
  t.throws(() => made([]), { code: 'NOT_AVAILABLE', message: /^this node has no podCIDR yet: .*--allocate-node-cidrs/ })
  for (const podCidrs of [['10.1.0.4/32'], ['10.1.0.1/24'], ['fd00::/127'], ['10.1.0.0/24', '10.1.0.0/16']])
    t.throws(() => made(podCidrs), { code: 'CONFIG_INVALID' }, String(podCidrs))
})

t.test(
  'the plugin reads each one that is written, in every version, and takes addresses from these podCIDRs',
  async t => {
    const anyPrefix = integer({ min: 0, max: 0xffff_ffff }).chain(value =>
      integer({ min: 8, max: 30 }).map((length): Prefix => ({ address: { family: 4, value: BigInt(value) }, length })),
    )
    const asks = anyPrefix.chain(prefix =>
      constantFrom(...supportedVersions).map(version => [prefix, version] as const),
    )
    await assert(
      asyncProperty(asks, async ([prefix, cniVersion]) => {
        const cidr = formatPrefix({ ...prefix, address: firstOf(prefix) })
        const { plugins, name } = made([cidr], { mtu: 1400, antiSpoof: true, masquerade: { except: [prefix] } })
        const config = await readConfig({ ...plugins[0], cniVersion, name })
        const [[range] = []] = configuredRanges(config)
        t.equal(range && formatPrefix(range.subnet), cidr)
        t.equal(config.agent, agentFile)
        t.equal(config.ipMasq, true)
      }),
      { numRuns: 50 },
    )
  },
)
