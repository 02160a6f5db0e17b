import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkTag,
  familiarName,
  familiarString,
  fullString,
  parseAnyReference,
  parseReference,
  withDefaultTag,
} from '../../src/image/reference.ts'

const hex = 'a'.repeat(64)

describe('a reference', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx', 'nginx'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25', 'nginx:1.25'],
    ['library/nginx', 'docker.io/library/nginx', 'nginx'],
    ['docker.io/nginx', 'docker.io/library/nginx', 'nginx'],
    ['index.docker.io/nginx:a', 'docker.io/library/nginx:a', 'nginx:a'],
    ['bitnami/redis', 'docker.io/bitnami/redis', 'bitnami/redis'],
    ['library/a/b', 'docker.io/library/a/b', 'library/a/b'],
    ['localhost/x', 'localhost/x', 'localhost/x'],
    ['localhost:5000/team/box:1', 'localhost:5000/team/box:1', 'localhost:5000/team/box:1'],
    ['ghcr.io/a/b', 'ghcr.io/a/b', 'ghcr.io/a/b'],
    ['FOO/bar', 'FOO/bar', 'FOO/bar'],
    ['localhost:99999999/x', 'localhost:99999999/x', 'localhost:99999999/x'],
    ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
    ['a__b/c-d.e', 'docker.io/a__b/c-d.e', 'a__b/c-d.e'],
    [`nginx@sha256:${hex}`, `docker.io/library/nginx@sha256:${hex}`, `nginx@sha256:${hex}`],
    [`nginx:1@sha256:${hex}`, `docker.io/library/nginx:1@sha256:${hex}`, `nginx:1@sha256:${hex}`],
  ])('%s is %s and shown as %s', (text, full, familiar) => {
    const reference = parseReference(text)
    expect(fullString(reference)).toBe(full)
    expect(familiarString(reference)).toBe(familiar)
  })

  it.each([
    ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
    ['foo/Bar', 'invalid reference format: repository name (foo/Bar) must be lowercase'],
    ['bad tag', 'invalid reference format'],
    ['', 'invalid reference format'],
    [':x', 'invalid reference format'],
    ['foo:', 'invalid reference format'],
    ['foo:.bad', 'invalid reference format'],
    ['foo:BAD$', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['-foo', 'invalid reference format'],
    ['foo_', 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    [`foo:${'a'.repeat(129)}`, 'invalid reference format'],
    ['foo@sha256:abc', 'invalid reference format'],
    [`foo@md5:${'a'.repeat(32)}`, 'unsupported digest algorithm'],
    [`foo@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
    [`foo@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
    ['a'.repeat(300), 'repository name must not be more than 255 characters'],
    [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ])('%s is refused with Docker’s words', (text, message) => {
    expect(() => parseReference(text)).toThrow(new RegExp(`^${message.replace(/[()]/g, '\\$&')}$`))
  })

  it('gets the tag latest only where neither tag nor digest is given', () => {
    expect(familiarString(withDefaultTag(parseReference('a')))).toBe('a:latest')
    expect(familiarString(withDefaultTag(parseReference('a:b')))).toBe('a:b')
    expect(familiarString(withDefaultTag(parseReference(`a@sha256:${hex}`)))).toBe(`a@sha256:${hex}`)
  })

  it('may be a whole id', () => {
    expect(parseAnyReference(hex)).toEqual({ id: `sha256:${hex}` })
    expect(parseAnyReference(`sha256:${hex}`)).toEqual({ id: `sha256:${hex}` })
    expect(parseAnyReference('sha256:abc')).toEqual({ domain: 'docker.io', path: 'library/sha256', tag: 'abc' })
  })

  it('reads back what it shows', () => {
    const component = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+){0,2}$/)
    const path = fc.array(component, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/), { nil: undefined })
    const domain = fc.constantFrom('', 'localhost:5000/', 'ghcr.io/', 'docker.io/')
    fc.assert(
      fc.property(domain, path, tag, (host, name, label) => {
        const text = `${host}${name}${label === undefined ? '' : `:${label}`}`
        // Docker's own short form is ambiguous where a folder on Docker Hub looks like a host.
        if (/^[a-f0-9]{64}$/.test(text) || /^[^/]*\./.test(name)) return
        const reference = parseReference(text)
        expect(parseReference(familiarString(reference))).toEqual(reference)
        expect(parseReference(fullString(reference))).toEqual(reference)
        expect(fullString(reference)).toContain(familiarName(reference))
      }),
    )
  })

  it('never takes long or fails otherwise than with an error of the engine', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), text => {
        try {
          parseReference(text)
        } catch (error) {
          expect((error as Error).name).toBe('EngineError')
        }
      }),
    )
    for (const text of ['a'.repeat(1e6), `${'a-'.repeat(2000)}!`, `${'a.'.repeat(2000)}/`, `${'['.repeat(4000)}`])
      expect(() => parseReference(text)).toThrow()
  })
})

describe('a tag', () => {
  it('is letters, digits, dots, dashes and underscores', () => {
    expect(checkTag('v1.2_x-Y')).toBe('v1.2_x-Y')
    expect(() => checkTag('.x')).toThrow('invalid tag format')
    expect(() => checkTag('a b')).toThrow('invalid tag format')
  })
})
