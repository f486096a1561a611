import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { parseConfig } from './config.ts'
import { hostPorts, unusablePorts } from './port-mappings.ts'
import { readConfig } from './read-config.ts'

const both = ['10.244.1.5', 'fd00::5'].map(parseAddress)
const least = { cniVersion: '1.0.0', name: 'pods' }
const web = { hostPort: 8080, containerPort: 80 }

const read = (portMappings: readonly object[], addresses = both) => {
  const ports = hostPorts(parseConfig({ ...least, runtimeConfig: { portMappings } }))
  return { ports, warnings: unusablePorts(ports, addresses) }
}

t.test('what containerd and CRI-O send', async t => {
  const sent = [{ HostPort: 8080, ContainerPort: 80, Protocol: 'UDP', HostIP: '' }]
  const config = await readConfig({ ...least, RuntimeConfig: { PortMappings: sent } })
  const wanted = [{ protocol: 'udp', ...web }]
  t.strictSame(hostPorts(config), wanted)
  t.strictSame(read([{ ...web, protocol: 'udp', hostIP: '' }]), { ports: wanted, warnings: [] })
})

t.test('the port of VXLAN is no pod’s', async t => {
  t.throws(() => read([web, { hostPort: 4789, containerPort: 80, protocol: 'UDP' }]), {
    code: 'CONFIG_INVALID',
    message: /portMappings\[1\]\.hostPort udp\/4789 is VXLAN's/,
  })
  t.equal(read([{ hostPort: 4789, containerPort: 80 }]).ports.length, 1, 'over TCP it is a port like any other')
})

t.test('no mappings, no ports', async t => {
  t.strictSame(hostPorts({ runtimeConfig: undefined }), [])
  t.strictSame(read([]).ports, [])
})

t.test('a protocol in any case; none is tcp', async t => {
  for (const [protocol, wanted] of [
    [undefined, 'tcp'],
    ['', 'tcp'],
    ['Tcp', 'tcp'],
    ['sCTP', 'sctp'],
  ])
    t.match(read([{ ...web, protocol }]).ports, [{ protocol: wanted }])
})

t.test('an address of the node is written the shortest way; of IPv4 inside IPv6 it is the IPv4 one', async t => {
  const wanted: [string, string][] = [
    ['192.0.2.7', '192.0.2.7'],
    ['0.0.0.0', '0.0.0.0'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
  ]
  for (const [hostIP, hostAddress] of wanted)
    t.strictSame(read([{ ...web, hostIP }]).ports, [{ protocol: 'tcp', ...web, hostAddress }])
})

t.test('an address of a family that the pod lacks is told', async t => {
  const [four, six] = [both.slice(0, 1), both.slice(1)]
  const asked = [
    { ...web, hostIP: 'fd00::1' },
    { ...web, hostPort: 82 },
    { ...web, hostPort: 81, hostIP: '0.0.0.0' },
  ]
  t.strictSame(read(asked, both).warnings, [])
  t.strictSame(read(asked, four).warnings, ['host port tcp/8080 of fd00::1 is left out: the pod has no IPv6 address'])
  t.strictSame(read(asked, six).warnings, ['host port tcp/81 of 0.0.0.0 is left out: the pod has no IPv4 address'])
})

t.test('what another covers is not said twice', async t => {
  const at = (hostIP?: string) => ({ ...web, hostIP })
  const kept = (...asked: object[]) => read(asked).ports.map(({ hostAddress }) => hostAddress ?? 'any')
  t.strictSame(kept(at(), at()), ['any'])
  t.strictSame(kept(at('10.0.0.1'), at('::'), at()), ['any'])
  t.strictSame(kept(at('10.0.0.1'), at('0.0.0.0')), ['0.0.0.0'])
  t.strictSame(kept(at('10.0.0.1'), at('10.0.0.1'), at('10.0.0.2')), ['10.0.0.1', '10.0.0.2'])
  t.strictSame(kept(at('0.0.0.0'), at('fd00::1')), ['0.0.0.0', 'fd00::1'])
  t.strictSame(kept(at('0.0.0.0'), at('::')), ['0.0.0.0', '::'])
})

t.test('one port of the node leads to one port of the pod', async t => {
  const to = (containerPort: number, hostIP?: string, protocol?: string) => ({
    hostPort: 53,
    containerPort,
    hostIP,
    protocol,
  })
  const apart = [
    [to(1), to(2, undefined, 'udp')],
    [to(1, '10.0.0.1'), to(2, '10.0.0.2')],
    [to(1, '0.0.0.0'), to(2, '::')],
  ]
  for (const asked of apart) t.equal(read(asked).ports.length, 2)
  const contradictory = [
    [to(1), to(2)],
    [to(1, 'fd00::1'), to(2)],
    [to(1, '10.0.0.1'), to(2, '0.0.0.0')],
    [to(1, '10.0.0.1'), to(2, '10.0.0.1')],
  ]
  for (const asked of contradictory) t.throws(() => read(asked), { code: 'CONFIG_INVALID', message: /contradicts/ })
  t.throws(() => read([to(1, '10.0.0.1'), to(2)]), {
    message:
      /^runtimeConfig\.portMappings\[0\] \(10\.0\.0\.1, tcp hostPort 53 to containerPort 1\) contradicts runtimeConfig\.portMappings\[1\] \(every address, tcp hostPort 53 to containerPort 2\)/,
  })
})

t.test('a wrong one is named, with what it is', async t => {
  const wrong: [object, string][] = [
    [{ hostPort: 0 }, 'hostPort must be at least 1, but is the number 0'],
    [{ hostPort: 65_536 }, 'hostPort must be at most 65535, but is the number 65536'],
    [{ hostPort: -1 }, 'hostPort must be at least 1, but is the number -1'],
    [{ hostPort: '80' }, 'hostPort must be a number, but is the string "80"'],
    [{ hostPort: 80.5 }, 'hostPort must be a whole number, but is the number 80.5'],
    [{ hostPort: null }, 'hostPort must be a number, but is null'],
    [{ containerPort: 0 }, 'containerPort must be at least 1, but is the number 0'],
    [{ containerPort: undefined }, 'containerPort must be a number, but is missing'],
    [{ protocol: 'icmp' }, 'protocol "icmp" must be one of tcp, udp, sctp'],
    [{ protocol: 6 }, 'protocol must be a string, but is the number 6'],
    [{ hostIP: '10.0.0.256' }, 'hostIP "10.0.0.256" is no IP address'],
    [{ hostIP: 'fe80::1%eth0' }, 'hostIP "fe80::1%eth0" is no IP address'],
    [{ hostIP: 7 }, 'hostIP must be a string, but is the number 7'],
  ]
  for (const [more, complaint] of wrong) {
    const failure = { code: 'CONFIG_INVALID', message: `runtimeConfig.portMappings[1].${complaint}` }
    try {
      read([
        { hostPort: 1, containerPort: 1 },
        { ...web, ...more },
      ])
      t.fail(`accepted ${JSON.stringify(more)}`)
    } catch (error) {
      t.match(error, { code: failure.code })
      t.ok(String(error).includes(failure.message), `${error}`)
    }
  }
})
