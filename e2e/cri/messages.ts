// The CRI messages that the tests exchange, fields that they use. k8s.io/cri-api/pkg/apis/runtime/v1/api.proto
import { flag, integer, list, message, text } from './protobuf.ts'

const metadata = { name: text(1), uid: text(2), namespace: text(3) }
const portMapping = { protocol: integer(1), containerPort: integer(2), hostPort: integer(3), hostIp: text(4) }
const namespaceOption = { network: integer(1), pid: integer(2), ipc: integer(3) }
const linux = { cgroupParent: text(1), securityContext: message(2, { namespaceOptions: message(1, namespaceOption) }) }

const sandboxConfig = {
  metadata: message(1, metadata),
  hostname: text(2),
  logDirectory: text(3),
  portMappings: list(message(5, portMapping)),
  linux: message(8, linux),
}
const sandbox = { id: text(1), metadata: message(2, metadata), state: integer(3) }
const network = { ip: text(1), additionalIps: list(message(2, { ip: text(1) })) }
const information = list(message(2, { key: text(1), value: text(2) }))
const condition = { type: text(1), status: flag(2), reason: text(3), message: text(4) }

/** The calls of runtime.v1.RuntimeService: what goes in, what comes out. */
export const calls = {
  Version: [{}, { runtimeName: text(2), runtimeVersion: text(3) }],
  RunPodSandbox: [{ config: message(1, sandboxConfig) }, { id: text(1) }],
  StopPodSandbox: [{ id: text(1) }, {}],
  RemovePodSandbox: [{ id: text(1) }, {}],
  PodSandboxStatus: [
    { id: text(1), verbose: flag(2) },
    { status: message(1, { id: text(1), state: integer(3), network: message(5, network) }), information },
  ],
  ListPodSandbox: [{}, { items: list(message(1, sandbox)) }],
  Status: [{}, { status: message(1, { conditions: list(message(1, condition)) }) }],
} as const
