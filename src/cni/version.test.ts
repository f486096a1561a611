import t from 'tap'
import { isAtLeast, parseVersion, requireVersion, supportedVersions, versionAnswer } from './version.ts'

t.test('reads every version of the protocol, and none as the first', async t => {
  for (const version of supportedVersions) t.equal(parseVersion(version), version)
  t.equal(parseVersion(undefined), '0.1.0')
  t.equal(parseVersion(''), '0.1.0')
})

t.test('what is a version and not ours is unsupported, in the words of the reference', async t => {
  for (const text of ['9.9.9', '1.2.0', '0.0.1', '1.0', '2']) {
    t.throws(() => parseVersion(text), {
      code: 'VERSION_UNSUPPORTED',
      message: 'incompatible CNI versions',
      details: `config is "${text}", plugin supports ["0.1.0" "0.2.0" "0.3.0" "0.3.1" "0.4.0" "1.0.0" "1.1.0"]`,
    })
  }
})

t.test('what is no version cannot be read', async t => {
  for (const text of ['1.0.0.0', 'v1.0.0', '1.0.x', '1.', ' 1.0.0', '-1.0.0', '1.0.0\n'])
    t.throws(() => parseVersion(text), { code: 'INPUT_UNREADABLE', message: /cniVersion ".*" is not a version/s }, text)
})

t.test('knows which came first', async t => {
  supportedVersions.forEach((version, i) => {
    t.strictSame(
      supportedVersions.map(other => isAtLeast(other, version)),
      supportedVersions.map((_, j) => j >= i),
    )
  })
})

t.test('a verb that the config is too old for is refused by name', async t => {
  t.doesNotThrow(() => requireVersion('0.4.0', '0.4.0', 'CHECK'))
  t.throws(() => requireVersion('0.3.1', '0.4.0', 'CHECK'), {
    code: 'VERSION_UNSUPPORTED',
    message: 'config version does not allow CHECK',
    details: 'it needs 0.4.0, the config says 0.3.1',
  })
})

t.test('VERSION answers with one line of JSON', async t => {
  t.match(versionAnswer(), /^[^\n]+\n$/)
  t.strictSame(JSON.parse(versionAnswer()), { cniVersion: '1.1.0', supportedVersions: Array.from(supportedVersions) })
})
