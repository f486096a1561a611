// The built executable starts where there is nothing: no Node.js, no libatomic, an environment that means it ill.
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { bareDebian, mountDebian } from './bare-debian.ts'
import { Host } from './host.ts'
import { dist, lacks } from './tools.ts'

const config = JSON.stringify({
  cniVersion: '1.0.0',
  name: 'pods',
  type: 'podwire',
  ipam: {
    type: 'podwire-ipam',
    ranges: [[{ subnet: '10.244.1.0/24' }], [{ subnet: 'fd00:10:244:1::/64' }]],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  },
})
const plugin = '/opt/cni/bin/podwire'
const lack = lacks('debootstrap', `${dist}/podwire`)
const debian = lack ? { root: '', lack } : bareDebian()
const skip = debian.lack

t.test('there is no Node.js and no libatomic in it', { skip }, async t => {
  t.ok(existsSync(join(debian.root, 'usr/bin/dpkg')), 'a Debian root')
  t.strictSame(
    globSync(['usr/bin/node*', 'usr/local/bin/node*', '{lib,usr/lib}/**/libatomic*'], { cwd: debian.root }),
    [],
  )
})

// Each of these is enough to stop, or to change, a Node.js that listens to it.
const hostile = {
  'nothing special': {},
  'NODE_OPTIONS it does not know': { NODE_OPTIONS: '--no-such-option' },
  'NODE_OPTIONS that load a file': { NODE_OPTIONS: '--require /tmp/absent.js' },
  'NODE_CHANNEL_FD, of a parent with a channel': { NODE_CHANNEL_FD: 'x' },
  'OPENSSL_CONF that is no configuration': { OPENSSL_CONF: '/etc/passwd' },
  NODE_REPL_EXTERNAL_MODULE: { NODE_REPL_EXTERNAL_MODULE: '/tmp/x' },
  NODE_DEBUG: { NODE_DEBUG: 'fs,module', NODE_DEBUG_NATIVE: 'all' },
  'what Node.js would write files for': {
    NODE_V8_COVERAGE: '/run/coverage',
    NODE_COMPILE_CACHE: '/run/compiled',
    NODE_REDIRECT_WARNINGS: '/run/warnings',
  },
  'libuv and certificates': { UV_THREADPOOL_SIZE: '0', UV_USE_IO_URING: '1', NODE_EXTRA_CA_CERTS: '/absent' },
  LD_LIBRARY_PATH: { LD_LIBRARY_PATH: '/tmp' },
}

t.test('VERSION is answered, whatever the environment says', { skip }, async t => {
  await using host = await Host.start()
  const root = mountDebian(host, debian.root, dist)
  // A library of that name that is none must not be the one that is taken.
  host.write(`${root}/tmp/libatomic.so.1`, 'not a library')
  for (const [what, env] of Object.entries(hostile))
    for (const name of [plugin, `${plugin}-ipam`]) {
      const { code, stdout, stderr } = host.attempt('chroot', [
        root,
        'env',
        '-i',
        ...assignments({ ...env, CNI_COMMAND: 'VERSION' }),
        name,
      ])
      t.match({ code, stderr }, { code: 0, stderr: '' }, `${name}, ${what}`)
      t.ok(JSON.parse(stdout).supportedVersions.includes('1.1.0'), `${name}, ${what}: the versions`)
    }
  t.equal(host.shell(`ls ${root}/run`), 'netns\n', 'and no file was written')
})

t.test('ADD, CHECK and DEL work there', { skip }, async t => {
  await using host = await Host.start()
  const root = mountDebian(host, debian.root, dist)
  host.shell(`touch ${root}/run/netns/pod; unshare --net=${root}/run/netns/pod true`)
  const call = (command: string, stdin = config) => {
    const env = {
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'pod',
      CNI_NETNS: '/run/netns/pod',
      CNI_IFNAME: 'eth0',
      CNI_PATH: '/opt/cni/bin',
      NODE_OPTIONS: '--no-such-option',
    }
    return host.attempt('chroot', [root, 'env', '-i', ...assignments(env), plugin], { input: stdin })
  }
  const added = call('ADD')
  t.equal(added.code, 0, added.stdout + added.stderr)
  const prevResult = JSON.parse(added.stdout)
  t.match(prevResult.ips, [{ address: /^10\.244\.1\.\d+\/32$/ }, { address: /^fd00:10:244:1::\w+\/128$/ }])
  t.match(host.run('nsenter', [`--net=${root}/run/netns/pod`, 'ip', '-brief', 'address']), prevResult.ips[0].address)
  t.match(call('CHECK', JSON.stringify({ ...JSON.parse(config), prevResult })), { code: 0, stdout: '' })
  t.match(call('DEL'), { code: 0, stdout: '' })
  t.notMatch(host.run('ip', ['-brief', 'link']), 'pw', 'no link is left')
})

const other = process.arch === 'arm64' ? 'x64' : 'arm64'
const qemu = { x64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' }[other]
const otherLack = lacks('debootstrap', qemu) || lacksOther()
const foreign = otherLack ? { root: '', lack: otherLack } : bareDebian(other)

t.test(`${other}: VERSION is answered under qemu`, { skip: foreign.lack }, async t => {
  await using host = await Host.start()
  const root = mountDebian(host, foreign.root, `${dist}/${other}`)
  const answer = host.attempt(qemu, ['-L', root, `${root}${plugin}`], {
    env: { CNI_COMMAND: 'VERSION', NODE_OPTIONS: '--no' },
  })
  t.match(answer, { code: 0, stderr: '' })
  t.ok(JSON.parse(answer.stdout).supportedVersions.includes('1.1.0'))
})

function lacksOther(): string | false {
  return existsSync(`${dist}/${other}/podwire`) ? false : `no ${dist}/${other}/podwire: scripts/build ${other}`
}

function assignments(env: Readonly<Record<string, string>>): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`)
}
