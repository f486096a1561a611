// Golden batches of nft against changes: what nft sends for a command is what the change that means the same encodes to.
import t from 'tap'
import { encodeBatch, type Request } from '../netlink/batch.ts'
import type { Codec } from '../netlink/codec.ts'
import { messages } from '../netlink/message.ts'
import { chainMessage } from '../nftables/chain.ts'
import type { Change } from '../nftables/change.ts'
import { encoded, framed, frameMessage } from '../nftables/commit.ts'
import { objectMessage } from '../nftables/counter.ts'
import { elementsMessage } from '../nftables/elements.ts'
import { CHAIN, ELEMENTS, OBJECT, RULE, SET, TABLE } from '../nftables/message-type.ts'
import { ruleMessage } from '../nftables/rule.ts'
import { setMessage } from '../nftables/set.ts'
import { tableMessage } from '../nftables/table.ts'
import { readGolden } from './golden.ts'
import { damages, dump } from './wire.ts'

const NLM_F_ACK = 0x04
const kinds = [
  [TABLE, tableMessage],
  [CHAIN, chainMessage],
  [RULE, ruleMessage],
  [SET, setMessage],
  [ELEMENTS, elementsMessage],
  [OBJECT, objectMessage],
] as const

/** Whole datagrams, golden/<name>.txt beside the test file, for each change. */
export function testBatch(testFile: string, changes: Readonly<Record<string, Change>>): void {
  for (const [name, change] of Object.entries(changes)) {
    const { command, datagrams } = readGolden(name, testFile)
    t.test(command, async t => {
      const [bytes = Buffer.alloc(0)] = datagrams
      const theirs = decodedBatch(bytes)
      t.same(dump(encodeBatch(0, theirs)), dump(bytes), 'what is decoded encodes to the same bytes')
      const ours = framed(encoded([change])).map(withoutAcknowledgement)
      t.same(dump(encodeBatch(0, ours)), dump(encodeBatch(0, theirs.map(withoutSetId))), 'our change is theirs')
      t.same(damages(bytes, decodedBatch), [], 'cut or flipped anywhere, decodes or throws RangeError')
    })
  }
}

function decodedBatch(bytes: Buffer): Request[] {
  return Array.from(messages(bytes), ({ type, flags, body }) => {
    const codec = codecOf(type)
    return { operation: '', type, flags, codec, value: codec.read(body) }
  })
}

function codecOf(type: number): Codec<unknown> {
  const [, codec] = kinds.find(([types]) => Object.values(types).includes(type)) ?? []
  return (codec ?? frameMessage) as Codec<unknown>
}

/** nft asks for none: it reads on until the kernel is silent. */
const withoutAcknowledgement = (request: Request): Request => ({ ...request, flags: request.flags & ~NLM_F_ACK })

/** nft names a set in a rule and for elements by a number too, which only an anonymous one needs. */
function withoutSetId(request: Request): Request {
  const value = structuredClone(request.value) as { attributes: { setId?: number; expressions?: Lookup[] } }
  if (request.codec === elementsMessage) delete value.attributes.setId
  for (const { data } of value.attributes.expressions ?? []) delete data?.setId
  return { ...request, value }
}

interface Lookup {
  readonly data?: { setId?: number }
}
