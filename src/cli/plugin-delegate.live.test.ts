// Another plugin's addresses, through the whole plugin.
import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { needsRoot } from '../testing/needs-root.ts'
import { node, nothing, state } from '../testing/plugin-calls.ts'

t.setTimeout(240_000)

const { PATH } = process.env

t.test('another plugin’s addresses', needsRoot, async t => {
  const { machine, call, done } = node(t)
  mkdirSync(machine.path('/run/cni'))
  const script = (answer: string) => `#!/bin/sh
echo "$CNI_COMMAND" >>/run/calls
cat >/dev/null
case "$CNI_COMMAND" in ADD) ${answer} ;; esac`
  const install = (answer: string) => writeFileSync(machine.path('/run/cni/other'), script(answer), { mode: 0o755 })
  const heard = () => machine.shell('cat /run/calls; rm /run/calls').trim().split('\n')
  const config = { ipam: { type: 'other' } }
  const env = { CNI_PATH: '/run/cni', PATH: PATH ?? '' }
  const netns = machine.pod('a')

  await t.test('its address is the pod’s, and each verb goes on to it', async t => {
    install(
      `echo '{"cniVersion":"1.1.0","ips":[{"address":"10.77.9.5/24","gateway":"10.77.9.1"}],"routes":[{"dst":"0.0.0.0/0"}]}'`,
    )
    const prevResult = done('ADD', { netns, config, env })
    t.match(prevResult.ips, [{ address: '10.77.9.5/32', gateway: '169.254.1.1' }])
    machine.shell('ping -n -c 1 -W 3 10.77.9.5')
    done('CHECK', { netns, config: { ...config, prevResult }, env })
    done('STATUS', { config, env })
    done('DEL', { netns, config, env })
    done('GC', { config: { ...config, 'cni.dev/valid-attachments': [] }, env })
    t.strictSame(heard(), ['ADD', 'CHECK', 'STATUS', 'DEL', 'GC'])
    t.strictSame(state(machine), nothing)
  })

  await t.test('its failure is ours, its DEL follows, and nothing is left', async t => {
    const failures: Record<string, object> = {
      'echo \'{"code":11,"msg":"all taken"}\'; exit 1': { code: 11, msg: 'plugin "other" failed ADD: all taken' },
      'echo garbage': { code: 105, msg: /^the result of ipam plugin "other": it is no JSON/ },
      true: { code: 105, msg: /is no JSON: ""/ },
      'kill -9 $$': { code: 105, msg: /failed ADD \(SIGKILL\) and printed nothing/ },
    }
    for (const [answer, document] of Object.entries(failures)) {
      install(answer)
      t.match(call('ADD', { netns, config, env }), { code: 1, answer: document }, answer)
      t.strictSame(heard(), ['ADD', 'DEL'], answer)
      t.strictSame(state(machine), nothing)
    }
  })

  await t.test('our failure after its ADD is followed by its DEL', async t => {
    install(`echo '{"cniVersion":"1.1.0","ips":[{"address":"10.77.9.5/24"}],"routes":[{"dst":"nonsense"}]}'`)
    t.match(call('ADD', { netns, config, env }), { code: 1, answer: { code: 7 } })
    t.strictSame(heard(), ['ADD', 'DEL'])
    t.strictSame(state(machine), nothing)
  })

  await t.test('one that is not installed is told, with where it was looked for', async t => {
    t.match(call('ADD', { netns, config: { ipam: { type: 'nosuch' } }, env }).answer, {
      code: 104,
      msg: 'failed to find plugin "nosuch" in path [/run/cni]: install it there, or set ipam.type to podwire-ipam',
    })
    t.strictSame(state(machine), nothing)
  })
})
