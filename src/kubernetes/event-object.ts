// k8s.io/api/events/v1 Event · its limits are in k8s.io/kubernetes/pkg/apis/core/validation/events.go

export interface ClusterEvent {
  readonly type: 'Normal' | 'Warning'
  /** One word in capitals and small letters, as in `AddressesReclaimed`. */
  readonly reason: string
  readonly note: string
  /** The node itself, where nothing is given. */
  readonly regarding?: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid?: string
  }
}

const noteBytes = 1024
const nameLength = 253

/** `sequence` tells events of one millisecond apart. */
export function eventObject(event: ClusterEvent, node: string, nowMs: number, sequence: number) {
  const { type, reason, note, regarding } = event
  // As kubelet does: `kubectl describe node` looks for events whose uid is the node's name.
  const object = { apiVersion: 'v1', ...(regarding ?? { kind: 'Node', name: node, uid: node }) }
  const unique = `.${(nowMs * 1024 + (sequence % 1024)).toString(16)}`
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: {
      name: `${object.name.slice(0, nameLength - unique.length)}${unique}`,
      namespace: regarding?.namespace ?? 'default',
    },
    // Microseconds, all six digits: the API server refuses others.
    eventTime: new Date(nowMs).toISOString().replace('Z', '000Z'),
    reportingController: 'podwire',
    reportingInstance: node.slice(0, 128),
    action: reason,
    reason,
    regarding: object,
    type,
    note: cut(note),
  }
}

function cut(note: string): string {
  const bytes = Buffer.from(note)
  // A character that is cut in two becomes another of three bytes.
  return bytes.length <= noteBytes ? note : `${bytes.subarray(0, noteBytes - 6)}…`
}
