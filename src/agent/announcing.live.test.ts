// All of it in a network namespace of its own, as the agent has it: a pass, then what the runtime, the probes, Prometheus and people see.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { needsNft, nft } from '../testing/nft.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'

const program = (directory: string): string => `
  import { announcing } from '${import.meta.resolve('./announcing.ts')}'
  import { askAgent } from '${import.meta.resolve('../cli/ask-agent.ts')}'
  import { parsePrefix } from '${import.meta.resolve('../ip/prefix.ts')}'
  import { readState } from '${import.meta.resolve('./state-file.ts')}'
  const lines = []
  const log = { info: (_, text) => lines.push(text), warn: ({ details }, text) => lines.push(text + ' | ' + details), error() {} }
  const face = await announcing({
    node: 'one', everyMs: 30_000, runDir: '${directory}/run', listen: { host: '127.0.0.1', port: 0 }, log,
    liveAddresses: () => new Set(), conflist: { file: '${directory}/net.d/10-podwire.conflist', options: {} },
  })
  const self = { name: 'one', addresses: [], podCidrs: [parsePrefix('10.244.1.0/24')] }
  const plan = { self, members: [self], here: { mode: 'auto' }, desired: { plans: new Map() } }
  for (let i = 0; i < 2; i++)
    face.onPass({ plan, routesWanted: 1, routesPresent: 1, changes: 0, tookMs: 1, complaints: [] })
  const { listens } = readState('${directory}/run/agent.json')
  const [ready, metrics] = await Promise.all(['readyz', 'metrics'].map(async path => (await fetch('http://' + listens + '/' + path)).text()))
  console.log(JSON.stringify({ lines, listens, ready, metrics, report: await askAgent(listens) }))
  await face[Symbol.asyncDispose]()`

t.test('after a pass everybody knows', needsNft, async t => {
  const directory = t.testdir({ 'net.d': { '05-other.conflist': '{ "plugins": [{ "type": "bridge" }] }' } })
  const path = throwAwayNamespace(t)
  nft(path, 'add table ip filter')
  nft(path, 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }')
  const command = `ip link set lo up; exec ${process.execPath} --input-type=module -e "$PROGRAM"`
  const env = { ...process.env, PROGRAM: program(directory) }
  const child = spawn('nsenter', [`--net=${path}`, 'sh', '-c', command], { env })
  const [text, complaints, [code]] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    once(child, 'exit'),
  ])
  t.equal(code, 0, complaints.join(''))
  const { lines, ready, metrics, report, listens } = JSON.parse(text.join(''))
  t.match(listens, /^127\.0\.0\.1:\d+$/)
  t.equal(ready, 'ok\n')
  t.match(metrics, /^podwire_addresses_free\{range="10.244.1.0\/24"\} 253$/m)
  t.match(metrics, /^podwire_passes_total\{result="unchanged"\} 2$/m)
  t.match(report, { node: 'one', ready: true, podCidrs: ['10.244.1.0/24'], routes: { wanted: 1, present: 1 } })
  t.match(lines, [
    /05-other.conflist \(calls bridge\) sorts before .* \| mv /,
    /is drop.* \| iptables -P FORWARD ACCEPT$/,
  ])
  t.equal(lines.length, 2, 'each said once')
  t.ok(existsSync(`${directory}/net.d/10-podwire.conflist`))
  t.equal(
    JSON.parse(readFileSync(`${directory}/net.d/10-podwire.conflist`, 'utf8')).plugins[0].agent,
    `${directory}/run/agent.json`,
  )
})
