import t from 'tap'
import { parseArguments, podName } from './arguments.ts'

const containerd =
  'IgnoreUnknown=1;K8S_POD_UID=7f;K8S_POD_NAMESPACE=kube-system;K8S_POD_NAME=dns-1;K8S_POD_INFRA_CONTAINER_ID=abc'

t.test('reads what containerd sends', async t => {
  t.match(parseArguments(containerd), { K8S_POD_NAMESPACE: 'kube-system', K8S_POD_NAME: 'dns-1' })
  t.strictSame(parseArguments(''), {})
})

t.test('a pair is a name, one = and a value', async t => {
  for (const pair of ['IP', 'IP=1=2', ''])
    t.throws(() => parseArguments(`MAC=x;${pair}`), {
      code: 'ENVIRONMENT_INVALID',
      message: `CNI_ARGS: invalid pair "${pair}": write NAME=VALUE;NAME=VALUE`,
    })
  t.strictSame(parseArguments('IP='), { IP: '' })
})

t.test('unknown names are refused, all of them by name, unless they may be ignored', async t => {
  t.throws(() => parseArguments('FOO=1;IP=10.1.0.2;bar=2'), {
    code: 'ENVIRONMENT_INVALID',
    message: 'CNI_ARGS: unknown args ["FOO=1" "bar=2"]: add IgnoreUnknown=1 to allow them',
  })
  for (const yes of ['1', 'true', 'True', 'TRUE'])
    t.match(parseArguments(`FOO=1;IgnoreUnknown=${yes};IP=10.1.0.2`), { IP: '10.1.0.2' })
  for (const no of ['0', 'false', '', 'tRUE', 'yes'])
    t.throws(() => parseArguments(`FOO=1;IgnoreUnknown=${no}`), { message: /unknown args/ }, no)
})

t.test('names count in their own case only', async t => {
  t.throws(() => parseArguments('ip=10.1.0.2'), { message: /unknown args \["ip=10.1.0.2"\]/ })
})

t.test('the pod is namespace/name, where the arguments say so, and nothing makes that fail', async t => {
  t.equal(podName(containerd), 'kube-system/dns-1')
  t.equal(podName('K8S_POD_NAME=a'), '/a')
  for (const text of ['', 'K8S_POD_NAME=', ';;=', 'K8S_POD_NAMESPACE=b', 'x']) t.equal(podName(text), undefined, text)
})
