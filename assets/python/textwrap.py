def dedent(text):
    lines = text.split('\n')
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    cut = min(margins) if margins else 0
    return '\n'.join(line[cut:] if line.strip() else '' for line in lines)

def indent(text, prefix):
    return '\n'.join(prefix + line if line.strip() else line for line in text.split('\n'))

def wrap(text, width=70):
    lines, line = [], ''
    for word in text.split():
        if line and len(line) + 1 + len(word) > width:
            lines.append(line)
            line = ''
        line = line + ' ' + word if line else word
    return lines + [line] if line else lines

def fill(text, width=70):
    return '\n'.join(wrap(text, width))

def shorten(text, width, placeholder=' [...]'):
    text = ' '.join(text.split())
    return text if len(text) <= width else text[:width - len(placeholder)].rsplit(' ', 1)[0] + placeholder
