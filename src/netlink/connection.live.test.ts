import t from 'tap'
import { Namespace } from '../netns/namespace.ts'
import { address, blankAddress, RTM_GETADDR, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { blankLink, link, RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { backend } from '../sys/libc.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import type { Reader } from './bytes.ts'
import type { Codec, ValueOf } from './codec.ts'
import { struct } from './codec.ts'
import { Connection, NETLINK_ROUTE, NLM_F_CREATE, NLM_F_EXCL } from './connection.ts'
import { body } from './message.ts'
import { u8, u32 } from './scalar.ts'

type Address = ValueOf<typeof address>

const CREATE = NLM_F_CREATE | NLM_F_EXCL
const everyAddress = { ...blankAddress, attributes: {} }
const left = { ...blankLink, attributes: { name: 'left0', info: { kind: 'veth' } } }

t.test(`a connection through ${backend()}`, needsRoot, async t => {
  using namespace = Namespace.open(throwAwayNamespace(t))
  const open = (options = {}): Connection => namespace.inside(() => Connection.open(NETLINK_ROUTE, options))
  using connection = open()

  const addAddress = (to: Connection, number: number): void => {
    const local = `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`
    const value = { ...blankAddress, family: 2, prefixLength: 32, index: 1, attributes: { local, address: local } }
    to.request(`add ${local}`, RTM_NEWADDR, CREATE, address, value)
  }

  await t.test('makes, finds and deletes a link', async t => {
    connection.request('add left0', RTM_NEWLINK, CREATE, link, left)
    const found = connection.get('look up left0', RTM_GETLINK, link, { ...blankLink, attributes: { name: 'left0' } })
    t.match(found.attributes, { name: 'left0', info: { kind: 'veth' } })
    connection.request('delete left0', RTM_DELLINK, 0, link, { ...blankLink, index: found.index, attributes: {} })
    t.throws(
      () => connection.get('look up left0', RTM_GETLINK, link, { ...blankLink, attributes: { name: 'left0' } }),
      { name: 'NetlinkError', operation: 'look up left0', code: 'ENODEV' },
    )
  })

  await t.test('a refusal carries its errno by name, and the words of the kernel', async t => {
    connection.request('add left0', RTM_NEWLINK, CREATE, link, left)
    t.throws(() => connection.request('add left0', RTM_NEWLINK, CREATE, link, left), {
      name: 'NetlinkError',
      code: 'EEXIST',
      message: 'add left0: EEXIST, file already exists',
    })
    const unknown = { ...blankLink, attributes: { name: 'x', info: { kind: 'nosuchkind' } } }
    t.throws(() => connection.request('add x', RTM_NEWLINK, CREATE, link, unknown), {
      message: 'add x: ENOTSUP, Unknown device type',
    })
  })

  await t.test('a refusal says where in the request the culprit stands', async t => {
    // An MTU takes four bytes.
    const short = body(struct({ family: u8, pad: u8, pad2: u8, pad3: u8, index: u32, flags: u32, change: u32 }), {
      mtu: [4, u8],
    })
    const value = { family: 0, pad: 0, pad2: 0, pad3: 0, index: 1, flags: 0, change: 0, attributes: { mtu: 1 } }
    t.throws(() => connection.request('set MTU', RTM_NEWLINK, 0, short, value), { code: 'ERANGE', offset: 32 })
  })

  await t.test('answers of any size arrive whole', async t => {
    using narrow = open({ bufferLength: 16 })
    const whole = connection.dump('list links', RTM_GETLINK, link, { ...blankLink, attributes: {} })
    const names = whole.map(found => found.attributes.name)
    const again = narrow.dump('list links', RTM_GETLINK, link, { ...blankLink, attributes: {} })
    t.same(
      again.map(found => found.attributes.name),
      names,
    )
    t.ok(names.includes('lo') && names.includes('left0'))
    using tight = open({ bufferLength: 16 })
    const change = () => tight.request('set lo', RTM_NEWLINK, 0, link, { ...blankLink, index: 1, attributes: {} })
    t.throws(change, { name: 'RangeError', message: /was cut/ }, 'an acknowledgement that was cut is an error')
  })

  await t.test('lists 2,000 addresses, many datagrams of them', async t => {
    for (let number = 1; number <= 2000; number++) addAddress(connection, number)
    const found = connection.dump('list addresses', RTM_GETADDR, address, everyAddress)
    t.equal(new Set(found.map(item => item.attributes.local)).size, 2000)
    t.equal(found.length, 2000)
  })

  await t.test('reads a table again when it changed under the reading, and gives up after ten times', async t => {
    using other = open()
    let next = 3000
    let reads = 0
    const meddlingBefore = (limit: number): Codec<Address> => ({
      write: (to, value, siblings) => address.write(to, value, siblings),
      read: (from: Reader, siblings) => {
        if (reads++ % 200 === 0 && reads < limit) addAddress(other, next++)
        return address.read(from, siblings)
      },
    })
    const found = connection.dump('list addresses', RTM_GETADDR, meddlingBefore(2), everyAddress)
    t.equal(found.length, 2001, 'the second reading is whole, and has the new one')
    t.ok(reads > 4000, `${reads} messages were read for it`)
    reads = 0
    t.throws(() => connection.dump('list addresses', RTM_GETADDR, meddlingBefore(Infinity), everyAddress), {
      name: 'NetlinkError',
      code: 'EINTR',
      message: /changed during each of 10 readings/,
    })
    t.equal(connection.dump('list addresses', RTM_GETADDR, address, everyAddress).length, next - 3000 + 2000)
  })

  await t.test('is not put off by an answer that was left unread', async t => {
    const broken: Codec<Address> = {
      write: (to, value, siblings) => address.write(to, value, siblings),
      read: () => {
        throw new RangeError('broken')
      },
    }
    using separate = open()
    t.throws(() => separate.dump('list', RTM_GETADDR, broken, everyAddress), { message: 'broken' })
    const found = separate.get('look up lo', RTM_GETLINK, link, { ...blankLink, attributes: { name: 'lo' } })
    t.equal(found.attributes.name, 'lo')
  })

  await t.test('a kernel that stays silent is an error, not a hang', async t => {
    using impatient = open({ timeoutSeconds: 0.2 })
    const NLMSG_NOOP = 1
    const before = Date.now()
    t.throws(() => impatient.dump('ask for nothing', NLMSG_NOOP, link, { ...blankLink, attributes: {} }), {
      name: 'NetlinkError',
      code: 'ETIMEDOUT',
      message: 'ask for nothing: ETIMEDOUT, the kernel did not answer',
    })
    t.ok(Date.now() - before < 2000)
  })

  await t.test('closes its socket', async t => {
    const closed = open()
    closed[Symbol.dispose]()
    t.throws(() => closed.dump('list links', RTM_GETLINK, link, { ...blankLink, attributes: {} }), { code: 'EBADF' })
  })
})
