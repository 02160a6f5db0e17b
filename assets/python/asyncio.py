import time as _time
import types as _types

class CancelledError(BaseException):
    pass

TimeoutError = TimeoutError

class InvalidStateError(Exception):
    pass

class _Pause:
    """What a coroutine hands to the loop: until when it sleeps, or what it waits for."""
    def __init__(self, until=None, on=None):
        self.until, self.on = until, on

class Future:
    def __init__(self):
        self._done, self._result, self._error, self._calls, self._cancelled = False, None, None, [], False
    def done(self):
        return self._done
    def cancelled(self):
        return self._cancelled
    def set_result(self, result):
        self._result, self._done = result, True
        self._tell()
    def set_exception(self, error):
        self._error, self._done = error, True
        self._tell()
    def _tell(self):
        for call in self._calls:
            call(self)
    def add_done_callback(self, call):
        if self._done:
            call(self)
        else:
            self._calls.append(call)
    def result(self):
        if not self._done:
            raise InvalidStateError('Result is not set.')
        if self._error is not None:
            raise self._error
        return self._result
    def exception(self):
        return self._error
    def __await__(self):
        while not self._done:
            yield _Pause(on=self)
        return self.result()

class Task(Future):
    def __init__(self, coroutine, name=None):
        Future.__init__(self)
        self._coroutine, self._until, self._on, self._throw, self._name = coroutine, None, None, None, name
    def get_name(self):
        return self._name
    def cancel(self, msg=None):
        if self._done:
            return False
        self._throw = CancelledError()
        self._until = self._on = None
        return True
    def _ready(self, now):
        if self._on is not None and self._on.done():
            return True
        if self._until is not None:
            return self._until <= now
        return self._on is None
    def _step(self):
        try:
            if self._throw is not None:
                error, self._throw = self._throw, None
                pause = self._coroutine.throw(error)
            else:
                pause = self._coroutine.send(None)
        except StopIteration as stop:
            self.set_result(stop.value)
            return
        except CancelledError as error:
            self._cancelled = True
            self.set_exception(error)
            return
        except Exception as error:
            self.set_exception(error)
            return
        self._until, self._on = (pause.until, pause.on) if isinstance(pause, _Pause) else (None, None)

class _Loop:
    def __init__(self):
        self.tasks = []
        self.current = None
    def create_task(self, coroutine, name=None):
        task = Task(coroutine, name or 'Task-%d' % (len(self.tasks) + 1))
        self.tasks.append(task)
        return task
    def run_until_complete(self, awaited):
        main = awaited if isinstance(awaited, Future) else self.create_task(awaited)
        while not main.done():
            now = _time.monotonic()
            ready = [task for task in self.tasks if not task.done() and task._ready(now)]
            if not ready:
                sleeping = [task._until for task in self.tasks if not task.done() and task._until is not None]
                if not sleeping:
                    raise RuntimeError('minidock: every task waits for another')
                _time.sleep(max(0, min(sleeping) - now))
                continue
            for task in ready:
                self.current = task
                task._step()
            self.tasks = [task for task in self.tasks if not task.done()]
        return main.result()
    def time(self):
        return _time.monotonic()
    def run_in_executor(self, executor, function, *args):
        future = Future()
        future.set_result(function(*args))
        return future
    def create_future(self):
        return Future()
    def is_running(self):
        return self.current is not None
    def close(self):
        pass
    def stop(self):
        pass

_state = {'loop': None}

def get_event_loop():
    if _state['loop'] is None:
        _state['loop'] = _Loop()
    return _state['loop']

def get_running_loop():
    if _state['loop'] is None or _state['loop'].current is None:
        raise RuntimeError('no running event loop')
    return _state['loop']

def new_event_loop():
    return _Loop()

def set_event_loop(loop):
    _state['loop'] = loop

def run(coroutine, debug=None):
    before = _state['loop']
    _state['loop'] = _Loop()
    try:
        return _state['loop'].run_until_complete(coroutine)
    finally:
        _state['loop'] = before

def create_task(coroutine, name=None):
    return get_running_loop().create_task(coroutine, name)

def ensure_future(awaited):
    return awaited if isinstance(awaited, Future) else get_event_loop().create_task(awaited)

def sleep(delay, result=None):
    yield _Pause(until=_time.monotonic() + delay)
    return result

def _gathered(futures, return_exceptions):
    results = []
    for future in futures:
        while not future.done():
            yield _Pause(on=future)
        error = future.exception()
        if error is not None and not return_exceptions:
            raise error
        results.append(future.result() if error is None else error)
    return results

def gather(*awaitables, return_exceptions=False):
    return ensure_future(_gathered([ensure_future(each) for each in awaitables], return_exceptions))

def _within(future, timeout):
    due = _time.monotonic() + timeout
    while not future.done():
        if _time.monotonic() >= due:
            future.cancel()
            raise TimeoutError()
        yield _Pause(until=due, on=future)
    return future.result()

def wait_for(awaited, timeout):
    if timeout is None:
        return ensure_future(awaited)
    return _within(ensure_future(awaited), timeout)

def to_thread(function, *args, **kwargs):
    future = Future()
    future.set_result(function(*args, **kwargs))
    return future

def iscoroutine(value):
    return type(value).__name__ in ('coroutine', 'generator')

def iscoroutinefunction(function):
    return getattr(function, '_is_async', False)

class Event:
    def __init__(self):
        self._future = Future()
    def is_set(self):
        return self._future.done()
    def set(self):
        if not self._future.done():
            self._future.set_result(True)
    def clear(self):
        self._future = Future()
    def wait(self):
        return self._future

class Lock:
    def __init__(self):
        self._held = False
    def locked(self):
        return self._held
    def acquire(self):
        while self._held:
            yield _Pause(until=_time.monotonic() + 0.001)
        self._held = True
        return True
    def release(self):
        self._held = False
    async def __aenter__(self):
        await self.acquire()
    async def __aexit__(self, *args):
        self.release()

class Semaphore:
    def __init__(self, value=1):
        self._value = value
    def acquire(self):
        while self._value <= 0:
            yield _Pause(until=_time.monotonic() + 0.001)
        self._value -= 1
        return True
    def release(self):
        self._value += 1
    async def __aenter__(self):
        await self.acquire()
    async def __aexit__(self, *args):
        self.release()

class Queue:
    def __init__(self, maxsize=0):
        self._items, self._max, self._left = [], maxsize, 0
    def qsize(self):
        return len(self._items)
    def empty(self):
        return not self._items
    def put_nowait(self, item):
        self._items.append(item)
        self._left += 1
    def put(self, item):
        while self._max and len(self._items) >= self._max:
            yield _Pause(until=_time.monotonic() + 0.001)
        self.put_nowait(item)
    def get(self):
        while not self._items:
            yield _Pause(until=_time.monotonic() + 0.001)
        return self._items.pop(0)
    def get_nowait(self):
        return self._items.pop(0)
    def task_done(self):
        self._left -= 1
    def join(self):
        while self._left:
            yield _Pause(until=_time.monotonic() + 0.001)
