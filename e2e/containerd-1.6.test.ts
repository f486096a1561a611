// Pods made by the distribution's containerd (1.6 on Debian 12, newer elsewhere): 1.6 reads results up to 1.0.0 and sends no STATUS.
import { execFileSync } from 'node:child_process'
import t from 'tap'
import { collect } from './cnitool.ts'
import { podwire } from './conflist.ts'
import { leftovers, links } from './leftovers.ts'
import { killWhileCreating, sandboxes, startContainerd } from './sandboxes.ts'
import { dist, lacks } from './tools.ts'
import { until } from './until.ts'

const skip = lacks('/usr/bin/containerd', 'runc', 'image', 'ping', 'iptables', `${dist}/podwire`)
const folder = '/usr/bin'

sandboxes(folder, skip)

t.test('containerd killed while a pod is made: its DEL after the restart leaves nothing', { skip }, async t => {
  await using containerd = await startContainerd(folder)
  const { host } = containerd
  await killWhileCreating(t, containerd)
  if (!sendsDelAfterRestart()) {
    await until('the kernel has removed the namespace', () => links(host).length === 0)
    collect(host, 'pods', podwire('dual-stack'), [])
  }
  t.strictSame(leftovers(host), [], 'nothing is left')
})

/** From 1.7 on containerd drops the namespace of such a pod and tells nobody: what is left is for GC. */
const sendsDelAfterRestart = (): boolean =>
  / v?1\.6\./.test(execFileSync(`${folder}/containerd`, ['--version'], { encoding: 'utf8' }))
