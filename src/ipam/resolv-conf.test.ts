import t from 'tap'
import { parseResolvConf } from './resolv-conf.ts'

t.test('every key counts, lines add up, comments do not', async t => {
  const text = `
nameserver 192.0.2.0
\tnameserver   192.0.2.2 192.0.2.3
domain first.example.com
domain example.com
;nameserver comment
#nameserver comment
search example.net\texample.org
search example.gov
options one two three
options four
nameserver
sortlist 192.0.2.0
`
  t.strictSame(parseResolvConf(text), {
    nameservers: ['192.0.2.0', '192.0.2.2'],
    domain: 'example.com',
    search: ['example.net', 'example.org', 'example.gov'],
    options: ['one', 'two', 'three', 'four'],
  })
})

t.test('nothing in it is nothing', async t => {
  t.strictSame(parseResolvConf(''), { nameservers: [], domain: '', search: [], options: [] })
})
