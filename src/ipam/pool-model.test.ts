// Random histories of a pool, our own and other programs' doings mixed, against a model that knows nothing of files; and against the reference.
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { type Address, formatAddress, isSame, parseAddress } from '../ip/address.ts'
import { contains } from '../ip/range.ts'
import { hasCode } from '../problem.ts'
import { hostLocal, skipWithoutHostLocal } from '../testing/host-local.ts'
import { readIndex } from './index-file.ts'
import { Occupancy } from './occupancy.ts'
import { openPool } from './open-pool.ts'
import type { Pool } from './pool.ts'
import { type RangeSet, rangeSets } from './range-set.ts'

const ranges = [
  [{ subnet: '10.1.0.0/29' }, { subnet: '10.2.0.0/28', rangeStart: '10.2.0.9', gateway: '10.2.0.10' }],
  [{ subnet: 'fd00::/125', rangeStart: 'fd00::3' }],
]
const sets = rangeSets(ranges)
const every = sets.flat().flatMap(({ start, end }) => upTo(start, end))

/** The reservations by address, and the last one of each set. */
interface Model {
  readonly files: Map<string, string>
  readonly last: (Address | undefined)[]
}

type Step = { readonly name: string; readonly id: string; readonly address: Address; readonly another: Address }

const step: fc.Arbitrary<Step> = fc.record({
  name: fc.constantFrom(
    ...['allocate', 'allocate', 'allocate', 'request', 'release', 'releaseAll', 'collect'],
    ...['foreign add', 'foreign remove', 'foreign damage', 'index lost', 'usage'],
  ),
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  address: fc.constantFrom(...every),
  another: fc.constantFrom(...every),
})

t.test('a pool does what its model does', async t => {
  const root = t.testdir({})
  let steps = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), async history => {
      rmSync(root, { recursive: true })
      const directory = `${root}/data/pods`
      const pool = openPool({
        dataDir: `${root}/data`,
        network: 'pods',
        sets,
        runDir: `${root}/run`,
        liveAddresses: () => new Set(),
      })
      const model: Model = { files: new Map(), last: [] }
      await pool.usage()
      for (const step of history) {
        const outcome = await taken(pool, directory, step).catch(failed)
        const expected = expectedOf(model, step)
        if (outcome !== expected) throw new Error(`${step.name}: ${outcome}, and the model: ${expected}`)
        agree(directory, model)
        steps++
      }
    }),
    { numRuns: 150 },
  )
  t.ok(steps > 1000, `in ${steps} steps`)
})

async function taken(pool: Pool, directory: string, { name, id, address, another }: Step): Promise<string> {
  const owner = { containerId: id, interfaceName: 'eth0' }
  const file = `${directory}/${formatAddress(address)}`
  if (name === 'allocate' || name === 'request') {
    const given = await pool.allocate(owner, name === 'request' ? [address] : [], () => {})
    return given.map(({ address }) => formatAddress(address)).join(' ')
  }
  if (name === 'release') await pool.release(owner, [address, another])
  if (name === 'releaseAll') return (await pool.releaseAll(owner)).map(formatAddress).toSorted().join(' ')
  if (name === 'collect') {
    const released = await pool.collect(new Set([`${id} eth0`]), () => true)
    return released
      .flatMap(({ addresses }) => addresses.map(formatAddress))
      .toSorted()
      .join(' ')
  }
  if (name === 'foreign add') addOnce(file, `${id}\r\neth0`)
  if (name === 'foreign remove') rmSync(file, { force: true })
  if (name === 'foreign damage') addOnce(file, '')
  if (name === 'index lost') rmSync(`${directory}/.podwire-index`, { force: true })
  if (name === 'usage') return (await pool.usage()).map(({ used, free }) => `${used}/${free}`).join(' ')
  return ''
}

function expectedOf({ files, last }: Model, { name, id, address, another }: Step): string {
  const content = `${id}\r\neth0`
  const where = formatAddress(address)
  const names = [...files.keys()]
  const remove = (gone: string[]): string => {
    for (const name of gone) files.delete(name)
    return gone.toSorted().join(' ')
  }
  if (name === 'allocate' || name === 'request') {
    const chosen = sets.map((set, i) => {
      const isRequested = name === 'request' && set.some(range => contains(range, address))
      return isRequested ? address : nextFree(set, last[i], files)
    })
    if (name === 'request' && isGateway(address)) return 'CONFIG_INVALID'
    if (chosen.includes(undefined)) return 'RANGE_EXHAUSTED'
    if (name === 'request' && files.has(where)) return 'ADDRESS_TAKEN'
    for (const [i, address] of chosen.entries())
      if (address) [last[i]] = [address, files.set(formatAddress(address), content)]
    return chosen.map(address => address && formatAddress(address)).join(' ')
  }
  if (name === 'release') {
    const mine = [where, formatAddress(another)].filter(name => files.get(name) === content || files.get(name) === '')
    remove(mine)
  }
  if (name === 'releaseAll') return remove(names.filter(name => files.get(name) === content))
  if (name === 'collect') return remove(names.filter(name => files.get(name) !== content))
  if (name === 'foreign add' && !files.has(where)) files.set(where, content)
  if (name === 'foreign damage' && !files.has(where)) files.set(where, '')
  if (name === 'foreign remove') files.delete(where)
  if (name === 'usage') return sets.map(set => usageText(set, files)).join(' ')
  return ''
}

/** host-local's iterator, written as a list: from the one after the last, once round. */
function nextFree(set: RangeSet, last: Address | undefined, files: ReadonlyMap<string, string>): Address | undefined {
  const all = set.flatMap(({ start, end }) => upTo(start, end))
  const from = last === undefined ? 0 : all.findIndex(address => isSame(address, last)) + 1
  return [...all.slice(from), ...all.slice(0, from)].find(
    address => !isGateway(address) && !files.has(formatAddress(address)),
  )
}

function isGateway(address: Address): boolean {
  return sets.flat().some(range => contains(range, address) && isSame(range.gateway, address))
}

function usageText(set: RangeSet, files: ReadonlyMap<string, string>): string {
  const all = set.flatMap(({ start, end }) => upTo(start, end))
  const used = all.filter(address => files.has(formatAddress(address))).length
  return `${used}/${Math.max(0, all.filter(address => !isGateway(address)).length - used)}`
}

/** The files are the model's; the index is right, or says nothing. */
function agree(directory: string, { files }: Model): void {
  const names = readdirSync(directory).filter(name => /^[\da-f]+[.:]/.test(name))
  const found = names.map(name => [name, readFileSync(`${directory}/${name}`, 'utf8')])
  const text = (entries: unknown[]): string => JSON.stringify(entries.toSorted())
  if (text(found) !== text([...files])) throw new Error(`${text(found)}, and the model: ${text([...files])}`)
  const index = readIndex(directory)
  const right = Occupancy.of(sets.flat(), names.map(parseAddress))
  if (index !== undefined && plain(index) !== plain(right))
    throw new Error(`the index: ${plain(index)}, not ${plain(right)}`)
}

const plain = ({ tracks }: Occupancy): string =>
  tracks.map(({ used, bits }) => `${used} ${Buffer.from(bits).toString('hex')}`).join()

function upTo(start: Address, end: Address): Address[] {
  const length = Number(end.value - start.value) + 1
  return Array.from({ length }, (_, i) => ({ family: start.family, value: start.value + BigInt(i) }))
}

function addOnce(file: string, content: string): void {
  try {
    writeFileSync(file, content, { flag: 'wx' })
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

function failed(error: unknown): string {
  if (error instanceof Error && 'code' in error) return String(error.code)
  throw error
}

t.test('a pool gives the addresses that the reference gives', { skip: skipWithoutHostLocal }, async t => {
  const root = t.testdir({})
  const pool = openPool({
    dataDir: `${root}/ours`,
    network: 'pods',
    sets,
    runDir: `${root}/run`,
    liveAddresses: () => new Set(),
  })
  const seed = Date.now() % 2 ** 31
  t.comment(`seed ${seed}`)
  const history = fc.sample(
    fc.record({ isAdd: fc.boolean(), n: fc.nat(6), request: fc.option(fc.constantFrom(...every), { freq: 4 }) }),
    { numRuns: 300, seed },
  )
  const held = new Map<string, readonly Address[]>()
  let given = 0
  for (const { isAdd, n, request } of history) {
    const containerId = `c${n}`
    const owner = { containerId, interfaceName: 'eth0' }
    const call = { containerId, dataDir: `${root}/theirs`, network: 'pods', ranges }
    if (!isAdd) {
      await pool.release(owner, held.get(containerId) ?? [])
      await hostLocal({ ...call, command: 'DEL' })
      held.delete(containerId)
      continue
    }
    if (held.has(containerId)) continue
    const theirs = await hostLocal({ ...call, command: 'ADD', ...(request && { requested: formatAddress(request) }) })
    const ours = await pool.allocate(owner, request ? [request] : [], () => {}).catch((error: Error) => error)
    if (ours instanceof Error) {
      t.ok(theirs.msg, `${theirs.msg} · ${ours.message}`)
      // A failure in the second set costs the reference its place in the first; ours keeps it.
      for (const name of ['last_reserved_ip.0', 'last_reserved_ip.1'])
        if (existsSync(`${root}/theirs/pods/${name}`))
          cpSync(`${root}/theirs/pods/${name}`, `${root}/ours/pods/${name}`)
      continue
    }
    held.set(
      containerId,
      ours.map(({ address }) => address),
    )
    given++
    t.strictSame(
      ours.map(({ address, subnet }) => `${formatAddress(address)}/${subnet.length}`),
      theirs.ips?.map(({ address }) => address),
    )
  }
  t.ok(given > 20, `${given} times`)
})
