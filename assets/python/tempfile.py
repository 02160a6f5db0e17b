import os
import random
import shutil

_letters = 'abcdefghijklmnopqrstuvwxyz0123456789_'

def gettempdir():
    return os.environ.get('TMPDIR') or '/tmp'

def _name(suffix, prefix, dir):
    return os.path.join(dir or gettempdir(), prefix + ''.join(random.choice(_letters) for _ in range(8)) + suffix)

def mkdtemp(suffix='', prefix='tmp', dir=None):
    path = _name(suffix, prefix, dir)
    os.mkdir(path)
    return path

class TemporaryDirectory:
    def __init__(self, suffix='', prefix='tmp', dir=None):
        self.name = mkdtemp(suffix, prefix, dir)
    def cleanup(self):
        shutil.rmtree(self.name, ignore_errors=True)
    def __enter__(self):
        return self.name
    def __exit__(self, *args):
        self.cleanup()
        return False

class _File:
    def __init__(self, mode, suffix, prefix, dir, delete):
        self.name, self._delete = _name(suffix, prefix, dir), delete
        self._file = open(self.name, mode)
    def __getattr__(self, name):
        return getattr(self._file, name)
    def close(self):
        self._file.close()
        if self._delete and os.path.exists(self.name):
            os.remove(self.name)
    def __enter__(self):
        return self
    def __exit__(self, *args):
        self.close()
        return False

def NamedTemporaryFile(mode='w+b', suffix='', prefix='tmp', dir=None, delete=True, **kwargs):
    return _File(mode, suffix, prefix, dir, delete)

TemporaryFile = NamedTemporaryFile
