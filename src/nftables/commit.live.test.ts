import t from 'tap'
import { backend } from '../sys/libc.ts'
import { listed, needsNft } from '../testing/nft.ts'
import { throwAwayNetfilter } from '../testing/throw-away-netfilter.ts'
import type { Change } from './change.ts'
import { commit } from './commit.ts'
import { is } from './condition.ts'
import { findElement } from './find-element.ts'
import { generation } from './generation.ts'
import { readElements } from './read-elements.ts'
import type { Rule } from './rule.ts'
import { readTable } from './ruleset.ts'
import { verdict } from './statement.ts'

const within = { family: 'inet', table: 'podwire' } as const
const table = { kind: 'table', family: 'inet', name: 'podwire' } as const
const chain = { kind: 'chain', ...within, name: 'here' } as const
const pods = { kind: 'set', ...within, name: 'pods', key: ['ipv4_addr'] } as const
const ports = {
  kind: 'set',
  ...within,
  name: 'ports',
  key: ['inet_proto', 'inet_service'],
  value: ['ipv4_addr'],
} as const
const rule = (mark: number): Rule => ({
  kind: 'rule',
  ...within,
  chain: 'here',
  expressions: [is('meta mark', mark), verdict('drop')].flat(),
})
const elements = (...addresses: string[]) =>
  ({ kind: 'elements', set: pods, elements: addresses.map(address => ({ key: [address] })) }) as const
const setUp: Change[] = [
  ['add', table],
  ['add', chain],
  ['add', pods],
  ['add', ports],
]

t.test(`a transaction through ${backend()}`, needsNft, async t => {
  const { path, connection } = throwAwayNetfilter(t)
  const addresses = () =>
    readElements(connection, pods)
      .elements.map(({ key: [address] }) => address)
      .toSorted()
  const marks = () =>
    readTable(connection, within).rules.map(({ expressions: [, cmp] }) => {
      const value = cmp?.name === 'cmp' && !(cmp.data instanceof Uint8Array) && 'data' in (cmp.data ?? {}) && cmp.data
      return value && 'data' in value ? value.data?.value?.[0] : undefined
    })

  await t.test('of nothing is nothing', async t => {
    const before = generation(connection)
    commit(connection, [])
    t.equal(generation(connection), before)
  })

  await t.test('is made as a whole', async t => {
    commit(connection, [...setUp, ['add', elements('10.0.0.1', '10.0.0.2')], ['add', rule(1)]])
    t.same(addresses(), ['10.0.0.1', '10.0.0.2'])
    commit(connection, [...setUp, ['add', elements('10.0.0.1')]])
    t.same(addresses(), ['10.0.0.1', '10.0.0.2'], 'what is there already may be added')
  })

  await t.test('that fails changes nothing, and names the change that failed', async t => {
    const before = listed(path)
    const wrong: [Change, { code: string; operation?: string; message?: RegExp }][] = [
      [['create', table], { code: 'EEXIST', operation: 'create table inet podwire' }],
      [['create', elements('10.0.0.2')], { code: 'EEXIST', operation: 'create elements of inet podwire pods' }],
      [['delete', elements('10.0.0.7')], { code: 'ENOENT', operation: 'delete elements of inet podwire pods' }],
      [['delete', { ...chain, name: 'there' }], { code: 'ENOENT', operation: 'delete chain inet podwire there' }],
      [['delete', { ...rule(1), handle: 999 }], { code: 'ENOENT', operation: 'delete rule of inet podwire here' }],
      [
        ['add', { ...rule(1), chain: 'there' }],
        { code: 'ENOENT', message: /^add rule of inet podwire there: ENOENT, no such file/ },
      ],
    ]
    for (const [change, error] of wrong) {
      t.throws(() => commit(connection, [['add', elements('10.0.0.9')], change, ['add', rule(2)]]), error)
      t.equal(listed(path), before)
    }
  })

  await t.test('deletes, flushes and replaces', async t => {
    commit(connection, [
      ['delete', elements('10.0.0.1')],
      ['add', rule(3)],
      ['insert', rule(2)],
    ])
    t.same(addresses(), ['10.0.0.2'])
    t.same(marks(), [2, 1, 3])
    const [first, second, third] = readTable(connection, within).rules as [Rule, Rule, Rule]
    const { handle = 0 } = third
    commit(connection, [
      ['replace', { ...rule(4), handle: first.handle ?? 0 }],
      ['delete', second],
      ['insert', { ...rule(5), position: handle }],
      ['add', { ...rule(6), position: handle }],
    ])
    t.same(marks(), [4, 5, 3, 6])
    commit(connection, [
      ['flush', chain],
      ['flush', pods],
    ])
    t.same([marks(), addresses()], [[], []])
    commit(connection, [
      ['add', rule(1)],
      ['flush', table],
    ])
    t.same(marks(), [])
  })

  for (const hasDestroy of [true, false]) {
    await t.test(`destroys what may be missing, ${hasDestroy ? 'and' : 'where the kernel'} cannot tell`, async t => {
      commit(connection, [...setUp, ['add', elements('10.0.0.1', '10.0.0.3')]])
      const options = { hasDestroy }
      commit(connection, [['destroy', elements('10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4')]], options)
      t.same(addresses(), [])
      commit(
        connection,
        [
          ['destroy', { ...chain, name: 'none' }],
          ['destroy', { ...pods, table: 'none' }],
          ['destroy', { ...table, name: 'none' }],
          ['add', elements('10.0.0.5')],
        ],
        options,
      )
      t.same(addresses(), ['10.0.0.5'], 'the rest is done')
      t.throws(
        () =>
          commit(
            connection,
            [
              ['destroy', elements('10.0.0.5')],
              ['create', table],
            ],
            options,
          ),
        { code: 'EEXIST' },
      )
      t.same(addresses(), ['10.0.0.5'], 'and nothing where something else fails')
      commit(connection, [['destroy', table]], options)
      commit(connection, [['destroy', table]], options)
      t.equal(listed(path), '')
    })
  }

  await t.test('takes five thousand elements at once, and deletes them at once', async t => {
    const many = Array.from({ length: 5000 }, (_, i) => `10.${i >> 8}.${i & 255}.1`)
    commit(connection, [...setUp, ['add', elements(...many)]])
    t.same(addresses(), many.toSorted())
    commit(connection, [['delete', elements(...many)]])
    t.same(addresses(), [])
    commit(connection, [['add', elements(...many.slice(0, 4990))]])
    commit(connection, [['destroy', elements(...many)]], { hasDestroy: false })
    t.same(addresses(), [], 'some of them missing')
    t.throws(
      () =>
        commit(connection, [
          ['add', elements(...many)],
          ['delete', elements('10.255.0.1')],
        ]),
      { code: 'ENOENT' },
    )
    t.same(addresses(), [], 'none of them where one change fails')
  })

  await t.test('one element is found among many', async t => {
    const elements = Array.from({ length: 1000 }, (_, i) => ({
      key: ['tcp', i],
      value: [`10.0.1.${i & 255}`],
      comment: `${i}`,
    }))
    commit(connection, [...setUp, ['add', { kind: 'elements', set: ports, elements }]])
    t.same(findElement(connection, ports, ['tcp', 700]), elements[700])
    t.equal(findElement(connection, ports, ['udp', 700]), undefined)
    t.equal(findElement(connection, { ...ports, table: 'none' }, ['tcp', 700]), undefined)
    t.throws(() => findElement(connection, { ...ports, isInterval: true }, ['tcp', 700]), TypeError)
  })

  await t.test('intervals may touch, and must not overlap', async t => {
    const except = { kind: 'set', ...within, name: 'except', key: ['ipv4_addr'], isInterval: true } as const
    const intervals = (...keys: string[]) =>
      ({ kind: 'elements', set: except, elements: keys.map(key => ({ key: [key] })) }) as const
    const found = () => readElements(connection, except).elements.map(({ key: [text] }) => text)
    commit(connection, [...setUp, ['add', except], ['add', intervals('10.0.0.0/9')]])
    const more = intervals('10.0.0.0/9', '10.128.0.0/9', '9.0.0.0/8', '240.0.0.0/4', '224.0.0.0/4', '0.0.0.0/8')
    commit(connection, [['add', more]])
    t.same(found(), ['0.0.0.0/8', '9.0.0.0/8', '10.0.0.0/9', '10.128.0.0/9', '224.0.0.0/4', '240.0.0.0/4'])
    commit(connection, [['delete', intervals('10.0.0.0/9', '240.0.0.0/4')]])
    for (const overlap of ['10.129.0.0/16', '8.0.0.0/5', '9.255.255.255'])
      t.throws(() => commit(connection, [['add', intervals(overlap)]]), { code: 'EEXIST' }, overlap)
    t.same(found(), ['0.0.0.0/8', '9.0.0.0/8', '10.128.0.0/9', '224.0.0.0/4'])
  })

  await t.test('decided on an older ruleset is not made', async t => {
    const before = generation(connection)
    commit(connection, [['add', elements('10.0.0.1')]], { generation: before })
    t.throws(() => commit(connection, [['add', elements('10.0.0.2')]], { generation: before }), {
      name: 'NetlinkError',
      code: 'ERESTART',
      message: 'begin a transaction: ERESTART, what the request was based on has changed',
    })
    t.same(addresses(), ['10.0.0.1'])
  })
})
