// nft itself, in a namespace: what ours is compared with.
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { needsRoot } from './needs-root.ts'

const isInstalled = globSync('/{usr/,usr/local/,}sbin/nft').length > 0

/** The options of a test that makes namespaces and asks nft. */
export const needsNft: { skip?: string } = isInstalled
  ? needsRoot
  : { skip: 'nft is missing: apt-get install nftables' }

export const nft = (namespace: string, ...args: string[]): string =>
  execFileSync('nsenter', [`--net=${namespace}`, 'nft', ...args], { encoding: 'utf8' })

/** Every table of a namespace, as nft words it. */
export const listed = (namespace: string): string => nft(namespace, '--stateless', 'list', 'ruleset')
