def pformat(value, indent=1, width=80, depth=None, level=0):
    text = repr(value)
    if len(text) + level <= width or not value:
        if isinstance(value, dict):
            return '{' + ', '.join('%r: %s' % (key, pformat(value[key])) for key in sorted(value, key=str)) + '}'
        return text
    pad = ' ' * (level + indent)
    if isinstance(value, dict):
        parts = ['%r: %s' % (key, pformat(value[key], indent, width, depth, level + indent + len(repr(key)) + 2)) for key in sorted(value, key=str)]
        return '{' + ' ' * (indent - 1) + (',\n' + pad).join(parts) + '}'
    if isinstance(value, (list, tuple)):
        parts = [pformat(each, indent, width, depth, level + indent) for each in value]
        body = ' ' * (indent - 1) + (',\n' + pad).join(parts)
        return '[' + body + ']' if isinstance(value, list) else '(' + body + ')'
    return text

def pprint(value, stream=None, **options):
    print(pformat(value, **options), file=stream)

pp = pprint
