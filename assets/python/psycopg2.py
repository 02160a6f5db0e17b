import hashlib
import os
import socket

class Error(Exception):
    pgcode = None
class DatabaseError(Error):
    pass
class OperationalError(DatabaseError):
    pass
class ProgrammingError(DatabaseError):
    pass
class IntegrityError(DatabaseError):
    pass
class errors:
    pass

def _number(data):
    return (data[0] << 24) + (data[1] << 16) + (data[2] << 8) + data[3]

def _bytes(number):
    return bytes([(number >> 24) & 255, (number >> 16) & 255, (number >> 8) & 255, number & 255])

def _literal(value):
    if value is None:
        return 'NULL'
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"

class connection:
    def __init__(self, **given):
        self._host = given.get('host') or 'localhost'
        self._port = int(given.get('port') or 5432)
        self._user = given.get('user') or os.environ.get('PGUSER') or 'postgres'
        self._database = given.get('dbname') or given.get('database') or self._user
        self._password = given.get('password') or os.environ.get('PGPASSWORD')
        self.autocommit, self._open, self.closed, self._b = False, False, 0, b''
        self._s = socket.socket()
        try:
            self._s.connect((self._host, self._port))
        except socket.gaierror:
            raise OperationalError('could not translate host name "%s" to address: Name or service not known\n' % self._host)
        except OSError as error:
            raise OperationalError('connection to server at "%s", port %d failed: %s\n\tIs the server running on that host and accepting TCP/IP connections?\n' % (self._host, self._port, error.args[1]))
        start = _bytes(196608) + ('user\0%s\0database\0%s\0\0' % (self._user, self._database)).encode()
        self._s.sendall(_bytes(len(start) + 4) + start)
        while True:
            kind, body = self._take()
            if kind == 'R' and _number(body) == 3:
                self._send('p', (self._password or '').encode() + b'\0')
            elif kind == 'E':
                raise OperationalError('connection to server at "%s", port %d failed: FATAL:  %s\n' % (self._host, self._port, self._error(body)['M']))
            elif kind == 'Z':
                break
    def _send(self, kind, body):
        self._s.sendall(kind.encode() + _bytes(len(body) + 4) + body)
    def _need(self, size):
        while len(self._b) < size:
            data = self._s.recv(65536)
            if not data:
                raise OperationalError('server closed the connection unexpectedly\n')
            self._b += data
    def _take(self):
        self._need(5)
        size = _number(self._b[1:5])
        self._need(size + 1)
        kind, body = self._b[:1].decode(), self._b[5:size + 1]
        self._b = self._b[size + 1:]
        return kind, body
    def _error(self, body):
        return {part[:1]: part[1:] for part in body.decode().split('\0') if part}
    def _query(self, sql):
        self._send('Q', sql.encode() + b'\0')
        names, types, rows, tag, failure = None, [], [], '', None
        while True:
            kind, body = self._take()
            if kind == 'T':
                names, types, rows, at = [], [], [], 2
                for _ in range((body[0] << 8) + body[1]):
                    end = at + body[at:].find(b'\0')
                    names.append(body[at:end].decode())
                    types.append(_number(body[end + 7:end + 11]))
                    at = end + 19
            elif kind == 'D':
                row, at = [], 2
                for column in range((body[0] << 8) + body[1]):
                    size = _number(body[at:at + 4])
                    at += 4
                    if size >= 2147483648:
                        row.append(None)
                        continue
                    text = body[at:at + size].decode()
                    at += size
                    oid = types[column]
                    row.append(int(text) if oid in (20, 21, 23) else float(text) if oid in (700, 701, 1700) else text == 't' if oid == 16 else text)
                rows.append(tuple(row))
            elif kind == 'C':
                tag = body.decode().rstrip('\0')
            elif kind == 'E':
                failure = self._error(body)
            elif kind == 'Z':
                break
        if failure:
            cls = IntegrityError if failure['C'].startswith('23') else ProgrammingError if failure['C'].startswith('42') else DatabaseError
            error = cls(failure['M'] + '\n' + ('DETAIL:  %s\n' % failure['D'] if 'D' in failure else ''))
            error.pgcode = failure['C']
            raise error
        return names, rows, tag
    def cursor(self, *args, **kwargs):
        return cursor(self)
    def commit(self):
        if self._open:
            self._query('COMMIT')
        self._open = False
    def rollback(self):
        if self._open:
            self._query('ROLLBACK')
        self._open = False
    def close(self):
        self._s.close()
        self.closed = 1
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        if value is None:
            self.commit()
        else:
            self.rollback()
        return False

class cursor:
    def __init__(self, owner):
        self._c, self._rows, self._at, self.description, self.rowcount = owner, [], 0, None, -1
    def execute(self, sql, params=None):
        if params is not None:
            if isinstance(params, dict):
                sql = sql % {name: _literal(value) for name, value in params.items()}
            else:
                sql = sql % tuple(_literal(each) for each in params)
        if not self._c.autocommit and not self._c._open:
            self._c._query('BEGIN')
            self._c._open = True
        names, self._rows, tag = self._c._query(sql)
        self._at = 0
        self.description = None if names is None else [(name, None, None, None, None, None, None) for name in names]
        last = tag.split(' ')[-1]
        self.rowcount = int(last) if last.isdigit() else -1
    def executemany(self, sql, rows):
        for each in rows:
            self.execute(sql, each)
    def fetchone(self):
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]
    def fetchall(self):
        rest = self._rows[self._at:]
        self._at = len(self._rows)
        return rest
    def fetchmany(self, size=1):
        rest = self._rows[self._at:self._at + size]
        self._at += len(rest)
        return rest
    def __iter__(self):
        return iter(self.fetchall())
    def close(self):
        pass
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False

def connect(dsn=None, **kwargs):
    if dsn and '://' in dsn:
        from urllib.parse import urlparse
        parts = urlparse(dsn)
        kwargs = {'host': parts.hostname, 'port': parts.port, 'user': parts.username, 'password': parts.password, 'dbname': parts.path.strip('/'), **kwargs}
    elif dsn:
        for pair in dsn.split():
            name, _, value = pair.partition('=')
            kwargs[name] = value.strip("'")
    return connection(**kwargs)
