import t from 'tap'
import { formatOwner, isOwnedBy, parseOwner } from './owner.ts'

t.test('is written as host-local writes it', async t => {
  t.equal(formatOwner({ containerId: 'abc', interfaceName: 'eth0' }), 'abc\r\neth0')
})

const read: Record<string, unknown> = {
  'abc\r\neth0': { containerId: 'abc', interfaceName: 'eth0' },
  'abc\r\neth0\n': { containerId: 'abc', interfaceName: 'eth0' },
  '  abc\r\neth0': { containerId: 'abc', interfaceName: 'eth0' },
  abc: { containerId: 'abc', interfaceName: '' },
  'abc\r\n': { containerId: 'abc', interfaceName: '' },
  '10.1.2.2\r\neth0': { containerId: '10.1.2.2', interfaceName: 'eth0' },
  '': undefined,
  '\r\n': undefined,
  '\r\neth0': { containerId: 'eth0', interfaceName: '' }, // the reference trims too
  '\0\0\0\0\0\0': undefined,
  'a/b\r\neth0': undefined,
  'abc\r\neth0\r\nmore': undefined,
}

for (const [text, owner] of Object.entries(read))
  t.test(`${JSON.stringify(text)} names ${owner === undefined ? 'nobody' : JSON.stringify(owner)}`, async t =>
    t.strictSame(parseOwner(text), owner),
  )

t.test('belongs to the same container and interface, or, where it names none, to any of the container', async t => {
  const owner = { containerId: 'abc', interfaceName: 'eth0' }
  t.ok(isOwnedBy(owner, owner))
  t.ok(isOwnedBy({ ...owner, interfaceName: '' }, owner))
  t.notOk(isOwnedBy({ ...owner, interfaceName: 'net1' }, owner))
  t.notOk(isOwnedBy({ containerId: 'ab', interfaceName: 'eth0' }, owner))
})
