import os

class Path:
    def __init__(self, *parts):
        self._p = os.path.normpath(os.path.join(*[str(each) for each in parts])) if parts else '.'
    def __truediv__(self, other):
        return Path(self._p, str(other))
    def __str__(self):
        return self._p
    def __repr__(self):
        return 'PosixPath(%r)' % self._p
    def __eq__(self, other):
        return str(self) == str(other)
    @property
    def name(self):
        return os.path.basename(self._p)
    @property
    def parent(self):
        return Path(os.path.dirname(self._p) or '.')
    @property
    def suffix(self):
        return os.path.splitext(self._p)[1]
    @property
    def stem(self):
        return os.path.splitext(self.name)[0]
    def exists(self):
        return os.path.exists(self._p)
    def is_file(self):
        return os.path.isfile(self._p)
    def is_dir(self):
        return os.path.isdir(self._p)
    def resolve(self):
        return Path(os.path.abspath(self._p))
    absolute = resolve
    def mkdir(self, parents=False, exist_ok=False, mode=0o777):
        if exist_ok and self.is_dir():
            return
        (os.makedirs if parents else os.mkdir)(self._p)
    def read_text(self, encoding=None):
        with open(self._p) as file:
            return file.read()
    def read_bytes(self):
        with open(self._p, 'rb') as file:
            return file.read()
    def write_text(self, text, encoding=None):
        with open(self._p, 'w') as file:
            return file.write(text)
    def unlink(self, missing_ok=False):
        if missing_ok and not self.exists():
            return
        os.remove(self._p)
    def iterdir(self):
        return iter([self / name for name in os.listdir(self._p)])
    def open(self, mode='r', **kwargs):
        return open(self._p, mode)
    @staticmethod
    def cwd():
        return Path(os.getcwd())
    @staticmethod
    def home():
        return Path(os.path.expanduser('~'))
