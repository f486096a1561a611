import t from 'tap'
import { agentFlags } from './agent-options.ts'

const flags = (line: string, environment = {}) => agentFlags(line.split(' ').filter(Boolean), environment)

t.test('what is not said has its default', async t => {
  t.strictSame(flags('--nodes /etc/podwire/nodes.json --node a'), {
    help: false,
    nodes: '/etc/podwire/nodes.json',
    node: 'a',
    mode: 'auto',
    vxlanId: 7963,
    vxlanPort: 4789,
    vxlanFamily: undefined,
    logLevel: 'info',
  })
})

t.test('the environment names the node where no option does', async t => {
  t.equal(flags('', { NODE_NAME: 'b' }).node, 'b')
  t.equal(flags('--node a', { NODE_NAME: 'b' }).node, 'a')
})

t.test('help needs nothing else', async t => {
  t.ok(flags('--help').help)
  t.ok(flags('-h').help)
})

t.test('refuses what it does not know, and says what it does', async t => {
  const cases: Record<string, RegExp> = {
    '': /--node NAME/,
    '--node a --mode quick': /--mode quick: it is one of auto, direct, vxlan/,
    '--node a --vxlan-id 0': /--vxlan-id 0: it is a number from 1 to 16777215/,
    '--node a --vxlan-port 70000': /--vxlan-port 70000/,
    '--node a --vxlan-family 5': /one of 4, 6/,
    '--node a --log-level loud': /debug, info, warn, error/,
    '--node a --nodez f': /--nodez/,
    '--node a word': /word/,
  }
  for (const [line, message] of Object.entries(cases))
    t.throws(() => flags(line), { code: 'CONFIG_INVALID', message }, line)
})
