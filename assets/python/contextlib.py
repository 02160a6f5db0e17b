def contextmanager(function):
    def make(*args, **kwargs):
        return _Manager(function(*args, **kwargs))
    return make

class _Manager:
    def __init__(self, generator):
        self._g = generator
    def __enter__(self):
        return next(self._g)
    def __exit__(self, kind, value, trace):
        next(self._g, None)
        return False

class suppress:
    def __init__(self, *kinds):
        self._k = kinds
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        return value is not None and isinstance(value, self._k)
