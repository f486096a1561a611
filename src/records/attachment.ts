// One attachment of a pod to a network: what its undoing needs, when neither config nor namespace is left.

export interface Attachment {
  readonly network: string
  readonly containerId: string
  readonly interfaceName: string
  /** Absent where only the IPAM face was called: some other plugin made the link. */
  readonly hostInterface?: string
  readonly netns: string
  /** namespace/name, where the runtime told. */
  readonly pod?: string
  /** Where our IPAM keeps the addresses; absent where another plugin gave them. */
  readonly dataDir?: string
  /** All that may have been taken: on disk before the first one is. */
  readonly addresses: readonly string[]
  /** What another IPAM answered, in its own words: its CHECK compares with them. */
  readonly leased?: readonly LeasedText[]
  /** What it was given of the node besides its addresses. */
  readonly rules?: RecordedRules
  readonly bandwidth?: RecordedBandwidth
  /** When the ADD began, in milliseconds of Unix time: of two that say they have a port, the older has it. */
  readonly since?: number
}

export interface RecordedRules {
  readonly isAntiSpoofed: boolean
  readonly masqueradeExcept?: readonly string[]
  readonly ports: readonly RecordedPort[]
}

export interface RecordedPort {
  readonly protocol: 'tcp' | 'udp' | 'sctp'
  readonly hostPort: number
  readonly containerPort: number
  readonly hostAddress?: string
}

/** In bits and bits per second. */
export interface RecordedBandwidth {
  readonly ingress?: RecordedLimit | undefined
  readonly egress?: RecordedLimit | undefined
  readonly keepsDefaultBurst?: boolean
}

export interface RecordedLimit {
  readonly bitsPerSecond: number
  readonly burstBits: number
}

export interface LeasedText {
  readonly address: string
  readonly gateway?: string
}

const texts = ['network', 'containerId', 'interfaceName', 'netns'] as const

/** An attachment from a file's text; undefined where that is not one of ours. */
export function parseAttachment(text: string): Attachment | undefined {
  try {
    const value: Attachment = JSON.parse(text)
    const isWhole = texts.every(key => typeof value[key] === 'string') && isListOfTexts(value.addresses)
    return isWhole && isUsable(value.rules) ? value : undefined
  } catch {
    return undefined
  }
}

const isUsable = (rules: RecordedRules | undefined): boolean =>
  rules === undefined || (Array.isArray(rules.ports) && isListOfTexts(rules.masqueradeExcept ?? []))

const isListOfTexts = (value: unknown): boolean => Array.isArray(value) && value.every(item => typeof item === 'string')
