// What the executable tells a person who calls it by hand.
import { newestVersion, supportedVersions } from '../cni/version.ts'
import { write } from './stdio.ts'

declare const PODWIRE_VERSION: string | undefined

const release = typeof PODWIRE_VERSION === 'string' ? PODWIRE_VERSION : 'from source'

const help = `podwire ${release}: Kubernetes pod networking, CNI ${newestVersion}

  A container runtime calls this program, with CNI_COMMAND in its environment and a network configuration on stdin:
    podwire        the plugin  { "type": "podwire", "ipam": { "type": "podwire-ipam", "ranges": [[{ "subnet": "10.244.1.0/24" }]] } }
    podwire-ipam   the IPAM alone, under any other plugin; a link to the same file

  A person calls
    podwire help      this text
    podwire version   the release and the protocol versions

  State: /run/podwire/attachments (a file for each pod), /run/podwire/ipam (reservations).
`

/** The exit code. */
export function people(word: string | undefined): number {
  if (word === undefined) {
    write(
      2,
      `CNI podwire plugin version ${release}\nCNI protocol versions supported: ${supportedVersions.join(', ')}\nSee: podwire help\n`,
    )
    return 0
  }
  if (['help', '--help', '-h'].includes(word)) write(1, help)
  else if (['version', '--version'].includes(word))
    write(1, `podwire ${release}\nCNI ${supportedVersions.join(', ')}\n`)
  else {
    write(2, `podwire: no such command: ${word}. See: podwire help\n`)
    return 2
  }
  return 0
}
