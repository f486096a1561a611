import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { parseConfig } from '../cni/config.ts'
import { recordedParts } from '../cni/recorded-parts.ts'
import { status } from '../cni/status.ts'
import { type AgentState, readState, writeState } from './state-file.ts'

t.test('what is written is read, and written again only when it differs or is gone', async t => {
  const directory = `${t.testdir({})}/podwire`
  const file = `${directory}/agent.json`
  const state: AgentState = { ready: true, node: 'one', podCidrs: ['10.1.0.0/24'] }
  t.equal(readState(file), undefined)
  writeState(file, state)
  t.strictSame(readState(file), state)
  t.strictSame(readdirSync(directory), ['agent.json'])
  const { ino } = statSync(file)
  writeState(file, state)
  t.equal(statSync(file).ino, ino)
  rmSync(file)
  writeState(file, state)
  t.strictSame(readState(file), state)
})

t.test('the plugin answers STATUS with it', async t => {
  const directory = t.testdir({})
  const agent = `${directory}/agent.json`
  const { parts } = recordedParts({ directory })
  const answer = () => status(parseConfig({ cniVersion: '1.1.0', name: 'pods', agent }), parts)
  writeState(agent, { ready: false, code: 50, message: 'no podCIDR yet' })
  await t.rejects(answer(), { code: 'NOT_AVAILABLE', message: 'no podCIDR yet' })
  writeState(agent, { ready: false, code: 51, message: 'VXLAN is gone' })
  await t.rejects(answer(), { code: 'LIMITED_CONNECTIVITY', message: 'VXLAN is gone' })
  writeState(agent, { ready: true, node: 'one' })
  await t.resolves(answer())
})

t.test('what is no state is none', async t => {
  const file = `${t.testdir({})}/agent.json`
  for (const text of ['', '{', 'null', '5', '[]', '{}', '{"ready":"yes"}']) {
    writeFileSync(file, text)
    t.equal(readState(file), undefined, text)
  }
})

t.test('where it cannot be written, that is said', async t => {
  const directory = t.testdir({ run: '' })
  t.throws(() => writeState(`${directory}/run/agent.json`, { ready: true }), {
    code: 'INPUT_OUTPUT',
    message: /^cannot tell the agent's state in .*run\/agent.json: .*: make room there, or make it writable$/,
  })
  t.equal(readFileSync(`${directory}/run`, 'utf8'), '')
})
