import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Namespace } from '../netns/namespace.ts'
import { address, blankAddress, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { link, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { run } from '../testing/throw-away-node.ts'
import { Connection, NETLINK_ROUTE, NLM_F_CREATE } from './connection.ts'
import { Notifications } from './notifications.ts'
import { Wakeup } from './wakeup.ts'

const RTNLGRP_LINK = 1
const RTNLGRP_IPV4_IFADDR = 5
const RTNLGRP_IPV4_ROUTE = 7

t.test(`what the kernel changed is there as soon as it is done, through ${backend()}`, needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  using heard = namespace.inside(() => Notifications.open(NETLINK_ROUTE, [RTNLGRP_LINK]))
  t.ok(
    heard.drain(() => t.fail('nothing has changed')),
    'nothing is heard, and nothing lost',
  )
  run('ip link set lo up', path)
  const names: unknown[] = []
  const isComplete = heard.drain(({ type, body }) => {
    if (type === RTM_NEWLINK) names.push(link.read(body).attributes.name)
  })
  t.ok(isComplete)
  t.match(names, ['lo'])
})

t.test('says that some was lost when more came than the socket holds', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  using heard = namespace.inside(() => Notifications.open(NETLINK_ROUTE, [RTNLGRP_IPV4_ROUTE]))
  run('ip link set lo up', path)
  const routes = Array.from(
    { length: 30_000 },
    (_, i) => `route add 10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32 dev lo`,
  )
  run(`ip -batch ${t.testdir({ batch: routes.join('\n') })}/batch`, path)
  t.notOk(heard.drain(() => {}))
  t.ok(
    heard.drain(() => {}),
    'once',
  )
})

t.test('wakes the event loop: at once, then once for all that comes within the pause', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  let wakes = 0
  const first = Promise.withResolvers<void>()
  const wakeup = namespace.inside(
    () =>
      new Wakeup(NETLINK_ROUTE, [RTNLGRP_LINK], 300, () => {
        wakes++
        first.resolve()
      }),
  )
  t.teardown(() => wakeup[Symbol.dispose]())
  await sleep(50)
  t.equal(wakes, 0)
  run('ip link set lo up', path)
  await first.promise
  for (let i = 0; i < 5; i++) {
    run('ip link set lo down', path)
    run('ip link set lo up', path)
  }
  await sleep(600)
  t.equal(wakes, 2)
})

t.test('gives its thread back as soon as it is disposed of', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  const ended = () => t.fail('woken after its end')
  // As many as libuv's pool has threads.
  const wakeups = Array.from({ length: 4 }, () =>
    namespace.inside(() => new Wakeup(NETLINK_ROUTE, [RTNLGRP_LINK], 1, ended)),
  )
  await sleep(20)
  const start = performance.now()
  for (const wakeup of wakeups) wakeup[Symbol.dispose]()
  await stat('/')
  // Left alone, they would end after two seconds.
  t.ok(performance.now() - start < 1800)
  run('ip link set lo up', path)
  await sleep(20)
})

t.test('hears nothing of what one port changes, and all of what others do', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  using own = namespace.inside(() => Connection.open())
  using heard = namespace.inside(() => Notifications.open(NETLINK_ROUTE, [RTNLGRP_IPV4_IFADDR], own.port))
  const found: (string | undefined)[] = []
  const drain = () => heard.drain(({ body }) => void found.push(address.read(body).attributes.local))
  const value = { ...blankAddress, family: 2, prefixLength: 32, index: 1, attributes: { local: '192.0.2.1' } }
  own.request('add an address', RTM_NEWADDR, NLM_F_CREATE, address, value)
  t.ok(drain())
  t.strictSame(found, [])
  run('ip address add 192.0.2.2/32 dev lo', path)
  t.ok(drain())
  t.strictSame(found, ['192.0.2.2'])
  t.match(run('ip address show dev lo', path), /192.0.2.1/)
})
