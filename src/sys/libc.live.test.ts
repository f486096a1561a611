import { closeSync, existsSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { needsFfiNapi } from '../testing/needs-ffi-napi.ts'
import { needsRoot } from '../testing/needs-root.ts'
import type { BackendName } from './backend.ts'
import {
  AF_NETLINK,
  attachFilter,
  backend,
  bind,
  CLONE_NEWNET,
  chooseBackend,
  chroot,
  flock,
  LOCK_EX,
  LOCK_NB,
  LOCK_UN,
  localPort,
  MSG_PEEK,
  namespaceType,
  receive,
  receiveNow,
  SO_RCVTIMEO,
  SOCK_CLOEXEC,
  SOCK_RAW,
  SOL_SOCKET,
  send,
  setns,
  setSocketOption,
  socket,
} from './libc.ts'

const hasNodeFfi = Number(process.versions.node.split('.')[0]) >= 26
const backends: BackendName[] = hasNodeFfi ? ['node:ffi', 'ffi-napi'] : ['ffi-napi']

t.equal(backend(), backends[0], `Node.js ${process.versions.node} gets ${backends[0]}`)

// RTM_GETLINK by index 1, which is lo: a request, without NLM_F_ACK, so it has one answer.
const getLoopback = Buffer.from('200000001200010007000000000000000000000001000000' + '0000000000000000', 'hex')
const halfASecond = Buffer.from('0000000000000000' + '20a1070000000000', 'hex')

for (const name of backends) {
  t.test(`libc through ${name}`, { ...needsRoot, ...(name === 'ffi-napi' ? needsFfiNapi : {}) }, async t => {
    chooseBackend(name)
    t.equal(backend(), name)

    t.test('asks the kernel, and tells how long its answer really is', async t => {
      const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)
      t.teardown(() => closeSync(fd))
      setSocketOption(fd, SOL_SOCKET, SO_RCVTIMEO, halfASecond)
      bind(fd)
      send(fd, getLoopback)
      const whole = Buffer.alloc(32_768)
      const { length, sender } = receive(fd, Buffer.alloc(0), MSG_PEEK)
      t.equal(sender, 0, 'the kernel answers')
      t.same(receive(fd, whole, MSG_PEEK), { length, sender })
      t.equal(whole.readUInt32LE(), length, 'the length of the one message in it')
      t.equal(whole.readUInt32LE(8), 7, 'to our sequence number')
      t.equal(whole.readUInt32LE(12), localPort(fd), 'to our port')
      t.equal(receive(fd, Buffer.alloc(20)).length, length, 'however short the buffer')
      const before = Date.now()
      t.throws(
        () => receive(fd, whole),
        { name: 'SystemError', call: 'recvfrom', code: 'EAGAIN' },
        'nothing more comes',
      )
      t.ok(Date.now() - before >= 450, 'and the time-out was kept')
    })

    t.test('waits for nothing, and hears nothing that its filter drops', async t => {
      const fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0)
      t.teardown(() => closeSync(fd))
      const whole = Buffer.alloc(32_768)
      t.equal(receiveNow(fd, whole), undefined)
      send(fd, getLoopback)
      t.match(receiveNow(fd, whole), { sender: 0, length: whole.readUInt32LE() })
      // linux/bpf_common.h: BPF_RET | BPF_K, of as many bytes.
      const keep = (bytes: number) => Buffer.from(Uint32Array.of(6, bytes).buffer)
      attachFilter(fd, keep(0))
      send(fd, getLoopback)
      t.equal(receiveNow(fd, whole), undefined)
      attachFilter(fd, keep(0xffff_ffff))
      send(fd, getLoopback)
      t.match(receiveNow(fd, whole), { sender: 0 })
      t.throws(() => receiveNow(-1, whole), { call: 'recvfrom', code: 'EBADF' })
    })

    t.test('says which call failed, on what, and why', async t => {
      t.throws(() => setns(-1, CLONE_NEWNET), {
        call: 'setns',
        code: 'EBADF',
        errno: 9,
        message: /^setns of fd -1: EBADF/,
      })
      t.throws(() => socket(AF_NETLINK, SOCK_RAW, 999), { call: 'socket', code: 'EPROTONOSUPPORT' })
      t.throws(() => setSocketOption(0, 270, 1, Buffer.alloc(4)), { call: 'setsockopt', code: 'ENOTSOCK' })
      t.throws(() => localPort(0), { call: 'getsockname', code: 'ENOTSOCK' })
      t.throws(() => send(0, getLoopback), { call: 'send', code: 'ENOTSOCK' })
      t.throws(() => bind(-1), { call: 'bind', code: 'EBADF' })
    })

    t.test('tells a network namespace from others and from none', async t => {
      for (const [path, type] of [
        ['/proc/self/ns/net', CLONE_NEWNET],
        ['/proc/self/ns/pid', 0x20000000],
      ] as const) {
        const fd = openSync(path, 'r')
        t.teardown(() => closeSync(fd))
        t.equal(namespaceType(fd), type, path)
      }
      const fd = openSync('/etc/passwd', 'r')
      t.teardown(() => closeSync(fd))
      t.throws(() => namespaceType(fd), { code: 'ENOTTY' })
    })

    t.test('takes another root, and finds the way back', async t => {
      const [root, before] = [mkdtempSync(join(tmpdir(), 'podwire-root-')), process.cwd()]
      t.teardown(() => rmSync(root, { recursive: true }))
      process.chdir('/')
      chroot(root)
      const isInside = !existsSync('/proc/self')
      chroot('.')
      process.chdir(before)
      t.ok(isInside)
      t.ok(existsSync('/proc/self'))
      t.throws(() => chroot('/no/such'), { call: 'chroot', code: 'ENOENT', message: /^chroot of \/no\/such/ })
    })

    t.test('holds a lock against another descriptor of the same file', async t => {
      const directory = mkdtempSync(join(tmpdir(), 'podwire-flock-'))
      t.teardown(() => rmSync(directory, { recursive: true }))
      const [mine, other] = [0, 1].map(() => openSync(join(directory, 'lock'), 'a')) as [number, number]
      t.teardown(() => [mine, other].forEach(closeSync))
      flock(mine, LOCK_EX | LOCK_NB)
      t.throws(() => flock(other, LOCK_EX | LOCK_NB), { call: 'flock', code: 'EAGAIN' })
      flock(mine, LOCK_UN)
      flock(other, LOCK_EX | LOCK_NB)
    })
  })
}
