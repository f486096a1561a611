// Pods made by containerd 2.x: everything up to 1.1.0, and STATUS decides whether the node's network is ready.
import t from 'tap'
import { collect } from './cnitool.ts'
import { conflist, podwire } from './conflist.ts'
import { leftovers, links } from './leftovers.ts'
import { killWhileCreating, sandboxes, startContainerd } from './sandboxes.ts'
import { dist, lacks, tool } from './tools.ts'
import { until } from './until.ts'

const skip = lacks('containerd', 'runc', 'image', 'ping', 'iptables', `${dist}/podwire`)
const folder = tool('containerd')

sandboxes(folder, skip)

// 2.x drops the namespace of such a pod and never sends DEL: its links are gone then, its addresses are for GC.
t.test('containerd killed while a pod is made: GC takes what it never told us of', { skip }, async t => {
  await using containerd = await startContainerd(folder)
  const { host } = containerd
  await killWhileCreating(t, containerd)
  await until('the kernel has removed the namespace', () => links(host).length === 0)
  collect(host, 'pods', podwire('dual-stack'), [])
  t.strictSame(leftovers(host), [], 'nothing is left')
})

t.test('the node is not ready while addresses have run out', { skip }, async t => {
  await using containerd = await startContainerd(folder)
  const ipam = { type: 'podwire-ipam', ranges: [[{ subnet: '10.8.0.0/30' }]] }
  await containerd.useNetwork(conflist('1.1.0', 'pods', [podwire('IPv4', { ipam })]))
  const last = await containerd.runPod('last')
  t.match(await containerd.untilReady(false), '10.8.0', 'the message names the range')
  await t.rejects(containerd.runPod('late'), { message: /10\.8\.0/ }, 'a pod too many is told why')
  for (const id of await containerd.list()) await containerd.remove(id)
  t.notOk((await containerd.list()).includes(last.id))
  t.equal(await containerd.untilReady(true), '', 'ready again')
})

t.test('the node is not ready while the data directory cannot be written', { skip }, async t => {
  await using containerd = await startContainerd(folder)
  const { host } = containerd
  await containerd.useNetwork(conflist('1.1.0', 'pods', [podwire('IPv4')]))
  const pod = await containerd.runPod('one')
  const folderOfAddresses = '/run/podwire/ipam'
  host.shell(`mount --bind ${folderOfAddresses} ${folderOfAddresses}
    mount -o remount,bind,ro ${folderOfAddresses}`)
  t.match(await containerd.untilReady(false), folderOfAddresses, 'the message names the folder')
  await t.rejects(containerd.runPod('two'), { message: new RegExp(folderOfAddresses) }, 'a pod is told why')
  host.shell(`umount ${folderOfAddresses}`)
  t.equal(await containerd.untilReady(true), '', 'ready again')
  await containerd.remove(pod.id)
})
