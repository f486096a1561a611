// A Debian root with nothing installed but what Debian calls essential, made once by debootstrap into the cache, and entered read-only.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from './host.ts'
import { cache } from './tools.ts'

const suite = 'bookworm'
const machine = process.arch === 'arm64' ? 'arm64' : 'x64'
const debianNames = { x64: 'amd64', arm64: 'arm64' }

export type Processor = keyof typeof debianNames

/** The folder, or why there is none. */
export function bareDebian(processor: Processor = machine): { readonly root: string; readonly lack: string | false } {
  const root = join(cache, `debian-${suite}-${processor}`)
  if (existsSync(root)) return { root, lack: false }
  const partial = `${root}.part`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true })
  // The root of another processor is only unpacked: nothing of its own can run to configure it.
  const foreign = processor === machine ? [] : ['--foreign']
  const options = ['--variant=minbase', `--arch=${debianNames[processor]}`, ...foreign]
  const made = spawnSync('debootstrap', [...options, suite, partial], { encoding: 'utf8', timeout: 600_000 })
  if (made.status !== 0)
    return { root, lack: `debootstrap made no root: ${made.error ?? made.stdout.trim().split('\n').at(-1)}` }
  for (const archive of foreign.length > 0 ? globSync(join(partial, 'var/cache/apt/archives/*.deb')) : [])
    spawnSync('dpkg-deb', ['--extract', archive, partial])
  mkdirSync(join(partial, 'opt'), { recursive: true })
  renameSync(partial, root)
  return { root, lack: false }
}

/** Mounts the root on a throw-away host, with /proc as a node has it, an empty /run, and dist in /opt/cni/bin. Returns where. */
export function mountDebian(host: Host, root: string, dist: string): string {
  host.shell(`
    mkdir /run/root
    mount --bind ${root} /run/root
    mount -o remount,bind,ro /run/root
    mount -t proc proc /run/root/proc
    for folder in run tmp opt; do mount -t tmpfs tmpfs /run/root/$folder; done
    mkdir -p /run/root/opt/cni/bin /run/root/run/netns
    cp -r ${dist}/podwire ${dist}/podwire.d ${dist}/podwire-ipam /run/root/opt/cni/bin/
  `)
  return '/run/root'
}
