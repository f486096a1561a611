// The messages are the reference skeleton's (pkg/skel/skel.go, pkg/utils/utils.go), with the variable's name before them, as the specification asks.
import t from 'tap'
import { type Command, commands, type Environment, isName, readCommand, readRequest } from './request.ts'

const whole: Environment = { CNI_CONTAINERID: 'c1', CNI_NETNS: '/run/netns/a', CNI_IFNAME: 'eth0' }
const failing = (command: Command, environment: Environment): { message: string; details: string; code: string } => {
  try {
    readRequest(command, environment)
  } catch (error) {
    return error as { message: string; details: string; code: string }
  }
  throw new Error(`${command} takes ${JSON.stringify(environment)}`)
}

t.test('knows six verbs, and names them to who sends another', async t => {
  for (const command of commands) t.equal(readCommand({ CNI_COMMAND: command }), command)
  for (const text of ['add', 'UPDATE', ' ADD', '']) {
    t.throws(() => readCommand({ CNI_COMMAND: text }), {
      code: 'ENVIRONMENT_INVALID',
      message: `unknown CNI_COMMAND: ${text}`,
      details: 'known are ADD, DEL, CHECK, GC, STATUS, VERSION',
    })
  }
})

t.test('all missing variables are told at once, in the order of the table', async t => {
  const missing: [Command, Environment, string][] = [
    ['ADD', {}, 'CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME'],
    ['CHECK', {}, 'CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME'],
    ['DEL', {}, 'CNI_CONTAINERID,CNI_IFNAME'],
    ['ADD', { ...whole, CNI_NETNS: '' }, 'CNI_NETNS'],
    ['ADD', { ...whole, CNI_CONTAINERID: '', CNI_IFNAME: undefined }, 'CNI_CONTAINERID,CNI_IFNAME'],
    // Before what is there is looked at.
    ['ADD', { ...whole, CNI_IFNAME: 'a/b', CNI_NETNS: '' }, 'CNI_NETNS'],
  ]
  for (const [command, environment, names] of missing) {
    t.match(failing(command, environment), {
      code: 'ENVIRONMENT_INVALID',
      message: `required env variables [${names}] missing`,
    })
  }
})

t.test('a container id is letters, digits and _.- after a letter or digit', async t => {
  for (const id of ['a', '0', 'A.b-c_d', 'f'.repeat(64)]) t.equal(isName(id), true, id)
  for (const id of ['.a', '-a', '_a', 'a/b', 'a b', '../x', 'ä', 'a\n']) {
    t.match(
      failing('DEL', { ...whole, CNI_CONTAINERID: id }),
      { message: 'CNI_CONTAINERID: invalid characters in containerID', details: id },
      JSON.stringify(id),
    )
  }
})

t.test('an interface name is what the kernel takes', async t => {
  const tooLong = 'interface name is too long'
  const wrong: Record<string, string> = {
    '0123456789abcdef': tooLong,
    ääääääää: tooLong,
    '.': 'interface name is . or ..',
    '..': 'interface name is . or ..',
    'eth/0': 'interface name contains / or : or whitespace characters',
    'eth:0': 'interface name contains / or : or whitespace characters',
    'eth 0': 'interface name contains / or : or whitespace characters',
    'eth\t0': 'interface name contains / or : or whitespace characters',
    'eth\u00a00': 'interface name contains / or : or whitespace characters',
    'eth\u00850': 'interface name contains / or : or whitespace characters',
    'eth\u30000': 'interface name contains / or : or whitespace characters',
  }
  for (const [name, message] of Object.entries(wrong)) {
    const details = message === tooLong ? 'interface name should be less than 16 characters' : ''
    for (const command of ['ADD', 'CHECK', 'DEL'] as const)
      t.match(failing(command, { ...whole, CNI_IFNAME: name }), { message: `CNI_IFNAME: ${message}`, details })
  }
  for (const name of ['eth0', '0123456789abcde', 'ääääääa', '...', 'a.b'])
    t.equal(readRequest('ADD', { ...whole, CNI_IFNAME: name }).interfaceName, name)
})

t.test('GC and STATUS look at none of it', async t => {
  for (const command of ['GC', 'STATUS'] as const) {
    t.doesNotThrow(() => readRequest(command, {}))
    t.doesNotThrow(() => readRequest(command, { CNI_IFNAME: 'a/b', CNI_CONTAINERID: '../..' }))
  }
})

t.test('a DEL has no need of a namespace, and nobody of CNI_PATH', async t => {
  t.equal(readRequest('DEL', { ...whole, CNI_NETNS: undefined }).netns, '')
  t.equal(readRequest('DEL', { ...whole, CNI_NETNS: '' }).netns, '')
  t.strictSame(readRequest('ADD', { ...whole, CNI_ARGS: 'IP=10.1.0.2' }), {
    containerId: 'c1',
    interfaceName: 'eth0',
    netns: '/run/netns/a',
    arguments: 'IP=10.1.0.2',
    netnsOverride: false,
  })
})

t.test('CNI_NETNS_OVERRIDE is 1 or true, in any case', async t => {
  const override = (text: string | undefined) =>
    readRequest('ADD', { ...whole, CNI_NETNS_OVERRIDE: text }).netnsOverride
  for (const text of ['1', 'true', 'True', 'TRUE']) t.equal(override(text), true, text)
  for (const text of [undefined, '', '0', 'false', 'yes', '11']) t.equal(override(text), false, `${text}`)
})
