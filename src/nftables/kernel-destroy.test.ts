import t from 'tap'
import { hasDestroy } from './kernel-destroy.ts'

t.test('came with Linux 6.3', async t => {
  for (const version of ['6.3', '6.3.0-rc1', '6.18.44', '7.0.0-generic', '10.1']) t.ok(hasDestroy(version), version)
  for (const version of ['6.1.0-18-amd64', '6.2.16', '5.14.0-362.el9', '4.19', ''])
    t.notOk(hasDestroy(version), version)
})
