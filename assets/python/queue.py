class Empty(Exception):
    pass

class Full(Exception):
    pass

class Queue:
    def __init__(self, maxsize=0):
        self.maxsize, self._items = maxsize, []
    def put(self, item, block=True, timeout=None):
        if self.maxsize and len(self._items) >= self.maxsize:
            raise Full()
        self._items.append(item)
    def get(self, block=True, timeout=None):
        if not self._items:
            raise Empty()
        return self._take()
    def _take(self):
        return self._items.pop(0)
    def get_nowait(self):
        return self.get()
    def put_nowait(self, item):
        self.put(item)
    def empty(self):
        return not self._items
    def full(self):
        return bool(self.maxsize) and len(self._items) >= self.maxsize
    def qsize(self):
        return len(self._items)
    def task_done(self):
        pass
    def join(self):
        pass

class LifoQueue(Queue):
    def _take(self):
        return self._items.pop()

class PriorityQueue(Queue):
    def _take(self):
        first = min(self._items)
        self._items.remove(first)
        return first
