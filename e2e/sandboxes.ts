// The promises to whoever makes pods with containerd, whatever its version: containerd-*.test.ts calls this with one.
import t, { type Test } from 'tap'
import { conflist, podwire } from './conflist.ts'
import { Containerd } from './containerd.ts'
import { ruleset } from './firewall.ts'
import { Host, hostAddresses } from './host.ts'
import { leftovers, reservations } from './leftovers.ts'
import { bare, hear, reaches, serve } from './reach.ts'
import { dist, referencePlugins } from './tools.ts'
import { until } from './until.ts'

export async function startContainerd(folder: string): Promise<Containerd> {
  return Containerd.start(
    await Host.start(),
    folder,
    [...referencePlugins.map(({ folder }) => folder), dist].filter(Boolean),
  )
}

const network = conflist('1.1.0', 'pods', [podwire('dual-stack')])

export function sandboxes(folder: string, skip: string | false): void {
  t.test('a sandbox has what CRI reports, reaches pod and host, and leaves nothing', { skip }, async t => {
    await using containerd = await startContainerd(folder)
    const { host } = containerd
    t.comment(`containerd ${await containerd.version()}`)
    await containerd.useNetwork(network)
    const [one, two] = [await containerd.runPod('one'), await containerd.runPod('two')]
    t.equal(one.ips.length, 2, 'CRI reports an address of each family')
    t.strictSame(one.pod.addresses().map(bare), one.ips, 'the sandbox has the addresses that CRI reports')
    for (const ip of two.ips) t.ok(reaches(one.pod, ip), `pod → pod ${ip}`)
    for (const ip of one.ips) t.ok(reaches(host, ip), `host → pod ${ip}`)
    for (const ip of hostAddresses) t.ok(reaches(one.pod, ip), `pod → host ${ip}`)

    await containerd.remove(one.id)
    t.equal(reservations(host).length, 2, 'the other pod keeps its addresses')
    t.ok(reaches(host, two.ips[0] ?? ''), 'and its network')
    await containerd.remove(two.id)
    t.strictSame(leftovers(host), [], 'nothing is left')
  })

  t.test('many sandboxes at once all get addresses of their own', { skip }, async t => {
    await using containerd = await startContainerd(folder)
    await containerd.useNetwork(network)
    const names = Array.from({ length: 8 }, (_, index) => `pod${index}`)
    const pods = await Promise.all(names.map(name => containerd.runPod(name)))
    t.equal(new Set(pods.flatMap(({ ips }) => ips)).size, 16)
    t.strictSame(
      pods.filter(({ ips }) => !reaches(containerd.host, ips[0] ?? '')),
      [],
      'the host reaches each',
    )
    await Promise.all(pods.map(({ id }) => containerd.remove(id)))
    t.strictSame(leftovers(containerd.host), [], 'nothing is left')
  })

  t.test('a port mapping of the pod reaches the portmap plugin chained after us', { skip }, async t => {
    await using containerd = await startContainerd(folder)
    const { host } = containerd
    const portmap = { type: 'portmap', capabilities: { portMappings: true } }
    await containerd.useNetwork(conflist('1.0.0', 'pods', [podwire('IPv4'), portmap]))
    const server = await containerd.runPod('server', [{ containerPort: 80, hostPort: 8080 }])
    const client = await containerd.runPod('client')
    await serve(server.pod, 80, 'hello')
    const address = hostAddresses[0] ?? ''
    t.equal(hear(client.pod, address, 8080), 'hello', 'another pod hears the server at the host’s port')
    t.equal(hear(host, address, 8080), 'hello', 'so does the host')
    await containerd.remove(server.id)
    t.equal(hear(client.pod, address, 8080), '', 'nobody answers after the pod has gone')
    t.notMatch(host.shell('iptables-save') + ruleset(host), server.ips[0], 'no rule names its address')
    await containerd.remove(client.id)
    t.strictSame(leftovers(host), [], 'nothing is left')
  })
}

/** A containerd that died, by SIGKILL, between our ADD and the end of the chain, started again and told to remove what it knows. */
export async function killWhileCreating(t: Test, containerd: Containerd): Promise<void> {
  const { host } = containerd
  host.write('/run/hold', heldPlugin)
  host.shell('install -m 755 /run/hold /run/cni-bin/hold')
  await containerd.useNetwork(conflist('1.1.0', 'pods', [podwire('dual-stack'), { type: 'hold' }]))
  const made = containerd.runPod('one').then(
    () => true,
    () => false,
  )
  await until('the last plugin is called', () => host.has('/run/held'))
  t.equal(reservations(host).length, 2, 'our part was done')
  await containerd.kill()
  t.notOk(await made, 'no pod was made')
  host.shell('kill -KILL "$(cat /run/held)"')
  await containerd.launch()
  for (const id of await containerd.list()) await containerd.remove(id)
}

/** The last plugin of a chain, whose ADD does not end: so containerd is surely in the middle. */
const heldPlugin = `#!/bin/bash
case $CNI_COMMAND in
  VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0","1.1.0"]}' ;;
  ADD) echo $$ >/run/held; exec sleep 60 ;;
esac
`
