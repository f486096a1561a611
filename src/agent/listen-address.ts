// Where the agent answers over HTTP: "127.0.0.1:9912", "[::1]:9912", ":9912" for every address, "none" for nowhere.
import { addressFrom } from '../ip/address.ts'
import { Problem } from '../problem.ts'

export const DEFAULT_LISTEN = '127.0.0.1:9912'

export interface ListenAddress {
  /** Absent: every address of the node. */
  readonly host: string | undefined
  readonly port: number
}

export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text === 'none') return undefined
  const [, six, four, digits = ''] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const host = six ?? four
  const isHost = host === '' ? six === undefined : addressFrom(host ?? '')?.family === (six === undefined ? 4 : 6)
  const port = Number(digits)
  if (digits === '' || port > 65_535 || !isHost)
    throw new Problem(
      'CONFIG_INVALID',
      `--listen ${text}: give an address and a port, as in ${DEFAULT_LISTEN}, or none`,
    )
  return { host: host || undefined, port }
}

export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  host?.includes(':') ? `[${host}]:${port}` : `${host ?? ''}:${port}`
