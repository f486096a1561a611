import t from 'tap'
import { earlierConflists } from './earlier-conflists.ts'

t.test('names what the runtime takes in place of ours, with its plugins', async t => {
  const directory = t.testdir({
    '00-multus.conf': '{ "type": "multus" }',
    '05-notes.txt': 'nothing',
    '05-broken.json': '{',
    '10-kindnet.conflist': '{ "plugins": [{ "type": "ptp" }, { "type": "portmap" }] }',
    '10-podwire.conflist': '{}',
    '10-podwire.conflist.new': '{}',
    '20-later.conflist': '{ "plugins": [{ "type": "bridge" }] }',
  })
  t.strictSame(earlierConflists(`${directory}/10-podwire.conflist`), [
    { file: `${directory}/00-multus.conf`, plugins: ['multus'] },
    { file: `${directory}/05-broken.json`, plugins: [] },
    { file: `${directory}/10-kindnet.conflist`, plugins: ['ptp', 'portmap'] },
  ])
})

t.test('there is none in a directory that is not there, or where what is there is of another shape', async t => {
  t.strictSame(earlierConflists('/nowhere/10-podwire.conflist'), [])
  const directory = t.testdir({ '01.json': 'null', '02.json': '[]', '03.json': '{ "plugins": [null, 5, {}] }' })
  const plugins = earlierConflists(`${directory}/10.conflist`).map(({ plugins }) => plugins)
  t.strictSame(plugins, [[], [], []])
})
