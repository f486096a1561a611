import fc from 'fast-check'
import t from 'tap'
import type { Attachment } from '../records/attachment.ts'
import { type Evidence, findGarbage, type RecordEvidence, type ReservationEvidence } from './garbage.ts'

const graceMs = 60_000
const attachment: Attachment = {
  network: 'pods',
  containerId: 'c1',
  interfaceName: 'eth0',
  hostInterface: 'pw1',
  netns: '/run/netns/c1',
  dataDir: '/data',
  addresses: ['10.1.0.2'],
}
const record: RecordEvidence = {
  name: 'pw1',
  attachment,
  stamp: '1',
  ageMs: graceMs,
  hasHostInterface: false,
  namespace: 'gone',
}
const reservation: ReservationEvidence = {
  directory: '/data/pods',
  fileName: '10.1.0.9',
  address: '10.1.0.9',
  owner: { containerId: 'c9', interfaceName: 'eth0' },
  stamp: '1',
  ageMs: graceMs,
  hasHostInterface: false,
  hasRecord: false,
}

function judged(given: Partial<Evidence>, live: readonly string[] = []) {
  const nothing = { records: [], reservations: [], leftovers: [] }
  const found = findGarbage({ ...nothing, ...given, liveAddresses: () => new Set(live) }, graceMs)
  return {
    dead: [...found.records.map(({ of }) => of.name), ...found.reservations.map(({ of }) => of.address)],
    leftovers: found.leftovers.map(({ of }) => of.name),
    kept: found.kept.map(({ why }) => why),
  }
}
const none = { dead: [], leftovers: [], kept: [] }
const one = (more: Partial<RecordEvidence>, live?: string[]) => judged({ records: [{ ...record, ...more }] }, live)

t.test('without namespace and interface, a minute old: dead', async t => {
  t.strictSame(one({}), { ...none, dead: ['pw1'] })
  t.equal(
    findGarbage({ records: [record], reservations: [], leftovers: [], liveAddresses: () => new Set() }, graceMs)
      .records[0]?.why,
    'its namespace /run/netns/c1 is gone, and so is its interface',
  )
})

t.test('whose interface is there lives, whatever else says', async t => {
  t.strictSame(one({ hasHostInterface: true }), none)
  t.strictSame(one({ hasHostInterface: true, attachment: undefined }), none)
})

t.test('an ADD has a minute to make the link', async t => {
  t.strictSame(one({ ageMs: graceMs - 1 }), none)
})

t.test('whose namespace is there, or cannot be seen, keeps its addresses, and that is told', async t => {
  t.strictSame(one({ namespace: 'there' }), { ...none, kept: ['its namespace /run/netns/c1 is there'] })
  t.strictSame(one({ namespace: 'out of sight' }), { ...none, kept: ['its namespace /run/netns/c1 is out of sight'] })
})

t.test('whose address anything shows keeps it: somebody may have renamed its interface', async t => {
  t.strictSame(one({}, ['10.1.0.2']), { ...none, kept: ['the node still shows 10.1.0.2 in use'] })
})

t.test('a record of the IPAM alone lives with its namespace', async t => {
  const { hostInterface: _, ...ipamOnly } = attachment
  t.strictSame(one({ attachment: ipamOnly, namespace: 'there' }), none)
  t.strictSame(one({ attachment: ipamOnly }), { ...none, dead: ['pw1'] })
})

t.test('half a record goes, where no link says that a pod may be behind it', async t => {
  t.strictSame(one({ attachment: undefined }), { ...none, dead: ['pw1'] })
  t.strictSame(one({ attachment: undefined, ageMs: 0 }), none)
})

t.test('a reservation without a record goes, unless anything speaks for it', async t => {
  const free = (more: Partial<ReservationEvidence>, live?: string[]) =>
    judged({ reservations: [{ ...reservation, ...more }] }, live)
  t.strictSame(free({}), { ...none, dead: ['10.1.0.9'] })
  t.strictSame(free({ owner: undefined }), { ...none, dead: ['10.1.0.9'] })
  t.strictSame(free({ hasHostInterface: true }), none)
  t.strictSame(free({ hasRecord: true }), none)
  t.strictSame(free({ ageMs: 59_999 }), none)
  t.strictSame(free({}, ['10.1.0.9']), none)
})

t.test('what is named for an interface goes with it, unless a record says that it is being made', async t => {
  const leftover = { name: 'pw1', kind: 'link', hasHostInterface: false, hasRecord: false } as const
  t.strictSame(judged({ leftovers: [leftover] }), { ...none, leftovers: ['pw1'] })
  t.strictSame(judged({ leftovers: [{ ...leftover, hasHostInterface: true }] }), none)
  t.strictSame(judged({ leftovers: [{ ...leftover, hasRecord: true }] }), none)
})

t.test('the node is searched for addresses only where something looks dead, and once', async t => {
  let searches = 0
  const liveAddresses = () => {
    searches++
    return new Set<string>()
  }
  const given = { reservations: [], leftovers: [], liveAddresses }
  findGarbage({ ...given, records: [{ ...record, hasHostInterface: true }] }, graceMs)
  t.equal(searches, 0)
  findGarbage({ ...given, records: [record] }, graceMs)
  t.equal(searches, 1)
})

/** What one pod can be, and what of it can be seen. An ADD goes record, reservation, link, rule; a DEL the other way. */
const pod = fc.record({
  isAlive: fc.boolean(),
  steps: fc.integer({ min: 0, max: 4 }),
  ageMs: fc.integer({ min: 0, max: 4 * graceMs }),
  // What befalls a pod that lives, or what its death left.
  isLinkLost: fc.boolean(),
  isLinkRenamed: fc.boolean(),
  isRecordLost: fc.boolean(),
  isRecordHalf: fc.boolean(),
  isNamespaceHidden: fc.boolean(),
})

t.test('whatever the state of the node: nothing of a pod that lives, everything of one that is dead', async t => {
  let [spared, taken] = [0, 0]
  fc.assert(
    fc.property(fc.array(pod, { maxLength: 12 }), pods => {
      const live = new Set<string>()
      const all = pods.map((pod, i) => {
        const [name, address] = [`pw${i}`, `10.1.0.${i}`]
        // While an ADD or a DEL is under way it is young, or its namespace is there.
        const isWhole = pod.steps === 4
        const hasRecord = pod.steps > 0 && !(isWhole && pod.isRecordLost)
        const hasReservation = pod.steps > 1
        const isRenamed = pod.isAlive && pod.steps > 2 && pod.isLinkRenamed
        // With its link a living pod loses its address; nobody can tell then that it lives, but by its namespace.
        const isLost = pod.isAlive && pod.isLinkLost && hasRecord && !pod.isRecordHalf
        const hasLink = pod.isAlive && pod.steps > 2 && !isLost
        if (hasLink) live.add(address)
        const hasHostInterface = hasLink && !isRenamed
        const isHalf = pod.isRecordHalf && hasRecord
        const ageMs = pod.isAlive && (isHalf || !hasRecord) && !hasHostInterface && !hasLink ? 0 : pod.ageMs
        const namespace = pod.isAlive ? (pod.isNamespaceHidden ? 'out of sight' : 'there') : 'gone'
        return {
          ...pod,
          name,
          address,
          hasRecord,
          hasReservation,
          hasHostInterface,
          isHalf,
          isRenamed,
          ageMs,
          namespace,
        } as const
      })
      // A renamed link has no name that anything could be told by; its record is what keeps it.
      const known = all.filter(({ isRenamed, hasRecord, isHalf }) => !isRenamed || (hasRecord && !isHalf))
      const found = findGarbage(
        {
          records: known
            .filter(({ hasRecord }) => hasRecord)
            .map(({ name, address, isHalf, hasHostInterface, ageMs, namespace }) => ({
              name,
              stamp: '1',
              ageMs,
              hasHostInterface,
              namespace,
              attachment: isHalf ? undefined : { ...attachment, addresses: [address] },
            })),
          reservations: known
            .filter(({ hasReservation, hasRecord, isHalf }) => hasReservation && (!hasRecord || isHalf))
            .map(({ address, ageMs, hasHostInterface, hasRecord }) => ({
              ...reservation,
              fileName: address,
              address,
              ageMs,
              hasHostInterface,
              hasRecord,
            })),
          leftovers: known
            .filter(({ steps }) => steps === 4)
            .map(({ name, hasHostInterface, hasRecord }) => ({ name, kind: 'rule', hasHostInterface, hasRecord })),
          liveAddresses: () => live,
        },
        graceMs,
      )
      const gone = new Set([
        ...found.records.map(({ of }) => of.name),
        ...found.reservations.map(({ of }) => `pw${of.address.split('.')[3]}`),
      ])
      for (const { isAlive, name, ageMs, steps } of known) {
        if (isAlive && gone.has(name)) throw new Error(`${name} lives`)
        if (isAlive) spared++
        const isDue = !isAlive && steps > 1 && ageMs >= graceMs
        if (isDue && !gone.has(name)) throw new Error(`${name} is dead`)
        if (isDue) taken++
      }
    }),
    { numRuns: 500 },
  )
  t.ok(spared > 100 && taken > 100, `${spared} lived, ${taken} were dead`)
})
