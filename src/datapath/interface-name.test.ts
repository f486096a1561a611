import t from 'tap'
import { hostInterfaceName, macAddress, namePrefix } from './interface-name.ts'

// Ids as containerd makes them: 64 hexadecimal digits.
const id = (i: number): string => '5e'.repeat(27) + i.toString(16).padStart(10, '0')

t.test('100,000 containers have 100,000 names, each of 15 bytes that the kernel takes', async t => {
  const names = new Set<string>()
  const wrong: string[] = []
  for (let i = 0; i < 50_000; i++) {
    for (const interfaceName of ['eth0', 'net1']) {
      const name = hostInterfaceName('pods', id(i), interfaceName)
      if (!/^pw[\da-z]{13}$/.test(name)) wrong.push(name)
      names.add(name)
    }
  }
  t.strictSame(wrong, [])
  t.equal(names.size, 100_000)
})

t.test('every name begins with its network’s prefix, and with no other’s', async t => {
  const networks = Array.from({ length: 300 }, (_, i) => `network-${i}`)
  const prefixes = networks.map(namePrefix)
  t.equal(new Set(prefixes).size, networks.length)
  for (const [i, network] of networks.entries()) {
    const name = hostInterfaceName(network, id(i), 'eth0')
    t.strictSame(
      prefixes.filter(prefix => name.startsWith(prefix)),
      [namePrefix(network)],
    )
  }
})

t.test('names stay what they were: pods outlive an upgrade', async t => {
  t.equal(hostInterfaceName('pods', 'c1', 'eth0'), 'pwxvsdbksnh0lcy')
  t.equal(macAddress('pods'), 'ee:0d:a8:6a:3c:2d')
})

t.test('whoever writes the id and the interface together does not get another’s name', async t => {
  t.not(hostInterfaceName('pods', 'a', 'b-c'), hostInterfaceName('pods', 'a-b', 'c'))
  t.not(hostInterfaceName('pods', 'a', 'eth0'), hostInterfaceName('pods', 'a', 'eth1'))
  t.not(hostInterfaceName('pods', 'a', 'eth0'), hostInterfaceName('other', 'a', 'eth0'))
})

t.test('MACs are unicast, locally administered, and distinct', async t => {
  const macs = Array.from({ length: 20_000 }, (_, i) => macAddress(`${i} host`))
  t.equal(new Set(macs).size, macs.length)
  t.strictSame(
    macs.filter(mac => !/^[\da-f][26ae](:[\da-f]{2}){5}$/.test(mac)),
    [],
  )
})
