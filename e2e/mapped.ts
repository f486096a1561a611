// Attachments of pods that ask for ports of the node, as containerd asks.
import { Attachment, network } from './attachment.ts'
import type { Host } from './host.ts'
import { quietPod } from './state.ts'

export interface Mapping {
  readonly hostPort: number
  readonly containerPort?: number
  readonly protocol?: string
  readonly hostIP?: string
}

/** What a runtime adds for the capability portMappings. */
export const withPorts = (...mappings: readonly Mapping[]): object => ({
  runtimeConfig: {
    portMappings: mappings.map(({ hostPort, containerPort = 80, protocol = 'tcp', hostIP = '' }) => ({
      HostPort: hostPort,
      ContainerPort: containerPort,
      Protocol: protocol,
      HostIP: hostIP,
    })),
  },
})

/** A new pod, not yet attached, and the attachment with these ports. */
export function mapped(host: Host, id: string, ...mappings: readonly Mapping[]): Attachment {
  return new Attachment(host, id, quietPod(host, id).netns, { config: network('pods', withPorts(...mappings)) })
}

/** Our end of an attachment's link. */
export const hostEnd = (result: { readonly interfaces: readonly { readonly name: string }[] }): string =>
  result.interfaces[0]?.name ?? ''
