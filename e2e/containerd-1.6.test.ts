// Pods made by the distribution's containerd (1.6 on Debian 12): results up to 1.0.0, no STATUS.
import t from 'tap'
import { leftovers } from './leftovers.ts'
import { killWhileCreating, sandboxes, startContainerd } from './sandboxes.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('/usr/bin/containerd', 'runc', 'image', 'ping', 'iptables', `${dist}/podwire`)
const folder = '/usr/bin'

sandboxes(folder, skip)

t.test('containerd killed while a pod is made: its DEL after the restart leaves nothing', { skip }, async t => {
  await using containerd = await startContainerd(folder)
  await killWhileCreating(t, containerd)
  t.strictSame(leftovers(containerd.host), [], 'nothing is left')
})
