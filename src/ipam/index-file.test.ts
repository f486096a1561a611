import { execFileSync } from 'node:child_process'
import { mkdirSync, renameSync, rmSync, statSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { parseAddress } from '../ip/address.ts'
import { formatRange } from '../ip/range.ts'
import { readIndex, writeIndex } from './index-file.ts'
import { Occupancy } from './occupancy.ts'
import { rangeSets } from './range-set.ts'

const ranges = rangeSets([[{ subnet: '10.1.0.0/24' }, { subnet: '10.2.0.0/24' }], [{ subnet: 'fd00::/64' }]]).flat()
const taken = ['10.1.0.2', '10.2.0.254', 'fd00::2', 'fd00::1:0:0:0'].map(parseAddress)

function indexed(t: Test): { directory: string; occupancy: Occupancy } {
  const directory = t.testdir({ '10.1.0.2': 'a\r\neth0' })
  const occupancy = Occupancy.of(ranges, taken)
  writeIndex(directory, occupancy)
  return { directory, occupancy }
}

t.test('says what was written', async t => {
  const { directory, occupancy } = indexed(t)
  t.strictSame(readIndex(directory)?.tracks.map(plain), occupancy.tracks.map(plain))
})

t.test('takes up single changes', async t => {
  const { directory, occupancy } = indexed(t)
  const changes = ['10.1.0.3', '10.2.0.1', 'fd00::7', 'fd00::ffff:0:0:0'].map(parseAddress)
  writeFileSync(`${directory}/10.1.0.3`, 'b\r\neth0')
  for (const address of changes) occupancy.set(address, true)
  writeIndex(directory, occupancy, changes)
  t.strictSame(readIndex(directory)?.tracks.map(plain), Occupancy.of(ranges, [...taken, ...changes]).tracks.map(plain))
})

const disagreements: Record<string, (directory: string) => void> = {
  'a file was added': directory => writeFileSync(`${directory}/10.1.0.9`, ''),
  'a file was removed': directory => unlinkSync(`${directory}/10.1.0.2`),
  'a file was renamed': directory => renameSync(`${directory}/10.1.0.2`, `${directory}/10.1.0.3`),
  'the directory was touched': directory => utimesSync(directory, new Date(), new Date()),
  'the index is gone': directory => rmSync(`${directory}/.podwire-index`),
  'the index is empty': directory => writeFileSync(`${directory}/.podwire-index`, ''),
  'the index is cut off': directory => writeFileSync(`${directory}/.podwire-index`, ' '.repeat(4096)),
  'the index is of another kind': directory => writeFileSync(`${directory}/.podwire-index`, '{"version":2}'),
}

for (const [what, change] of Object.entries(disagreements))
  t.test(`says nothing where ${what}`, async t => {
    const { directory } = indexed(t)
    change(directory)
    t.equal(readIndex(directory), undefined)
  })

t.test('says nothing in a copy of the directory, even with its times', async t => {
  const root = t.testdir({ original: {} })
  writeIndex(`${root}/original`, Occupancy.of(ranges, taken))
  execFileSync('cp', ['--archive', `${root}/original`, `${root}/copy`])
  const time = (name: string) => statSync(`${root}/${name}`, { bigint: true }).mtimeNs
  t.equal(time('copy'), time('original'))
  t.not(readIndex(`${root}/original`), undefined)
  t.equal(readIndex(`${root}/copy`), undefined)
})

t.test('a time of ours is never the present', async t => {
  const { directory, occupancy } = indexed(t)
  for (let i = 0; i < 100; i++) {
    writeIndex(directory, occupancy, [])
    t.ok(statSync(directory).mtimeMs < Date.now() - 1000)
  }
})

t.test('that it cannot be written is no failure, and it says nothing', async t => {
  const { directory, occupancy } = indexed(t)
  rmSync(`${directory}/.podwire-index`)
  mkdirSync(`${directory}/.podwire-index`)
  writeIndex(directory, occupancy)
  t.equal(readIndex(directory), undefined)
})

t.test('is not kept for more ranges than its one page of header holds', async t => {
  const directory = t.testdir({})
  const many = rangeSets([Array.from({ length: 200 }, (_, i) => ({ subnet: `10.${i}.0.0/24` }))]).flat()
  writeIndex(directory, Occupancy.of(many, []))
  t.equal(readIndex(directory), undefined)
})

function plain({ range, used, bits }: Occupancy['tracks'][number]) {
  return { range: formatRange(range), used, bits: Buffer.from(bits).toString('hex') }
}
