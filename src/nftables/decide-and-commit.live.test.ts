import { spawn } from 'node:child_process'
import t from 'tap'
import { backend } from '../sys/libc.ts'
import { needsNft } from '../testing/nft.ts'
import { throwAwayNetfilter } from '../testing/throw-away-netfilter.ts'
import type { Change } from './change.ts'
import { commit } from './commit.ts'
import { decideAndCommit } from './decide-and-commit.ts'
import type { Elements } from './elements.ts'
import { generation } from './generation.ts'
import { readElements } from './read-elements.ts'
import { readTable } from './ruleset.ts'

const within = { family: 'inet', table: 'podwire' } as const
const table = { kind: 'table', family: 'inet', name: 'podwire' } as const
const pods = { kind: 'set', ...within, name: 'pods', key: ['ipv4_addr'] } as const
const twins = { ...pods, name: 'twins' } as const
const one = (address: string, set = pods): Elements => ({ kind: 'elements', set, elements: [{ key: [address] }] })

t.test(`changes decided on what is there, through ${backend()}`, needsNft, async t => {
  const { path, connection } = throwAwayNetfilter(t)
  commit(connection, [
    ['add', table],
    ['add', pods],
    ['add', twins],
  ])
  const addresses = () => readElements(connection, pods).elements.map(({ key: [address] }) => address)

  await t.test('are decided again where somebody else was faster', async t => {
    const seen: number[] = []
    decideAndCommit(connection, () => {
      const { elements } = readTable(connection, within)
      seen.push(elements.find(({ set }) => set.name === 'pods')?.elements.length ?? 0)
      if (seen.length === 1) commit(connection, [['add', one('10.0.0.1')]])
      return [['add', one('10.0.0.2')]]
    })
    t.same(seen, [0, 1])
    t.same(addresses().toSorted(), ['10.0.0.1', '10.0.0.2'])
  })

  await t.test('are given up where somebody always is', async t => {
    let calls = 0
    const late = (): Change[] => {
      calls++
      commit(connection, [['add', one(`10.1.0.${calls}`)]])
      return [['add', one('10.0.0.3')]]
    }
    t.throws(() => decideAndCommit(connection, late), { code: 'ERESTART' })
    t.equal(calls, 100)
    t.notOk(addresses().includes('10.0.0.3'))
  })

  await t.test('that are none cost nothing', async t => {
    const before = generation(connection)
    decideAndCommit(connection, () => [])
    t.equal(generation(connection), before)
  })

  await t.test('what is read is of one moment, while another program changes it', async t => {
    const [add, remove] = ['add', 'delete'].map(verb =>
      ['pods', 'twins'].map(set => `${verb} element inet podwire ${set} { 10.9.9.9 }`).join('; '),
    )
    const loop = `while sleep 0.01; do echo '${add}'; sleep 0.01; echo '${remove}'; done | nsenter --net=${path} nft -i`
    const program = spawn('sh', ['-c', loop], { stdio: 'ignore', detached: true })
    t.teardown(() => void process.kill(-(program.pid ?? 0), 'SIGKILL'))
    const first = generation(connection)
    while (generation(connection) === first);
    const states = new Set<string>()
    const before = generation(connection)
    let readings = 0
    while (generation(connection) < before + 30) {
      const { elements } = readTable(connection, within)
      states.add(elements.map(({ elements }) => elements.filter(({ key }) => key[0] === '10.9.9.9').length).join())
      readings++
    }
    t.ok(readings > 5, `${readings} readings during 30 changes`)
    t.same([...states].toSorted(), ['0,0', '1,1'])
  })
})
