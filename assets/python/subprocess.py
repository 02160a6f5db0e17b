import _process
import os
import time

PIPE, STDOUT, DEVNULL = -1, -2, -3

class SubprocessError(Exception):
    pass

class CalledProcessError(SubprocessError):
    def __init__(self, returncode, cmd, output=None, stderr=None):
        self.returncode, self.cmd, self.output, self.stderr = returncode, cmd, output, stderr
        self.stdout = output
    def __str__(self):
        if self.returncode < 0:
            return "Command '%s' died with <Signals.%s: %d>." % (self.cmd, {9: 'SIGKILL', 15: 'SIGTERM', 2: 'SIGINT', 11: 'SIGSEGV'}.get(-self.returncode, str(-self.returncode)), -self.returncode)
        return "Command '%s' returned non-zero exit status %d." % (self.cmd, self.returncode)

class TimeoutExpired(SubprocessError):
    def __init__(self, cmd, timeout, output=None, stderr=None):
        self.cmd, self.timeout, self.output, self.stderr = cmd, timeout, output, stderr
    def __str__(self):
        return "Command '%s' timed out after %s seconds" % (self.cmd, self.timeout)

class CompletedProcess:
    def __init__(self, args, returncode, stdout=None, stderr=None):
        self.args, self.returncode, self.stdout, self.stderr = args, returncode, stdout, stderr
    def check_returncode(self):
        if self.returncode:
            raise CalledProcessError(self.returncode, self.args, self.stdout, self.stderr)
    def __repr__(self):
        shown = ['args=%r' % (self.args,), 'returncode=%r' % (self.returncode,)]
        if self.stdout is not None:
            shown.append('stdout=%r' % (self.stdout,))
        if self.stderr is not None:
            shown.append('stderr=%r' % (self.stderr,))
        return 'CompletedProcess(%s)' % ', '.join(shown)

class _Pipe:
    def __init__(self, fd, text):
        self._fd, self._text, self._held, self._open = fd, text, b'', True
    def fileno(self):
        return self._fd
    def _fill(self):
        data = _process.read(self._fd)
        self._held += data
        return data
    def _out(self, data):
        return data.decode() if self._text else data
    def read(self):
        while self._fill():
            pass
        data, self._held = self._held, b''
        return self._out(data)
    def readline(self):
        while b'\n' not in self._held and self._fill():
            pass
        at = self._held.find(b'\n')
        line = self._held if at < 0 else self._held[:at + 1]
        self._held = self._held[len(line):]
        return self._out(line)
    def __iter__(self):
        while True:
            line = self.readline()
            if not line:
                return
            yield line
    def readlines(self):
        return list(self)
    def write(self, data):
        _process.write(self._fd, data.encode() if isinstance(data, str) else data)
        return len(data)
    def flush(self):
        pass
    def close(self):
        if self._open:
            self._open = False
            _process.close(self._fd)

class Popen:
    def __init__(self, args, bufsize=-1, stdin=None, stdout=None, stderr=None, shell=False, cwd=None, env=None, text=None, universal_newlines=None, encoding=None, **kwargs):
        self.args = args
        self.returncode = None
        text = bool(text or universal_newlines or encoding)
        words = ['/bin/sh', '-c', args] if shell else [args] if isinstance(args, str) else [str(each) for each in args]
        fds, close = {}, []
        self.stdin = self._stream(0, stdin, text, fds, close)
        self.stdout = self._stream(1, stdout, text, fds, close)
        if stderr == STDOUT:
            fds[2], self.stderr = fds.get(1, 1), None
        else:
            self.stderr = self._stream(2, stderr, text, fds, close)
        try:
            self.pid = _process.spawn(words, os.environ if env is None else env, cwd, fds)
        finally:
            for fd in close:
                _process.close(fd)
    def _stream(self, number, given, text, fds, close):
        if given == PIPE:
            read, write = _process.pipe()
            theirs, ours = (read, write) if number == 0 else (write, read)
            fds[number] = theirs
            close.append(theirs)
            return _Pipe(ours, text)
        if given is not None:
            fds[number] = self._given(given, number != 0, close)
        return None
    def _given(self, where, write, close):
        if where == DEVNULL:
            fd = _process.open('/dev/null', write)
        elif isinstance(where, int):
            return where
        elif where.fileno() < 3:
            return where.fileno()
        else:
            raise NotImplementedError('minidock: files as standard streams of a subprocess are not modelled')
        close.append(fd)
        return fd
    def poll(self):
        if self.returncode is None:
            self.returncode = _process.poll(self.pid)
        return self.returncode
    def wait(self, timeout=None):
        if timeout is not None:
            due = time.monotonic() + timeout
            while self.poll() is None:
                if time.monotonic() >= due:
                    raise TimeoutExpired(self.args, timeout)
                time.sleep(0.01)
        elif self.returncode is None:
            self.returncode = _process.wait(self.pid)[1]
        return self.returncode
    def communicate(self, input=None, timeout=None):
        if self.stdin:
            if input:
                self.stdin.write(input)
            self.stdin.close()
        due = None if timeout is None else time.monotonic() + timeout
        open_ = [each for each in (self.stdout, self.stderr) if each]
        while open_:
            left = None if due is None else max(0, due - time.monotonic())
            ready = _process.ready([each.fileno() for each in open_], left)
            if not ready and left is not None:
                raise TimeoutExpired(self.args, timeout)
            for each in list(open_):
                if each.fileno() in ready and not each._fill():
                    open_.remove(each)
                    each.close()
        self.wait(timeout)
        return (self._held(self.stdout), self._held(self.stderr))
    def _held(self, pipe):
        return None if pipe is None else pipe._out(pipe._held)
    def send_signal(self, number):
        if self.poll() is None:
            os.kill(self.pid, number)
    def terminate(self):
        self.send_signal(15)
    def kill(self):
        self.send_signal(9)
    def __enter__(self):
        return self
    def __exit__(self, *args):
        for pipe in (self.stdin, self.stdout, self.stderr):
            if pipe:
                pipe.close()
        self.wait()
        return False

def run(args, input=None, capture_output=False, timeout=None, check=False, **kwargs):
    if capture_output:
        kwargs['stdout'] = kwargs['stderr'] = PIPE
    if input is not None:
        kwargs['stdin'] = PIPE
    process = Popen(args, **kwargs)
    try:
        out, err = process.communicate(input, timeout)
    except TimeoutExpired:
        process.kill()
        process.wait()
        raise
    done = CompletedProcess(args, process.returncode, out, err)
    if check:
        done.check_returncode()
    return done

def call(args, timeout=None, **kwargs):
    return Popen(args, **kwargs).wait(timeout)

def check_call(args, **kwargs):
    code = call(args, **kwargs)
    if code:
        raise CalledProcessError(code, args)
    return 0

def check_output(args, **kwargs):
    return run(args, stdout=PIPE, check=True, **kwargs).stdout

def getoutput(command):
    return getstatusoutput(command)[1]

def getstatusoutput(command):
    done = run(command, shell=True, text=True, stdout=PIPE, stderr=STDOUT)
    return done.returncode, done.stdout[:-1] if done.stdout.endswith('\n') else done.stdout
