import os
import re

def _pattern(text):
    made = ''
    for char in text:
        made += '[^/]*' if char == '*' else '[^/]' if char == '?' else re.escape(char)
    return made

def glob(pattern, recursive=False):
    folder, _, name = pattern.rpartition('/')
    folders = [folder] if not any(char in folder for char in '*?') else glob(folder, recursive=recursive)
    found = []
    for each in folders:
        base = each or ('/' if pattern.startswith('/') else '.')
        if not os.path.isdir(base):
            continue
        if recursive and name == '**':
            found += _below(each)
            continue
        for one in sorted(os.listdir(base)):
            if re.fullmatch(_pattern(name), one) and (not one.startswith('.') or name.startswith('.')):
                found.append(one if not folder and not pattern.startswith('/') else each.rstrip('/') + '/' + one)
    return found

def _below(folder):
    found = [folder]
    for one in sorted(os.listdir(folder or '.')):
        path = folder.rstrip('/') + '/' + one if folder else one
        if os.path.isdir(path):
            found += _below(path)
    return found

def iglob(pattern, **options):
    return iter(glob(pattern, **options))
