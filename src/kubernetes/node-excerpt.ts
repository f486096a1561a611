// Of a Node object's text the parts that we use, read without the rest: a kubelet's report is 10 kB, of which 300 bytes matter to us, and says nothing new.

const METADATA = '"metadata":{'
const RANGES = '"podCIDRs":["'
const ADDRESSES = '"addresses":[{'

/**
 * Where the text is written as API servers write (no spaces; in metadata what is simple first; metadata, spec, status), the object without what is of no use.
 * Undefined anywhere else: then all of it is to be parsed.
 */
export function nodeExcerpt(text: string): object | undefined {
  const metadata = simpleFields(text)
  if (metadata === undefined) return undefined
  const podCIDRs = list(text, RANGES, ']')
  const addresses = list(text, ADDRESSES, '}]')
  if (podCIDRs === undefined || addresses === undefined || !text.endsWith('}')) return undefined
  return { metadata, spec: { podCIDRs }, status: { addresses } }
}

/** Of the metadata, what comes before the first of its parts that is an object, or a list of some. */
function simpleFields(text: string): object | undefined {
  const start = text.indexOf(METADATA) + METADATA.length - 1
  const end = text.lastIndexOf(',', text.indexOf('{', start + 1))
  if (start < METADATA.length || end <= start) return undefined
  const fields = parsed(`${text.slice(start, end)}}`)
  const { name, resourceVersion, creationTimestamp } = Object(fields)
  const isWhole = [name, resourceVersion, creationTimestamp].every(value => typeof value === 'string')
  return isWhole ? Object(fields) : undefined
}

function list(text: string, opening: string, closing: string): unknown {
  const key = text.indexOf(opening)
  // Within a text each quote has a backslash before it, so what begins with a quote and this before it is a key.
  if (key < 0 || !'{,'.includes(text.charAt(key - 1))) return undefined
  const start = text.indexOf('[', key)
  return parsed(text.slice(start, text.indexOf(closing, start) + closing.length))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
