import { describe, expect, it } from 'vitest'
import { inspect } from '../../../src/cli/format/inspect.ts'
import { nilMap } from '../../../src/cli/template/value.ts'
import { memoryContext } from '../memory-context.ts'

const container = {
  Id: 'abc',
  Name: '/box',
  State: { Status: 'running', Pid: 7 },
  HostConfig: { Dns: ['9.9.9.9'], Ulimits: [{ Name: 'nofile', Hard: 200, Soft: 100 }], PidsLimit: null, Binds: null },
  Config: { Labels: { b: '<2>', a: '1' }, ExposedPorts: null, Entrypoint: null },
}
const text = async (format: string) => {
  const ctx = memoryContext()
  await inspect(
    ctx.out,
    ['box'],
    format,
    async () => container,
    () => ({
      zeros: { 'State.Health': null, SizeRw: null, 'HostConfig.Tmpfs': nilMap },
      structs: { HostConfig: 'Binds DNS Tmpfs Resources( Ulimits PidsLimit Memory )' },
    }),
  )
  return ctx.stdout()
}

describe('an object through a template', () => {
  it.each([
    ['a field that is a pointer and absent is nil', '{{.State.Health}} {{.SizeRw}}', '<nil> <nil>'],
    ['and counts as false', '{{if .State.Health}}has{{else}}none{{end}}', 'none'],
    ['and is left out of JSON', '{{json .State}}', '{"Status":"running","Pid":7}'],
    ['structs print their values', '{{.State}}', '{running 7 <nil>}'],
    ['maps print their keys', '{{.Config.Labels}}', 'map[a:1 b:<2>]'],
    [
      'what is null prints by its type',
      '{{.HostConfig.PidsLimit}} {{.HostConfig.Binds}} {{.Config.ExposedPorts}}',
      '<nil> [] map[]',
    ],
    ['the names of Go work', '{{.ID}} {{.HostConfig.DNS}}', 'abc [9.9.9.9]'],
    [
      'an embedded struct is a field, and its fields are those of the one around it',
      '{{len .HostConfig.Ulimits}} {{len .HostConfig.Resources.Ulimits}} {{.HostConfig.Resources.PidsLimit}}',
      '1 1 <nil>',
    ],
    ['structs print in the order of their type', '{{.HostConfig}}', '{[] [9.9.9.9] map[] {[{nofile 200 100}] <nil>}}'],
    [
      'and have their fields in JSON without what is empty',
      '{{json .HostConfig}} {{json .HostConfig.Resources}}',
      '{"Binds":null,"Dns":["9.9.9.9"],"Ulimits":[{"Name":"nofile","Hard":200,"Soft":100}],"PidsLimit":null} ' +
        '{"Ulimits":[{"Name":"nofile","Hard":200,"Soft":100}],"PidsLimit":null}',
    ],
    ['JSON has its own names in order', '{{json .HostConfig.Ulimits}}', '[{"Name":"nofile","Hard":200,"Soft":100}]'],
    [
      'numbers of raw JSON are texts',
      '{{.Id}} {{.State.Pid}} {{printf "%d" .State.Pid}} {{len .State.Pid}}',
      'abc 7 %!d(json.Number=7) 1',
    ],
    ['and compare with texts alone', '{{.Id}} {{eq .State.Pid "7"}} {{if .HostConfig.PidsLimit}}a{{end}}', 'abc true '],
    ['null in raw JSON has no value', '{{.Id}} {{.HostConfig.Binds}}', 'abc <no value>'],
    [
      'the names of JSON turn to raw JSON, whose keys are sorted',
      '{{.Id}} {{json .HostConfig.Ulimits}}',
      'abc [{"Hard":200,"Name":"nofile","Soft":100}]',
    ],
    ['and whose objects are maps', '{{.Id}} {{.State}}', 'abc map[Pid:7 Status:running]'],
  ])('%s', async (_, format, printed) => {
    expect(await text(format)).toBe(`${printed}\n`)
  })
})
