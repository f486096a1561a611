import t from 'tap'
import { parseChainedPlugins } from './chained-plugins.ts'

t.test('keeps each plugin as it was written', async t => {
  const plugins = [{ type: 'tuning', sysctl: { 'net.core.somaxconn': '500' } }, { type: 'sbr' }]
  t.strictSame(parseChainedPlugins(JSON.stringify(plugins)), plugins)
  t.strictSame(parseChainedPlugins('[]'), [])
})

t.test('says what is wrong, and where', async t => {
  for (const [text, why] of [
    ['[', /is no JSON/],
    ['{"type":"tuning"}', /must be a list/],
    ['[{"type":"tuning"},{}]', /\[1\] has no "type"/],
    ['[null]', /\[0\] has no "type"/],
    ['[{"type":5}]', /\[0\] has no "type"/],
    ['[{"type":"podwire"}]', /\[0\] is podwire, which is in the list already/],
  ] as const)
    t.throws(() => parseChainedPlugins(text), { code: 'CONFIG_INVALID', message: why }, text)
})
