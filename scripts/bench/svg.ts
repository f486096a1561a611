// The words of a drawing.

export type Point = readonly [number, number]

export const line = ([x1, y1]: Point, [x2, y2]: Point, colour: string): string =>
  `<line x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}" stroke="${colour}"/>`

export const text = (x: number, y: number, words: string, more = ''): string =>
  `<text x="${fixed(x)}" y="${fixed(y)}"${more && ` ${more}`}>${escaped(words)}</text>`

/** What is on white paper of that size. */
export const sheet = (width: number, height: number, title: string, content: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...content,
    '</svg>\n',
  ].join('\n')

export const scale =
  (from: number, to: number, start: number, end: number) =>
  (value: number): number =>
    start + ((value - from) / (to - from || 1)) * (end - start)

export const fixed = (value: number): string => String(Math.round(value * 10) / 10)

// Okabe and Ito's: told apart by the colour-blind too.
export const COLOURS = ['#0072b2', '#e69f00', '#d55e00', '#009e73'] as const

const escaped = (words: string): string => words.replace(/[<&>]/g, character => `&#${character.codePointAt(0)};`)
