import socket

class RedisError(Exception):
    __module__ = 'redis.exceptions'
class ConnectionError(RedisError):
    __module__ = 'redis.exceptions'
class TimeoutError(RedisError):
    __module__ = 'redis.exceptions'
class ResponseError(RedisError):
    __module__ = 'redis.exceptions'
class AuthenticationError(ConnectionError):
    __module__ = 'redis.exceptions'

class Redis:
    def __init__(self, host='localhost', port=6379, db=0, password=None, decode_responses=False, **kwargs):
        self._host, self._port, self._db, self._password, self._decode = host, int(port), db, password, decode_responses
        self._socket = None
    @classmethod
    def from_url(cls, url, decode_responses=False, **kwargs):
        from urllib.parse import urlparse
        parts = urlparse(url)
        return Redis(parts.hostname or 'localhost', parts.port or 6379, int(parts.path.strip('/') or 0), parts.password, decode_responses)
    def _open(self):
        self._buffer = b''
        made = socket.socket()
        try:
            made.connect((self._host, self._port))
        except OSError as error:
            number = error.args[0] if error.args else 0
            reason = error.args[1] if len(error.args) > 1 else str(error)
            raise ConnectionError('Error %s connecting to %s:%d. %s.' % (number, self._host, self._port, reason))
        self._socket = made
        if self._password:
            self._send(('AUTH', self._password))
        if self._db:
            self._send(('SELECT', self._db))
    def _line(self):
        while b'\r\n' not in self._buffer:
            self._more()
        at = self._buffer.find(b'\r\n')
        line = self._buffer[:at]
        self._buffer = self._buffer[at + 2:]
        return line
    def _more(self):
        data = self._socket.recv(65536)
        if not data:
            self._socket = None
            raise ConnectionError('Connection closed by server.')
        self._buffer += data
    def _reply(self):
        line = self._line()
        kind, rest = line[:1], line[1:]
        if kind == b'+':
            return rest.decode() if self._decode or True else rest
        if kind == b'-':
            text = rest.decode()
            raise ResponseError(text[4:] if text.startswith('ERR ') else text)
        if kind == b':':
            return int(rest)
        if kind == b'$':
            size = int(rest)
            if size < 0:
                return None
            while len(self._buffer) < size + 2:
                self._more()
            data = self._buffer[:size]
            self._buffer = self._buffer[size + 2:]
            return data.decode() if self._decode else data
        size = int(rest)
        return None if size < 0 else [self._reply() for _ in range(size)]
    def _send(self, args):
        data = b'*' + str(len(args)).encode() + b'\r\n'
        for each in args:
            part = each if isinstance(each, bytes) else str(each).encode()
            data += b'$' + str(len(part)).encode() + b'\r\n' + part + b'\r\n'
        self._socket.sendall(data)
        return self._reply()
    def execute_command(self, *args):
        # A pooled connection that the other side has closed is opened again before its use.
        pooled = self._socket is not None
        if not pooled:
            self._open()
        try:
            return self._send(args)
        except OSError as error:
            self._socket = None
            if pooled:
                return self.execute_command(*args)
            raise ConnectionError('Error while reading from %s:%d : %s' % (self._host, self._port, error))
    def ping(self):
        return self.execute_command('PING') == 'PONG'
    def get(self, key):
        return self.execute_command('GET', key)
    def set(self, key, value, ex=None, px=None, nx=False, xx=False):
        args = ['SET', key, value]
        if ex is not None:
            args += ['EX', ex]
        if px is not None:
            args += ['PX', px]
        if nx:
            args.append('NX')
        if xx:
            args.append('XX')
        reply = self.execute_command(*args)
        return True if reply == 'OK' else None
    def setex(self, key, seconds, value):
        return self.set(key, value, ex=seconds)
    def incr(self, key, amount=1):
        return self.execute_command('INCRBY', key, amount)
    incrby = incr
    def decr(self, key, amount=1):
        return self.execute_command('DECRBY', key, amount)
    def delete(self, *keys):
        return self.execute_command('DEL', *keys)
    def exists(self, *keys):
        return self.execute_command('EXISTS', *keys)
    def expire(self, key, seconds):
        return bool(self.execute_command('EXPIRE', key, seconds))
    def ttl(self, key):
        return self.execute_command('TTL', key)
    def keys(self, pattern='*'):
        return self.execute_command('KEYS', pattern)
    def lpush(self, key, *values):
        return self.execute_command('LPUSH', key, *values)
    def rpush(self, key, *values):
        return self.execute_command('RPUSH', key, *values)
    def lpop(self, key):
        return self.execute_command('LPOP', key)
    def rpop(self, key):
        return self.execute_command('RPOP', key)
    def llen(self, key):
        return self.execute_command('LLEN', key)
    def lrange(self, key, start, end):
        return self.execute_command('LRANGE', key, start, end)
    def blpop(self, keys, timeout=0):
        found = self.execute_command('BLPOP', *([keys] if isinstance(keys, str) else keys), timeout)
        return None if found is None else tuple(found)
    def brpop(self, keys, timeout=0):
        found = self.execute_command('BRPOP', *([keys] if isinstance(keys, str) else keys), timeout)
        return None if found is None else tuple(found)
    def hset(self, name, key=None, value=None, mapping=None):
        args = [] if key is None else [key, value]
        for each, one in (mapping or {}).items():
            args += [each, one]
        return self.execute_command('HSET', name, *args)
    def hget(self, name, key):
        return self.execute_command('HGET', name, key)
    def hgetall(self, name):
        found = self.execute_command('HGETALL', name)
        return {found[at]: found[at + 1] for at in range(0, len(found), 2)}
    def hincrby(self, name, key, amount=1):
        return self.execute_command('HINCRBY', name, key, amount)
    def sadd(self, key, *values):
        return self.execute_command('SADD', key, *values)
    def smembers(self, key):
        return set(self.execute_command('SMEMBERS', key))
    def publish(self, channel, message):
        return self.execute_command('PUBLISH', channel, message)
    def flushdb(self):
        return self.execute_command('FLUSHDB') == 'OK'
    def flushall(self):
        return self.execute_command('FLUSHALL') == 'OK'
    def dbsize(self):
        return self.execute_command('DBSIZE')
    def close(self):
        if self._socket is not None:
            self._socket.close()
            self._socket = None

StrictRedis = Redis

def from_url(url, **kwargs):
    return Redis.from_url(url, **kwargs)

import redis.exceptions
