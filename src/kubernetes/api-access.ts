// How the API server is reached, and as whom.
import type { RequestOptions } from 'node:https'

export interface ApiAccess {
  /** Scheme, host and port; a path, where the API lives under one. */
  readonly server: URL
  /** Asked before every request: tokens and certificates change while we run. */
  credentials(): Promise<RequestOptions>
}
