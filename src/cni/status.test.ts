import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { parseConfig } from './config.ts'
import { recordedParts, type World } from './recorded-parts.ts'
import { status } from './status.ts'

function attempt(t: Test, given: Partial<World> = {}) {
  const directory = t.testdir({})
  const { parts, calls } = recordedParts({ directory, ...given })
  const run = (more: object = {}) => status(parseConfig({ cniVersion: '1.1.0', name: 'pods', ...more }), parts)
  return { run, calls, parts, agent: `${directory}/agent.json` }
}

t.test('asks the IPAM, and no agent where none is configured', async t => {
  const { run, calls } = attempt(t)
  await run()
  t.strictSame(calls, ['status'])
  await t.rejects(attempt(t, { faults: { status: new Error('full') } }).run(), { message: 'full' })
})

t.test('what the agent last wrote counts', async t => {
  const { run, agent } = attempt(t)
  const said: [string, { code: string; message: string | RegExp } | undefined][] = [
    ['{"ready":true}', undefined],
    ['{"ready":false,"message":"no route to node b"}', { code: 'NOT_AVAILABLE', message: 'no route to node b' }],
    ['{"ready":false,"code":51,"message":"b is gone"}', { code: 'LIMITED_CONNECTIVITY', message: 'b is gone' }],
    ['{"ready":"yes"}', { code: 'NOT_AVAILABLE', message: `the agent's state in ${agent} does not say "ready"` }],
    ['null', { code: 'NOT_AVAILABLE', message: /does not say "ready"/ }],
    ['{"ready":', { code: 'NOT_AVAILABLE', message: /^the podwire agent left a state that cannot be read/ }],
  ]
  for (const [text, expected] of said) {
    writeFileSync(agent, text)
    if (expected === undefined) await t.resolves(run({ agent }), text)
    else await t.rejects(run({ agent }), expected, text)
  }
})

t.test('before the agent’s first pass the node is not ready', async t => {
  const { run, agent } = attempt(t)
  await t.rejects(run({ agent }), {
    code: 'NOT_AVAILABLE',
    message: `the podwire agent has not finished its first pass since the node started: ${agent}; see its log`,
  })
})

t.test('a config of before 1.1.0, and one without ipam, have no STATUS', async t => {
  const { run, parts } = attempt(t)
  await t.rejects(run({ cniVersion: '1.0.0' }), { message: 'config version does not allow STATUS' })
  await t.rejects(status(parseConfig({ cniVersion: '1.1.0', name: 'pods' }), { ...parts, ipam: undefined }), {
    code: 'CONFIG_INVALID',
    message: /^the config has no "ipam"/,
  })
})
