// What a failing call must print: one JSON document, with a code, and a message that names the culprit.

/** What is wrong with an answer that should be this error; nothing if it is. */
export function complaintAbout(exit: number, stdout: string, code: number, says: RegExp): string {
  if (!isOneDocument(stdout, 'msg')) return 'not one error document'
  const { cniVersion, code: found, msg, details = '' } = JSON.parse(stdout)
  const complaints = [
    exit === 1 ? '' : `exit ${exit}`,
    /^\d+\.\d+\.\d+$/.test(cniVersion) ? '' : `cniVersion ${cniVersion}`,
    found === code ? '' : `code ${found}, not ${code}`,
    says.test(`${msg} ${details}`) ? '' : `does not say ${says}`,
  ]
  return complaints.filter(text => text !== '').join(', ')
}

export function isOneDocument(stdout: string, key: string): boolean {
  try {
    return key in JSON.parse(stdout)
  } catch {
    return false
  }
}
