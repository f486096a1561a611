// A pod that asks for nothing beyond its pair, on a node where no other is known: for tests.
import type { OtherPods } from './claim.ts'
import type { PodRules } from './pod-rules.ts'

export const noRules: PodRules = { isAntiSpoofed: true, ports: [] }

export const plain = { rules: noRules, bandwidth: undefined } as const

export const alone: OtherPods = { all: () => [], holder: () => 'nobody' }
