// The front door, as a process: which face, which exit code, what on which stream.
import { type SpawnOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import type { Readable } from 'node:stream'
import t from 'tap'
import { supportedVersions } from '../cni/version.ts'

const main = new URL('main.ts', import.meta.url).pathname
const quietly = ['--disable-warning=ExperimentalWarning', main]

interface Given {
  readonly words?: string[]
  readonly env?: Record<string, string>
  readonly input?: string | 'left open'
  readonly argv0?: string
  readonly stdin?: number
}

async function run({ words = [], env = {}, input = '', argv0 = 'podwire', stdin }: Given) {
  const options: SpawnOptions = { argv0, env: { NODE_COMPILE_CACHE, ...env }, stdio: [stdin ?? 'pipe', 'pipe', 'pipe'] }
  const child = spawn(process.execPath, [...quietly, ...words], options)
  if (input !== 'left open') child.stdin?.end(input)
  const read = async (stream: Readable | null) => String(await stream?.setEncoding('utf8').toArray())
  const [stdout, stderr, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, 'exit')])
  child.stdin?.destroy()
  return { code, stdout, stderr }
}

t.jobs = 2
// The sources are stripped and compiled once for all of these processes.
const NODE_COMPILE_CACHE = t.testdir({})
const config = JSON.stringify({ cniVersion: '1.0.0', name: 'pods', ipam: { type: 'podwire-ipam' } })
const versions = supportedVersions.join(', ')

t.test('called by hand it says what it is, as the reference plugins do', async t => {
  for (const env of [{}, { CNI_COMMAND: '' }]) {
    const { code, stdout, stderr } = await run({ env })
    t.equal(code, 0)
    t.equal(stdout, '')
    t.match(stderr, /^CNI podwire plugin version /)
    t.match(stderr, `CNI protocol versions supported: ${versions}`)
    t.match(stderr, /podwire help\n$/)
  }
})

t.test('VERSION reads no stdin, and needs nothing else', async t => {
  for (const argv0 of ['podwire', 'podwire-ipam']) {
    const { code, stdout, stderr } = await run({ argv0, env: { CNI_COMMAND: 'VERSION' }, input: 'left open' })
    t.strictSame({ code, stderr }, { code: 0, stderr: '' })
    t.strictSame(JSON.parse(stdout), { cniVersion: '1.1.0', supportedVersions: Array.from(supportedVersions) })
  }
})

t.test('words win over CNI_COMMAND', async t => {
  for (const words of [['help'], ['--help'], ['-h'], ['status', '--help']])
    t.match(await run({ words, env: { CNI_COMMAND: 'ADD' } }), {
      code: 0,
      stdout: /A container runtime calls/,
      stderr: '',
    })
  t.match(await run({ words: ['version'] }), { code: 0, stdout: new RegExp(`^podwire .*\nCNI ${versions}\n$`) })
  t.match(await run({ words: ['dance'] }), {
    code: 2,
    stdout: '',
    stderr: /no such command: dance\. See: podwire help/,
  })
})

t.test('a command says which of its options it does not know, and what hinders it', async t => {
  const misspelt = await run({ words: ['install', '--too', '/nowhere'] })
  t.match(misspelt, { code: 2, stdout: '', stderr: /^podwire install: Unknown option '--too'.*See: podwire help\n$/s })
  const hindered = await run({ words: ['install', '--to', '/nowhere/bin', '--root', '/elsewhere'] })
  t.match(hindered, {
    code: 1,
    stdout: '',
    stderr: /^podwire install: --to \/nowhere\/bin is not below --root \/elsewhere: /,
  })
  t.match(await run({ words: ['constructor'] }), { code: 2, stderr: /no such command: constructor/ })
})

t.test('the name it is called by is the face', async t => {
  const env = { CNI_COMMAND: 'STATUS' }
  const input = JSON.stringify({ cniVersion: '1.1.0', name: 'pods', ipam: { type: 'host-local' } })
  // The IPAM is itself whatever ipam.type says, the plugin looks for the other.
  t.match(await run({ argv0: '/opt/cni/bin/podwire-ipam', env, input }), { code: 1, stdout: /no IP ranges specified/ })
  t.match(await run({ argv0: '/opt/cni/bin/podwire', env, input }), {
    code: 1,
    stdout: /failed to find plugin \\"host-local\\"/,
  })
})

t.test('an error is one JSON document on stdout, exit code 1', async t => {
  const call = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c1', CNI_NETNS: '/n', CNI_IFNAME: 'eth0' }
  const wrong: [Given, object][] = [
    [{ env: { CNI_COMMAND: 'UPDATE' } }, { cniVersion: '1.1.0', code: 4, msg: 'unknown CNI_COMMAND: UPDATE' }],
    [
      { env: { CNI_COMMAND: 'ADD' }, input: config },
      { code: 4, msg: /^required env variables \[CNI_CONTAINERID,CNI_NETNS,CNI_IFNAME\] missing$/ },
    ],
    [{ env: call }, { cniVersion: '1.1.0', code: 6, msg: /^stdin is empty/ }],
    [
      { env: call, input: config.slice(0, 20) },
      { code: 6, msg: /^stdin is no JSON/ },
    ],
    [
      { env: call, input: '{"cniVersion":"0.4.0"}' },
      { cniVersion: '0.4.0', code: 7, msg: /^missing network name/ },
    ],
    [
      { env: call, input: '{"cniVersion":"9.0.0","name":"a"}' },
      { cniVersion: '1.1.0', code: 1, msg: 'incompatible CNI versions' },
    ],
    [
      { env: call, input: config },
      { cniVersion: '1.0.0', code: 7, msg: /no IP ranges specified/ },
    ],
    [
      { env: call, stdin: openSync('/', 'r') },
      { code: 5, msg: /^error reading from stdin: it is a directory/ },
    ],
  ]
  for (const [given, document] of wrong) {
    const { code, stdout, stderr } = await run(given)
    t.strictSame({ code, stderr }, { code: 1, stderr: '' })
    t.match(JSON.parse(stdout), document)
  }
})

t.test('stdin may come in pieces, and be longer than a pipe', async t => {
  const child = spawn(process.execPath, quietly, {
    env: { CNI_COMMAND: 'DEL', CNI_CONTAINERID: 'c1', CNI_IFNAME: 'eth0' },
  })
  const long = JSON.stringify({ cniVersion: '1.0.0', padding: 'ä'.repeat(200_000), name: '../bad' })
  for (let at = 0; at < long.length; at += 70_001) {
    child.stdin.write(long.slice(at, at + 70_001))
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  child.stdin.end()
  const stdout = await child.stdout.setEncoding('utf8').toArray()
  t.match(JSON.parse(stdout.join('')), { code: 7, msg: 'invalid characters found in network name', details: '../bad' })
})
