import { closeSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type Address, formatAddress, parseAddress } from '../ip/address.ts'
import { flock, LOCK_EX } from '../sys/libc.ts'
import { readIndex } from './index-file.ts'
import { openLock } from './lock.ts'
import { openPool } from './open-pool.ts'
import type { Pool, PoolOptions } from './pool.ts'
import { rangeSets } from './range-set.ts'

const dual = rangeSets([[{ subnet: '10.1.0.0/29' }], [{ subnet: 'fd00::/125' }]])
const owner = (containerId: string) => ({ containerId, interfaceName: 'eth0' })
const text = (addresses: readonly Address[]) => addresses.map(formatAddress).join(' ')
const none = () => {}

function fixture(t: Test, options: Partial<PoolOptions> = {}) {
  const root = t.testdir()
  const directory = `${root}/data/pods`
  const pool = openPool({
    dataDir: `${root}/data`,
    network: 'pods',
    sets: dual,
    runDir: `${root}/run`,
    liveAddresses: () => new Set(),
    ...options,
  })
  const reservations = () => readdirSync(directory).filter(name => /^[\da-f]+[.:]/.test(name))
  return { root, directory, pool, reservations }
}

async function allocated(pool: Pool, containerId: string, ...requested: string[]): Promise<string> {
  const reservations = await pool.allocate(owner(containerId), requested.map(parseAddress), none)
  return text(reservations.map(({ address }) => address))
}

t.test('reserves one address of each set, in files that host-local reads', async t => {
  const { pool, directory, reservations } = fixture(t)
  const given = await pool.allocate(owner('abc'), [], none)
  t.strictSame(given, [
    { address: parseAddress('10.1.0.2'), subnet: dual[0]?.[0]?.subnet, gateway: parseAddress('10.1.0.1') },
    { address: parseAddress('fd00::2'), subnet: dual[1]?.[0]?.subnet, gateway: parseAddress('fd00::1') },
  ])
  t.strictSame(reservations().toSorted(), ['10.1.0.2', 'fd00::2'])
  for (const name of reservations()) {
    t.equal(readFileSync(`${directory}/${name}`, 'utf8'), 'abc\r\neth0')
    t.equal(statSync(`${directory}/${name}`).mode & 0o777, 0o600)
  }
  t.equal(readFileSync(`${directory}/last_reserved_ip.0`, 'utf8'), '10.1.0.2')
  t.equal(readFileSync(`${directory}/last_reserved_ip.1`, 'utf8'), 'fd00::2')
})

t.test('tells every address before any is taken', async t => {
  const { pool, reservations } = fixture(t)
  const told: string[] = []
  await pool.allocate(owner('abc'), [], addresses => {
    t.strictSame(reservations(), [])
    told.push(text(addresses))
  })
  t.strictSame(told, ['10.1.0.2 fd00::2'])
})

t.test('takes nothing where the intention cannot be kept', async t => {
  const { pool, reservations } = fixture(t)
  const fail = () => {
    throw new Error('no record')
  }
  await t.rejects(pool.allocate(owner('abc'), [], fail), { message: 'no record' })
  t.strictSame(reservations(), [])
})

t.test('goes round, and gives an address that was given back as the last', async t => {
  const { pool } = fixture(t)
  for (const i of [2, 3, 4]) t.equal(await allocated(pool, `c${i}`), `10.1.0.${i} fd00::${i}`)
  await pool.release(owner('c2'), [parseAddress('10.1.0.2'), parseAddress('fd00::2')])
  t.equal(await allocated(pool, 'c5'), '10.1.0.5 fd00::5')
  t.equal(await allocated(pool, 'c6'), '10.1.0.6 fd00::6')
  t.equal(await allocated(pool, 'c7'), '10.1.0.2 fd00::7')
})

t.test('passes over what another program took, before and meanwhile', async t => {
  const { pool, directory } = fixture(t)
  t.equal(await allocated(pool, 'a'), '10.1.0.2 fd00::2')
  writeFileSync(`${directory}/10.1.0.3`, 'other\r\neth0')
  let isFirst = true
  const told: string[] = []
  const given = await pool.allocate(owner('b'), [], addresses => {
    told.push(text(addresses))
    // Nobody who keeps to the lock can do this.
    if (isFirst) writeFileSync(`${directory}/fd00::3`, 'other\r\neth0')
    isFirst = false
  })
  t.equal(text(given.map(({ address }) => address)), '10.1.0.4 fd00::4')
  t.strictSame(told, ['10.1.0.4 fd00::3', '10.1.0.4 fd00::4'])
})

t.test('takes none where one set is exhausted, and says how full it is', async t => {
  const { pool, reservations } = fixture(t)
  for (const i of [2, 3, 4, 5, 6]) await allocated(pool, `c${i}`)
  await t.rejects(allocated(pool, 'late'), {
    code: 'RANGE_EXHAUSTED',
    message:
      /^failed to allocate for range 0: no IP addresses available in range set: 10.1.0.1-10.1.0.6 \(5 used, 0 free\)/,
  })
  t.equal(reservations().length, 10)
  t.match(await pool.usage(), [
    { size: 5n, used: 5, free: 0n },
    { size: 6n, used: 5, free: 1n },
  ])
})

t.test('sees that a person removed a reservation before it says that there is none', async t => {
  const { pool, directory } = fixture(t)
  for (const i of [2, 3, 4, 5, 6]) await allocated(pool, `c${i}`)
  unlinkSync(`${directory}/10.1.0.4`)
  t.equal(await allocated(pool, 'late'), '10.1.0.4 fd00::7')
})

t.test('a requested address', async t => {
  const { pool, directory, reservations } = fixture(t)
  await t.test('is given, and the round goes on from it', async t => {
    t.equal(await allocated(pool, 'a', 'fd00::5'), '10.1.0.2 fd00::5')
    t.equal(await allocated(pool, 'b'), '10.1.0.3 fd00::6')
  })
  await t.test('that another has is refused, and whoever asked for it loses nothing', async t => {
    const before = reservations()
    await t.rejects(allocated(pool, 'b', '10.1.0.2'), {
      code: 'ADDRESS_TAKEN',
      message: /requested IP address 10.1.0.2 is not available in range set 10.1.0.1-10.1.0.6: a eth0 has it/,
    })
    t.strictSame(reservations(), before)
  })
  await t.test('that the asker has is a duplicate', async t => {
    await t.rejects(allocated(pool, 'a', '10.1.0.2'), {
      code: 'ADDRESS_TAKEN',
      message: /10.1.0.2 has been allocated to a, duplicate allocation is not allowed/,
    })
  })
  await t.test('whose file names nobody is taken too', async t => {
    writeFileSync(`${directory}/10.1.0.6`, '')
    await t.rejects(allocated(pool, 'c', '10.1.0.6'), { code: 'ADDRESS_TAKEN', message: /: it is reserved/ })
  })
})

t.test('a second address of the same set is refused where the record tells of the first', async t => {
  const { pool } = fixture(t)
  await allocated(pool, 'a')
  const again = (held: string[]) => pool.allocate(owner('a'), [], none, held.map(parseAddress))
  await t.rejects(again(['10.1.0.2']), { message: /10.1.0.2 has been allocated to a, duplicate/ })
  t.equal((await again(['10.9.0.1', '10.1.0.5'])).length, 2, 'but not where the record is out of date')
})

t.test('gives back what is the owner’s, and only that', async t => {
  const { pool, directory, reservations } = fixture(t)
  await allocated(pool, 'a')
  await allocated(pool, 'b')
  writeFileSync(`${directory}/10.1.0.5`, 'a') // by an old host-local
  writeFileSync(`${directory}/10.1.0.6`, '') // by one that was killed
  const all = ['10.1.0.2', '10.1.0.3', '10.1.0.5', '10.1.0.6', 'fd00::2', 'fd00::3']
  await pool.release(owner('a'), all.map(parseAddress))
  t.strictSame(reservations().toSorted(), ['10.1.0.3', 'fd00::3'])
  await pool.release(owner('a'), all.map(parseAddress))
  t.strictSame(reservations().toSorted(), ['10.1.0.3', 'fd00::3'], 'again is no failure')
})

t.test('finds all of an owner without a record', async t => {
  const { pool, directory, reservations } = fixture(t)
  await allocated(pool, 'a')
  await allocated(pool, 'b')
  writeFileSync(`${directory}/10.1.0.5`, 'a')
  t.strictSame((await pool.releaseAll(owner('a'))).map(formatAddress).toSorted(), ['10.1.0.2', 'fd00::2'])
  t.ok(
    reservations().includes('10.1.0.5'),
    'what names the container alone stays while there are others, as in host-local',
  )
  t.strictSame((await pool.releaseAll(owner('a'))).map(formatAddress), ['10.1.0.5'])
  t.strictSame(await pool.releaseAll(owner('a')), [])
  t.equal(reservations().length, 2)
})

t.test('a container id that looks like an address loses nothing', async t => {
  const { pool, directory, reservations } = fixture(t)
  const id = '10.1.0.2'
  t.equal(await allocated(pool, id), '10.1.0.2 fd00::2')
  await pool.releaseAll(owner(id))
  t.strictSame(reservations(), [])
  t.equal(readFileSync(`${directory}/last_reserved_ip.0`, 'utf8'), id)
  t.notOk(pool.holds(owner(id)))
})

t.test('knows who holds what', async t => {
  const { pool, directory } = fixture(t)
  t.notOk(pool.holds(owner('a')), 'nobody, before there is a directory')
  await allocated(pool, 'a')
  t.ok(pool.holds(owner('a')))
  t.ok(pool.holds(owner('a'), parseAddress('fd00::2')))
  t.notOk(pool.holds(owner('a'), parseAddress('fd00::3')))
  t.notOk(pool.holds(owner('b'), parseAddress('fd00::2')))
  t.notOk(pool.holds({ containerId: 'a', interfaceName: 'net1' }))
  writeFileSync(`${directory}/10.1.0.5`, 'old')
  t.ok(pool.holds(owner('old'), parseAddress('10.1.0.5')))
})

t.test('collects what belongs to nobody who is there', async t => {
  const { pool, directory, reservations } = fixture(t)
  for (const id of ['live', 'stale', 'kept', 'broken']) await allocated(pool, id)
  writeFileSync(`${directory}/10.1.0.6`, '')
  writeFileSync(`${directory}/fd00::6`, 'live')
  writeFileSync(`${directory}/fd00::7`, 'gone')
  const asked: string[] = []
  const collecting = pool.collect(new Set(['live eth0', 'other net1']), ({ owner, addresses }) => {
    asked.push(`${owner?.containerId} ${text(addresses)}`)
    if (owner?.containerId === 'broken') throw new Error('its link stays')
    return owner?.containerId !== 'kept'
  })
  await t.rejects(collecting, { code: 'LEFT_BEHIND', message: /^1 of the stale.*: its link stays/ })
  t.strictSame(asked.toSorted(), [
    'broken 10.1.0.5 fd00::5',
    'gone fd00::7',
    'kept 10.1.0.4 fd00::4',
    'stale 10.1.0.3 fd00::3',
    'undefined 10.1.0.6',
  ])
  t.strictSame(reservations().toSorted(), [
    '10.1.0.2',
    '10.1.0.4',
    '10.1.0.5',
    'fd00::2',
    'fd00::4',
    'fd00::5',
    'fd00::6',
  ])
  t.match(await pool.collect(new Set(['live eth0', 'kept eth0']), () => true), [
    { owner: owner('broken'), addresses: [parseAddress('10.1.0.5'), parseAddress('fd00::5')] },
  ])
  t.equal(reservations().length, 5)
})

t.test('does not free an address that found another owner while it was asked', async t => {
  const { pool, directory, reservations } = fixture(t)
  await allocated(pool, 'stale')
  const released = await pool.collect(new Set(), () => {
    unlinkSync(`${directory}/10.1.0.2`)
    writeFileSync(`${directory}/10.1.0.2`, 'new\r\neth0')
    return true
  })
  t.strictSame(released.flatMap(({ addresses }) => addresses).map(formatAddress), ['fd00::2'])
  t.strictSame(reservations(), ['10.1.0.2'])
})

t.test('what was never there is no failure', async t => {
  const { pool, root } = fixture(t)
  await pool.release(owner('a'), [parseAddress('10.1.0.2')])
  t.strictSame(await pool.releaseAll(owner('a')), [])
  t.strictSame(await pool.collect(new Set(), () => true), [])
  t.strictSame(readdirSync(root), [], 'and nothing is made for it')
})

t.test('works without the network’s ranges, except for giving addresses', async t => {
  const { pool, root, reservations } = fixture(t)
  await allocated(pool, 'a')
  await allocated(pool, 'b')
  const unconfigured = openPool({
    dataDir: `${root}/data`,
    network: 'pods',
    sets: [],
    runDir: `${root}/run`,
    liveAddresses: () => new Set(),
  })
  await unconfigured.release(owner('a'), [parseAddress('10.1.0.2'), parseAddress('fd00::2')])
  t.strictSame(reservations().toSorted(), ['10.1.0.3', 'fd00::3'])
  t.match(await pool.usage(), [{ used: 1 }, { used: 1 }])
})

t.test('other ranges in the same directory get an account of their own', async t => {
  const { pool, root } = fixture(t)
  await allocated(pool, 'a')
  const sets = rangeSets([[{ subnet: '10.1.0.0/24', rangeStart: '10.1.0.2', rangeEnd: '10.1.0.9' }]])
  const other = openPool({
    dataDir: `${root}/data`,
    network: 'pods',
    sets,
    runDir: `${root}/run`,
    liveAddresses: () => new Set(),
  })
  t.match(await other.usage(), [{ size: 8n, used: 1, free: 7n }])
  t.equal(await allocated(other, 'b'), '10.1.0.3')
  t.match(await pool.usage(), [{ used: 2 }, { used: 1 }])
})

t.test('a directory that cannot be is a problem that names it', async t => {
  const { pool, root } = fixture(t)
  writeFileSync(`${root}/data`, 'a file')
  const problem = {
    code: 'INPUT_OUTPUT',
    message: /^the reservations in .*\/data\/pods cannot be kept: ENOTDIR.*; something else stands/,
  }
  await t.rejects(allocated(pool, 'a'), problem)
  await t.rejects(pool.usage(), { ...problem, code: 'NOT_AVAILABLE' })
  await pool.release(owner('a'), [parseAddress('10.1.0.2')])
  t.strictSame(await pool.releaseAll(owner('a')), [])
  rmSync(`${root}/data`)
  mkdirSync(`${root}/data/pods/lock`, { recursive: true })
  await t.rejects(allocated(pool, 'a'), { code: 'INPUT_OUTPUT', message: /EISDIR/ })
})

t.test('after a reboot', async t => {
  const reboot = (root: string) => rmSync(`${root}/run`, { recursive: true })
  const full = async (t: Test, options: Partial<PoolOptions> = {}) => {
    const parts = fixture(t, options)
    for (const i of [2, 3, 4, 5, 6]) await allocated(parts.pool, `c${i}`)
    reboot(parts.root)
    return parts
  }
  await t.test('what no pod has any more is free', async t => {
    const { pool, reservations } = await full(t, { liveAddresses: () => new Set(['10.1.0.4']) })
    t.match(await pool.usage(), [
      { used: 1, free: 4n },
      { used: 0, free: 6n },
    ])
    t.equal(await allocated(pool, 'new'), '10.1.0.2 fd00::7')
    t.strictSame(reservations().toSorted(), ['10.1.0.2', '10.1.0.4', 'fd00::7'])
  })
  await t.test('a DEL of an earlier pod frees the others too', async t => {
    const { pool, reservations } = await full(t)
    await pool.release(owner('c2'), [parseAddress('10.1.0.2'), parseAddress('fd00::2')])
    t.strictSame(reservations(), [])
  })
  await t.test('nothing is given, and nothing freed but one’s own, while the kernel cannot be asked', async t => {
    const liveAddresses = () => {
      throw new Error('no kernel')
    }
    const { pool, reservations } = await full(t, { liveAddresses })
    await t.rejects(allocated(pool, 'new'), { message: 'no kernel' })
    await pool.release(owner('c2'), [parseAddress('10.1.0.2'), parseAddress('fd00::2')])
    t.equal(reservations().length, 8)
  })
})

t.test('while another holds the lock', async t => {
  const { pool, directory } = fixture(t, { lockTimeoutMs: 50 })
  await allocated(pool, 'a')
  const fd = openLock(`${directory}/lock`)
  flock(fd, LOCK_EX)
  t.teardown(() => closeSync(fd))
  await t.rejects(allocated(pool, 'b'), { code: 'LOCK_HELD' })
  await t.rejects(pool.release(owner('a'), [parseAddress('10.1.0.2')]), { code: 'LOCK_HELD' })
  t.match(await pool.usage(), [{ used: 1 }, { used: 1 }], 'STATUS answers at once')
  await pool.release(owner('b'), [parseAddress('10.1.0.3')])
  t.ok(pool.holds(owner('a')), 'so do CHECK, and a DEL of what is not there')
})

t.test('our own changes leave the index in agreement, so that nothing has to be read anew', async t => {
  const { pool, directory } = fixture(t)
  const used = () => readIndex(directory)?.tracks.map(({ used }) => used)
  await allocated(pool, 'a')
  t.strictSame(used(), [1, 1])
  await allocated(pool, 'b', '10.1.0.6')
  t.strictSame(used(), [2, 2])
  await pool.release(owner('a'), [parseAddress('10.1.0.2')])
  t.strictSame(used(), [1, 2])
  await pool.releaseAll(owner('b'))
  t.strictSame(used(), [0, 1])
  await pool.collect(new Set(), () => true)
  t.strictSame(used(), [0, 0])
})
