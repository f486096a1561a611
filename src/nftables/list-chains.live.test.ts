import t from 'tap'
import { backend } from '../sys/libc.ts'
import { needsNft, nft } from '../testing/nft.ts'
import { throwAwayNetfilter } from '../testing/throw-away-netfilter.ts'
import { listChains } from './list-chains.ts'

t.test(`lists the chains of all tables of one family, through ${backend()}`, needsNft, async t => {
  const { path, connection } = throwAwayNetfilter(t)
  nft(path, 'add table ip filter')
  nft(path, 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }')
  nft(path, 'add chain ip filter DOCKER-USER')
  nft(path, 'add table ip other')
  nft(path, 'add chain ip other out { type route hook output priority -1; }')
  nft(path, 'add table inet filter')
  nft(path, 'add chain inet filter early { type filter hook ingress device lo priority 0; }')
  nft(path, 'add chain inet filter onward { type filter hook forward priority 5; policy accept; }')
  const told = (family: 'inet' | 'ip' | 'ip6') =>
    listChains(connection, family).map(({ table, name, base }) => [table, name, base?.hook, base?.policy])
  t.same(told('ip'), [
    ['filter', 'FORWARD', 'forward', 'drop'],
    ['filter', 'DOCKER-USER', undefined, undefined],
    ['other', 'out', 'output', 'accept'],
  ])
  t.same(told('inet'), [['filter', 'onward', 'forward', 'accept']])
  t.same(told('ip6'), [])
})
