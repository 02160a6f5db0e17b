class Thread:
    def __init__(self, target=None, args=(), kwargs=None, daemon=None, name='Thread-1'):
        self._t, self._a, self._k, self.daemon, self.name = target, args, kwargs or {}, daemon, name
    def start(self):
        raise NotImplementedError('minidock: threads are not modelled')
    def join(self, timeout=None):
        pass

class Lock:
    def acquire(self, *args):
        return True
    def release(self):
        pass
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False

RLock = Lock
