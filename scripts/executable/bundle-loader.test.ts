import { Script } from 'node:vm'
import t from 'tap'
import { bundleLoader } from './bundle-loader.ts'

t.test('each bundle is run once, however many modules of another one import it', async t => {
  const sources: Readonly<Record<string, string>> = {
    main: "module.exports = [require('zod/mini'), require('./plugin.ts'), require('zod/mini'), require('node:os')]",
    plugin: "module.exports = { zod: require('zod/mini'), argv: process.argv }",
    zod: 'module.exports = { id: Math.random() }',
  }
  const own = Object.create(process, { argv: { value: ['own'] } })
  const load = bundleLoader(
    name => new Script(`(function (module, require, process) {${sources[name]}})`),
    id => `Node.js's ${id}`,
    own,
  )
  const [zod, plugin, again, system] = load('main') as [object, { zod: object; argv: string[] }, object, string]
  t.equal(again, zod)
  t.equal(plugin.zod, zod)
  t.strictSame([plugin.argv, system], [['own'], "Node.js's node:os"])
})
