// A machine of a local cluster: network, mount, process and host name namespaces, and a folder that is its disk. It ends with its process 1, and that with us.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Outcome, Place } from '../host.ts'

// What a node writes of the machine's files is on its disk; of the kernel's settings that no namespace has, kubelet finds those it wants.
const setUp = `set -e
disk=$1
hostname "$2"
mkdir -p "$disk"/{etc,opt,work-etc,work-opt,var-lib,var-log,cni-bin,cni-conf,kernel}
mount -t tmpfs run /run
mkdir -p /run/netns /run/lock /run/control-groups
mount --rbind /sys/fs/cgroup /run/control-groups
mount -t sysfs sysfs /sys
mount --rbind /run/control-groups /sys/fs/cgroup
umount -l /run/control-groups
for folder in etc opt; do
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$disk/$folder,workdir=$disk/work-$folder" /$folder
done
mount --bind "$disk/var-lib" /var/lib
mount --bind "$disk/var-log" /var/log
mkdir -p /opt/cni/bin /etc/cni/net.d
mount --bind "$disk/cni-bin" /opt/cni/bin
mount --bind "$disk/cni-conf" /etc/cni/net.d
rm -f /etc/resolv.conf
echo "nameserver $3" >/etc/resolv.conf
for pair in vm/{overcommit_memory=1,panic_on_oom=0} kernel/{panic=10,panic_on_oops=1,keys/root_maxkeys=1000000,keys/root_maxbytes=25000000}; do
  name=\${pair%=*} file=$disk/kernel/\${name##*/}
  echo "\${pair#*=}" >"$file"
  mount --bind "$file" "/proc/sys/$name"
done
ip link set lo up
for name in all default; do echo 1 >/proc/sys/net/ipv4/conf/$name/rp_filter; done
mount --make-rshared /
echo ready
read -r end || exit 0`

export class Machine implements Place, AsyncDisposable {
  readonly #unshare: ChildProcess
  readonly pid: number

  private constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare
    this.pid = pid
  }

  static async start(name: string, disk: string, nameserver: string): Promise<Machine> {
    const flags = ['--net', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc']
    const script = ['bash', '--norc', '-c', setUp, 'bash', disk, name, nameserver]
    const unshare = spawn('unshare', [...flags, ...script], { stdio: ['pipe', 'pipe', 'inherit'] })
    const [word] = await Promise.race([once(unshare.stdout, 'data'), once(unshare, 'exit')])
    if (!String(word).startsWith('ready')) throw new Error(`${name} did not come up, see above`)
    unshare.unref()
    for (const pipe of [unshare.stdin, unshare.stdout]) (pipe as unknown as Socket).unref()
    return new Machine(unshare, Number(readFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`, 'utf8')))
  }

  /** The command line that runs a command there. */
  enter(command: string, ...args: readonly string[]): [string, string[]] {
    return ['nsenter', ['--target', String(this.pid), '--net', '--mount', '--uts', '--pid', '--', command, ...args]]
  }

  attempt(command: string, args: readonly string[]): Outcome {
    const { status, stdout, stderr, error } = spawnSync(...this.enter(command, ...args), {
      encoding: 'utf8',
      timeout: 120_000,
      maxBuffer: 64 << 20,
    })
    if (error) throw error
    return { code: status ?? 255, stdout, stderr }
  }

  run(command: string, args: readonly string[]): string {
    const { code, stdout, stderr } = this.attempt(command, args)
    if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`)
    return stdout
  }

  shell(script: string): string {
    return this.run('bash', ['--norc', '-euc', script])
  }

  path(inside: string): string {
    return `/proc/${this.pid}/root${inside}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#unshare.exitCode !== null || this.#unshare.signalCode !== null) return
    const ended = once(this.#unshare, 'exit')
    this.#unshare.ref()
    this.#unshare.stdin?.end()
    await ended
  }
}
