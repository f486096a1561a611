// What the executable tells a person who calls it by hand.
import { newestVersion, supportedVersions } from '../cni/version.ts'
import { write } from './stdio.ts'

declare const PODWIRE_VERSION: string | undefined

const release = typeof PODWIRE_VERSION === 'string' ? PODWIRE_VERSION : 'from-source'

const help = `podwire ${release}: Kubernetes pod networking, CNI ${newestVersion}

  A container runtime calls this program, with CNI_COMMAND in its environment and a network configuration on stdin:
    podwire        the plugin  { "type": "podwire", "ipam": { "type": "podwire-ipam", "ranges": [[{ "subnet": "10.244.1.0/24" }]] } }
    podwire-ipam   the IPAM alone, under any other plugin; a link to the same file

  A person calls
    podwire help      this text
    podwire agent     keeps this node's place in the cluster: routes to the pods of other nodes, the CNI configuration, what dead pods left
                        podwire agent --help
    podwire status    how this node's pod network is, and the line that mends what is not ours to mend; exit code 1 where somebody should look
                        --json · --state /run/podwire
    podwire install   copies this executable into the node's CNI folder, and starts it there before it takes the name
                        --to /opt/cni/bin · --root / (where the node's root is mounted)
    podwire uninstall takes it away again, with the agent's conflist, routes and tunnel, and the node's table; refuses while pods use it
                        --from /opt/cni/bin · --conflists /etc/cni/net.d · --state /run/podwire · --force
    podwire version   the release and the protocol versions

  State: /run/podwire/attachments (a file for each pod), /run/podwire/ipam (reservations).
`

type Command = (args: readonly string[], release: string) => Promise<number>

/** Each loaded only when it is called for. */
const commands = new Map<string, () => Promise<Command>>([
  ['install', async () => (await import('./install.ts')).installCommand],
  ['status', async () => (await import('./status.ts')).statusCommand],
  ['uninstall', async () => (await import('./install.ts')).uninstallCommand],
])

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
  if (command !== undefined) return (await command())(args, release)
  if (['help', '--help', '-h'].includes(word)) write(1, help)
  else if (['version', '--version'].includes(word))
    write(1, `podwire ${release}\nCNI ${supportedVersions.join(', ')}\n`)
  else {
    write(2, `podwire: no such command: ${word}. See: podwire help\n`)
    return 2
  }
  return 0
}
