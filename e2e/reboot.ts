// What a reboot, or the restart of a node that is a container, takes away: every namespace, what is under /run, and all rules.
import type { Host } from './host.ts'
import { links } from './leftovers.ts'
import { until } from './until.ts'

/** The kernel's boot id changes too. */
export async function reboot(host: Host): Promise<void> {
  await restart(host)
  host.shell(`cat /proc/sys/kernel/random/uuid >/var/lib/boot_id
    umount /proc/sys/kernel/random/boot_id 2>/dev/null || true
    mount --bind /var/lib/boot_id /proc/sys/kernel/random/boot_id`)
}

/** As `docker restart` does it: the kernel goes on. */
export async function restart(host: Host): Promise<void> {
  host.shell(
    'for pod in /run/netns/*; do ip netns delete "$(basename "$pod")"; done; rm -rf /run/podwire; nft flush ruleset',
  )
  await until('the links go with their namespaces', () => links(host).every(name => !name.startsWith('pw')))
}
