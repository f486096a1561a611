// `podwire status` as a process, on a network of its own.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { needsNft, nft } from '../testing/nft.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'

const main = new URL('main.ts', import.meta.url).pathname

t.test('what the agent wrote, what the kernel and the disk have, and who is in the way', needsNft, async t => {
  const directory = t.testdir({ 'net.d': { '05-flannel.conflist': '{ "plugins": [{ "type": "flannel" }] }' } })
  const [path, conflist] = [throwAwayNamespace(t), `${directory}/net.d/10-podwire.conflist`]
  const inside = (...command: string[]) =>
    spawnSync('nsenter', [`--net=${path}`, ...command], { encoding: 'utf8', env: { PATH: process.env['PATH'] } })
  const status = (...options: string[]) =>
    inside(process.execPath, '--disable-warning=ExperimentalWarning', main, 'status', '--state', directory, ...options)
  writeFileSync(conflist, '{}')
  const state = { ready: true, node: 'one', podCidrs: ['10.244.1.0/24'], conflist }
  writeFileSync(`${directory}/agent.json`, JSON.stringify(state))
  mkdirSync(`${directory}/ipam/pods`, { recursive: true })
  writeFileSync(`${directory}/ipam/pods/10.244.1.7`, 'c1\r\neth0')
  const network = `
    ip link add node0 type veth peer name other
    ip link set node0 up
    ip address add 172.18.0.2/24 dev node0
    ip address add 10.244.1.7/32 dev node0
    ip route add 10.244.2.0/24 via 172.18.0.3 proto 113`
  const { status: made, stderr: refused } = inside('sh', '-ec', network)
  t.equal(made, 0, refused)
  nft(path, 'add table ip filter')
  nft(path, 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }')

  const { stdout, stderr, status: code } = status()
  t.equal(stderr, '')
  t.equal(code, 1)
  const lines = stdout.split('\n')
  t.match(lines[0], /^podwire \S+ on one: ready$/)
  for (const line of [
    /^ {2}agent {6}does not listen/,
    /^ {2}addresses {2}10.244.1.0\/24 {2}[01] used, 25[23] free$/,
    /^ {2}routes {5}10.244.2.0\/24 .*via 172.18.0.3$/,
    /05-flannel.conflist \(calls flannel\) sorts before/,
    /^ +mv .*05-flannel.conflist .*05-flannel.conflist.disabled$/,
    /^ +iptables -P FORWARD ACCEPT$/,
  ])
    t.ok(
      lines.some(text => line.test(text)),
      `${line}`,
    )
  t.notOk(stdout.includes('\u001b'), 'a pipe gets no colours')

  const { findings, ok, ways } = JSON.parse(status('--json').stdout)
  t.match({ ok, ways }, { ok: false, ways: [{ destination: '10.244.2.0/24', way: 'direct', via: '172.18.0.3' }] })
  t.equal(findings.length, 2)
  nft(path, 'flush ruleset')
  rmSync(`${directory}/net.d/05-flannel.conflist`)
  t.equal(status().status, 0, 'once both are mended, all is well')
  renameSync(`${directory}/ipam/pods`, `${directory}/ipam/other`)
  writeFileSync(`${directory}/agent.json`, JSON.stringify({ ...state, network: 'other' }))
  t.match(status().stdout, /10.244.1.0\/24 {2}1 used/, 'of the network that the agent keeps')
  chmodSync(`${directory}/net.d`, 0)
  const asAnybody = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', process.execPath, '--no-warnings']
  const { stdout: guarded } = inside(...asAnybody, main, 'status', '--state', directory)
  t.match(guarded, /^ {2}unknown {4}.*EACCES/m, 'what may not be looked into')
  t.notMatch(guarded, /is not there/, 'is not said to be empty')
  chmodSync(`${directory}/net.d`, 0o755)
  rmSync(conflist)
  t.match(status(), { status: 1, stdout: /10-podwire.conflist is not there: the runtime has no network\n/ })
  writeFileSync(`${directory}/agent.json`, JSON.stringify({ ...state, ready: false, message: 'no podCIDR' }))
  t.match(status().stdout, /: not ready: no podCIDR\n/)
  t.notMatch(status().stdout, /is not there/, 'where it is said why')
})
