// What the executable tells a person who calls it by hand.
import { newestVersion, supportedVersions } from '../cni/version.ts'
import { write } from './stdio.ts'

declare const PODWIRE_VERSION: string | undefined

const release = typeof PODWIRE_VERSION === 'string' ? PODWIRE_VERSION : 'from-source'

const help = `podwire ${release}: Kubernetes pod networking, CNI ${newestVersion}

  podwire agent       keeps this node's place in the cluster: routes to the pods of other nodes, the CNI
                      configuration, what dead pods left. Its options: podwire agent --help
  podwire status      how this node's pod network is, and the line that mends what is not ours to mend
    --json            for scripts
    --state DIR       /run/podwire
  podwire install     copies this executable into the node's CNI folder, and starts it there before it takes the name
    --to DIR          /opt/cni/bin
    --root DIR        /: where the node's root is mounted
  podwire uninstall   takes it away again, with the agent's conflist, routes and tunnel, and the node's table;
                      refuses while pods use it
    --from DIR        /opt/cni/bin
    --conflists DIR   /etc/cni/net.d
    --state DIR       /run/podwire
    --force           whoever uses it
  podwire version     the release, and the versions of CNI
  podwire help        this text

  Exit codes: 0 done, and of status: all is well · 1 failed; status: somebody should look · 2 no such command or option.

  A container runtime calls it with CNI_COMMAND in the environment and a network configuration on stdin, as the plugin
    { "type": "podwire", "ipam": { "type": "podwire-ipam", "ranges": [[{ "subnet": "10.244.1.0/24" }]] } }
  or as podwire-ipam, a link to the same file: the IPAM alone, under any other plugin.
  State: /run/podwire/attachments (a file for each pod), /run/podwire/ipam (reservations).
`

type Command = (args: readonly string[], release: string) => Promise<number>

/** Each loaded only when it is called for. */
const commands = new Map<string, () => Promise<Command>>([
  ['install', async () => (await import('./install.ts')).installCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['uninstall', async () => (await import('./uninstall.ts')).uninstallCommand],
])

const isCallForHelp = (word: string, at: number): boolean =>
  ['--help', '-h', ...(at === 0 ? ['help'] : [])].includes(word)

/** The exit code. */
export async function people(word: string | undefined, args: readonly string[]): Promise<number> {
  if (word === undefined) {
    write(
      2,
      `CNI podwire plugin version ${release}\nCNI protocol versions supported: ${supportedVersions.join(', ')}\nSee: podwire help\n`,
    )
    return 0
  }
  const command = commands.get(word)
  if ([word, ...args].some(isCallForHelp)) write(1, help)
  else if (command !== undefined) return (await command())(args, release)
  else if (['version', '--version'].includes(word))
    write(1, `podwire ${release}\nCNI ${supportedVersions.join(', ')}\n`)
  else {
    write(2, `podwire: no such command: ${word}. See: podwire help\n`)
    return 2
  }
  return 0
}
