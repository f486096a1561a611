// Of a Node object's text the parts that we use, found without reading the rest: a kubelet's report is 10 kB, of which 300 bytes matter to us, and says nothing new.

export interface NodeExcerpt {
  readonly name: string
  readonly version: string
  /** The object in JSON without what is of no use: the same where nothing changed that is. */
  readonly text: string
}

// Within a text each quote has a backslash before it: what follows "{" or "," and looks like a key is one.
const metadata = /"metadata":\{[^{]*/
const name = /[{,]"name":"([^"\\]*)"/
const version = /[{,]"resourceVersion":"([^"\\]*)"/
const created = /[{,]"creationTimestamp":"([^"\\]*)"/
const ranges = /[{,]"podCIDRs":(\["[^"\\]*"(?:,"[^"\\]*")*\])/
const address = String.raw`\{"type":"[^"\\]*","address":"[^"\\]*"\}`
const addresses = new RegExp(String.raw`[{,]"addresses":(\[${address}(?:,${address})*\])`)

/**
 * Where the text is written as API servers write: no spaces, and in metadata what is simple before what is an object.
 * Undefined anywhere else: then all of it is to be parsed.
 */
export function nodeExcerpt(text: string): NodeExcerpt | undefined {
  const [head = ''] = metadata.exec(text) ?? []
  const [, nodeName] = name.exec(head) ?? []
  const [, nodeVersion] = version.exec(head) ?? []
  const [, createdAt] = created.exec(head) ?? []
  const [, podCidrs] = ranges.exec(text) ?? []
  const [, nodeAddresses] = addresses.exec(text) ?? []
  if (!(nodeName && nodeVersion && createdAt && podCidrs && nodeAddresses && text.endsWith('}'))) return undefined
  const kept = `{"metadata":{"name":"${nodeName}","creationTimestamp":"${createdAt}"},"spec":{"podCIDRs":${podCidrs}},"status":{"addresses":${nodeAddresses}}}`
  return { name: nodeName, version: nodeVersion, text: kept }
}
