import t from 'tap'
import { readGolden } from '../testing/golden.ts'
import { messages } from './message.ts'
import { verdict } from './verdict.ts'

const verdictOf = (name: string) => {
  const { command, datagrams } = readGolden(name, import.meta.url)
  const [message] = messages(datagrams[0] ?? Buffer.alloc(0))
  return { command, verdict: message && verdict(message), message }
}

t.test('zero is an acknowledgement', async t => {
  const { command, verdict } = verdictOf('acknowledged-link')
  t.same(verdict, { errno: 0, reason: {} }, command)
})

t.test('a refusal that quotes the request has its reason behind the quotation', async t => {
  const { command, verdict } = verdictOf('refused-route')
  t.same(verdict, { errno: 101, reason: { message: 'Nexthop has invalid gateway' } }, command)
})

t.test('any other message is no verdict', async t => {
  const { message } = verdictOf('acknowledged-link')
  t.equal(message && verdict({ ...message, type: 16 }), undefined)
})

t.test('a refusal that is cut, or lies about its quotation, does not read past its end', async t => {
  const [bytes] = readGolden('refused-route', import.meta.url).datagrams as [Buffer]
  for (let at = 16; at < bytes.length; at++) {
    for (const flip of [0xff, 0x01]) {
      const damaged = Buffer.from(bytes)
      damaged.writeUInt8((bytes[at] ?? 0) ^ flip, at)
      try {
        for (const message of messages(damaged)) verdict(message)
      } catch (error) {
        if (!(error instanceof RangeError)) t.fail(`byte ${at}: ${String(error)}`)
      }
    }
  }
  t.pass('each damage decodes or is a RangeError')
})
