// node compile-agent.ts FOLDER [rehearse]: writes agent..cache beside agent.js, for start.ts: the functions that an agent needs from its start to
// its first pass, which it makes where it is started, or those alone that --help needs. For calls there is compile.ts, whose flags an agent takes
// back (src/cli/optimise.ts).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Script } from 'node:vm'
import type { agent as Agent } from '../../src/cli/agent.ts'
import { sendAll, upRequest } from '../../src/datapath/requests.ts'
import { Connection } from '../../src/netlink/connection.ts'
import { bundleLoader } from './bundle-loader.ts'

const [folder = '', rehearse] = process.argv.slice(2)
const script = new Script(readFileSync(join(folder, 'agent.js'), 'utf8'), { filename: 'agent.js' })
const { agent } = bundleLoader(() => script, createRequire(import.meta.url), process)('agent') as {
  agent: typeof Agent
}

const NODES = '/run/rehearsal.json'
const LOOPBACK = 1
const CONFLIST = '/run/rehearsal.conflist'
const nodes = [1, 2].map(number => ({
  name: `node${number}`,
  addresses: [`192.0.2.${number}`, `2001:db8::${number}`],
  podCIDRs: [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`],
}))

if (rehearse === undefined) await agent(['--help'], {})
else {
  using kernel = Connection.open()
  // Without any link that is up, the kernel has no routes to read.
  sendAll(kernel, [upRequest(LOOPBACK, 'lo')])
  writeFileSync(NODES, JSON.stringify(nodes))
  const ended = agent(['--nodes', NODES, '--node', 'node1', '--conflist', CONFLIST], {})
  for (let ms = 0; ms < 5000 && !existsSync(CONFLIST); ms += 10) await sleep(10)
  if (!existsSync(CONFLIST)) throw new Error('the rehearsed agent wrote no conflist')
  process.kill(process.pid, 'SIGTERM')
  await ended
}
writeFileSync(join(folder, 'agent..cache'), script.createCachedData())
