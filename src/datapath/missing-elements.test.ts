import t from 'tap'
import { parseAddress } from '../ip/address.ts'
import { missingElements } from './missing-elements.ts'
import { sets } from './node-table.ts'
import type { PodOnNode } from './port-elements.ts'

const pod = (hostInterface: string, address: string): PodOnNode => ({
  hostInterface,
  addresses: [parseAddress(address)],
  rules: { isAntiSpoofed: true, ports: [{ protocol: 'tcp', hostPort: 80, containerPort: 8080 }] },
})
const port = (address: string, comment: string) => ({ key: ['tcp', 80], value: [address, 8080], comment })
const hairpin = (address: string, comment: string) => ({ key: [address, address], comment })
const add = (set: (typeof sets)[4]['ports' | 'hairpin'], element: object) => [
  'add',
  { kind: 'elements', set, elements: [element] },
]

t.test('what is not there, of the oldest that wants it', async t => {
  const { ports, hairpin: hairpins } = sets[4]
  t.strictSame(missingElements({ elements: [] }, [pod('pwa', '10.1.0.2'), pod('pwb', '10.1.0.3')]), [
    add(ports, port('10.1.0.2', 'pwa')),
    add(hairpins, hairpin('10.1.0.2', 'pwa')),
    add(hairpins, hairpin('10.1.0.3', 'pwb')),
  ])
})

t.test('what anybody has stays theirs', async t => {
  const { ports, hairpin: hairpins } = sets[4]
  const elements = [
    { kind: 'elements', set: ports, elements: [port('10.1.0.9', 'pwc')] },
    { kind: 'elements', set: hairpins, elements: [hairpin('10.1.0.2', 'pwa')] },
  ] as const
  t.strictSame(missingElements({ elements }, [pod('pwa', '10.1.0.2')]), [])
})
