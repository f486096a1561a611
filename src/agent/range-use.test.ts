import { mkdirSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { rangeUse } from './range-use.ts'

t.test('counts what the plugin has reserved', async t => {
  const runDir = t.testdir({})
  mkdirSync(`${runDir}/ipam/pods`, { recursive: true })
  for (const address of ['10.244.1.2', '10.244.1.3', 'fd00:1::2'])
    writeFileSync(`${runDir}/ipam/pods/${address}`, 'c1\r\neth0')
  const live = new Set(['10.244.1.2', '10.244.1.3', 'fd00:1::2'])
  const podCidrs = ['10.244.1.0/24', 'fd00:1::/112']
  t.strictSame(await rangeUse({ podCidrs, runDir, liveAddresses: () => live }), [
    { range: '10.244.1.0/24', used: 2, free: 251 },
    { range: 'fd00:1::/112', used: 1, free: 65_533 },
  ])
  t.strictSame(
    await rangeUse({ podCidrs: ['fd00:1::/64'], runDir, liveAddresses: () => live }),
    [{ range: 'fd00:1::/64', used: 1 }],
    'of more than anybody uses up it is not said how many',
  )
  t.strictSame(await rangeUse({ podCidrs: [], runDir, liveAddresses: () => live }), [])
})
