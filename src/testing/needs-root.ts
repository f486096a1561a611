// The options of a test that makes namespaces: it is skipped, and says why, where it may not.

export const needsRoot: { skip?: string } = process.getuid?.() === 0 ? {} : { skip: 'needs root' }
