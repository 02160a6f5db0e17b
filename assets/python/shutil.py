import os

class Error(OSError):
    pass

def copyfile(source, target):
    with open(source, 'rb') as file:
        data = file.read()
    with open(target, 'wb') as file:
        file.write(data)
    return target

def copy(source, target):
    return copyfile(source, os.path.join(target, os.path.basename(source)) if os.path.isdir(target) else target)

copy2 = copy

def copytree(source, target, dirs_exist_ok=False):
    os.makedirs(target, exist_ok=dirs_exist_ok)
    for name in os.listdir(source):
        one, other = os.path.join(source, name), os.path.join(target, name)
        if os.path.isdir(one):
            copytree(one, other, dirs_exist_ok)
        else:
            copyfile(one, other)
    return target

def rmtree(path, ignore_errors=False):
    if not os.path.exists(path) and ignore_errors:
        return
    for name in os.listdir(path):
        each = os.path.join(path, name)
        if os.path.isdir(each):
            rmtree(each)
        else:
            os.remove(each)
    os.rmdir(path)

def move(source, target):
    where = os.path.join(target, os.path.basename(source)) if os.path.isdir(target) else target
    os.rename(source, where)
    return where

def which(name, path=None):
    if '/' in name:
        return name if os.path.isfile(name) else None
    for folder in (path or os.environ.get('PATH', '/usr/bin:/bin')).split(':'):
        if os.path.isfile(os.path.join(folder, name)):
            return os.path.join(folder, name)
    return None
