import t from 'tap'
import { Namespace } from '../netns/namespace.ts'
import { blankLink, link, RTM_GETLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import type { Request } from './batch.ts'
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_EXCL } from './connection.ts'

const makeLink = (name: string, kind: string): Request => ({
  operation: `add ${name}`,
  type: RTM_NEWLINK,
  flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK,
  codec: link,
  value: { ...blankLink, attributes: { name, info: { kind } } },
})
const everyLink = { ...blankLink, attributes: {} }

t.test(`several requests in one datagram through ${backend()}`, needsRoot, async t => {
  using namespace = Namespace.open(throwAwayNamespace(t))
  using connection = namespace.connect()

  await t.test('are all made, and answered', async t => {
    t.same(connection.batch([makeLink('a0', 'veth'), makeLink('b0', 'veth')]), [])
    const names = connection.dump('list links', RTM_GETLINK, link, everyLink).map(found => found.attributes.name)
    t.ok(names.includes('a0') && names.includes('b0'))
  })

  await t.test('those that are refused are named, in their order', async t => {
    const requests = [makeLink('a0', 'veth'), makeLink('c0', 'veth'), makeLink('d0', 'nosuchkind')]
    const refusals = connection.batch(requests)
    t.match(refusals, [
      { index: 0, error: { code: 'EEXIST', operation: 'add a0' } },
      { index: 2, error: { message: 'add d0: ENOTSUP, Unknown device type' } },
    ])
  })

  await t.test('do not disturb what is asked next', async t => {
    const [first] = connection.dump('list links', RTM_GETLINK, link, everyLink)
    t.equal(first?.attributes.name, 'lo')
  })

  await t.test('more bytes than the socket holds at first', async t => {
    const requests = Array.from({ length: 8000 }, () => makeLink('lo', 'veth'))
    const refusals = connection.batch(requests)
    t.ok(refusals.length > 0, 'of thousands of refusals the first arrive')
    t.ok(refusals.every(({ error }) => error.code === 'EEXIST'))
    t.equal(refusals[0]?.index, 0)
  })

  await t.test('a kernel that says nothing is an error', async t => {
    const NLMSG_NOOP = 1
    const silent = { ...makeLink('x0', 'veth'), type: NLMSG_NOOP, flags: 0 }
    t.throws(() => connection.batch([silent]), { code: 'ETIMEDOUT', message: /add x0: .*the kernel did not answer/ })
  })
})
