import t from 'tap'
import { parseAttachment } from './attachment.ts'

const whole = { network: 'pods', containerId: 'c1', interfaceName: 'eth0', netns: '', addresses: ['10.1.0.2'] }

t.test('reads what it needs, and keeps what later releases add', async t => {
  t.strictSame(parseAttachment(JSON.stringify(whole)), whole)
  t.strictSame(parseAttachment(JSON.stringify({ ...whole, more: 1 })), { ...whole, more: 1 })
})

t.test('every cut of one is none', async t => {
  const text = JSON.stringify(whole)
  for (let length = 0; length < text.length; length++) t.equal(parseAttachment(text.slice(0, length)), undefined)
})

t.test('what lacks a part, or has it of another kind, is none', async t => {
  for (const key of Object.keys(whole)) {
    t.equal(parseAttachment(JSON.stringify({ ...whole, [key]: undefined })), undefined, `without ${key}`)
    t.equal(parseAttachment(JSON.stringify({ ...whole, [key]: 5 })), undefined, `${key} a number`)
  }
  const rules = { isAntiSpoofed: true, ports: [], masqueradeExcept: ['10.0.0.0/8'] }
  t.strictSame(parseAttachment(JSON.stringify({ ...whole, rules }))?.rules, rules)
  for (const wrong of [null, 5, {}, { ...rules, ports: {} }, { ...rules, masqueradeExcept: [5] }])
    t.equal(parseAttachment(JSON.stringify({ ...whole, rules: wrong })), undefined, JSON.stringify(wrong))
  t.equal(parseAttachment(JSON.stringify({ ...whole, addresses: [5] })), undefined)
  for (const text of ['null', '[]', '"x"', '5', '\0\0\0'])
    t.equal(parseAttachment(text), undefined, JSON.stringify(text))
})
