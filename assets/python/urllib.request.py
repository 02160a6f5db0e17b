import socket
from http.server import Headers, _Reader
from urllib.error import HTTPError, URLError
from urllib.parse import urlparse

class Request:
    def __init__(self, url, data=None, headers=None, method=None):
        self.full_url, self.data, self.headers, self.method = url, data, dict(headers or {}), method
    def add_header(self, name, value):
        self.headers[name] = value

class Response:
    def __init__(self, status, reason, headers, data, url):
        self.status = self.code = status
        self.reason, self.headers, self._data, self.url = reason, headers, data, url
    def read(self, size=-1):
        data = self._data
        self._data = b''
        return data
    def getcode(self):
        return self.status
    def __enter__(self):
        return self
    def __exit__(self, *args):
        return False

def fetch(method, url, headers, data, timeout=None, hops=0):
    parts = urlparse(url)
    host, port = parts.hostname or 'localhost', parts.port or (443 if parts.scheme == 'https' else 80)
    connection = socket.socket()
    if timeout is not None:
        connection.settimeout(timeout)
    connection.connect((host, port))
    path = (parts.path or '/') + ('?' + parts.query if parts.query else '')
    lines = ['%s %s HTTP/1.1' % (method, path), 'Host: %s' % parts.netloc.rpartition('@')[2]]
    for name, value in headers.items():
        lines.append('%s: %s' % (name, value))
    if data is not None:
        lines.append('Content-Length: %d' % len(data))
    lines.append('Connection: close')
    connection.sendall(('\r\n'.join(lines) + '\r\n\r\n').encode() + (data or b''))
    reader = _Reader(connection)
    first = reader.readline().decode().split(' ', 2)
    if len(first) < 2:
        raise ConnectionResetError(104, 'Connection reset by peer')
    found = Headers()
    while True:
        line = reader.readline().decode().rstrip('\r\n')
        if not line:
            break
        name, _, value = line.partition(':')
        found.add(name.strip(), value.strip())
    if 'chunked' in (found.get('Transfer-Encoding') or ''):
        body = b''
        while True:
            size = int(reader.readline().decode().strip() or '0', 16)
            if size == 0:
                break
            body += reader.read(size)
            reader.readline()
    elif found.get('Content-Length') is not None and method != 'HEAD':
        body = reader.read(int(found.get('Content-Length')))
    else:
        body = b'' if method == 'HEAD' else reader.read()
    connection.close()
    status = int(first[1])
    if status in (301, 302, 303, 307, 308) and found.get('Location') and hops < 10:
        to = found.get('Location')
        if to.startswith('/'):
            to = parts.scheme + '://' + parts.netloc + to
        return fetch('GET' if status in (301, 302, 303) else method, to, headers, None if status == 303 else data, timeout, hops + 1)
    return Response(status, first[2].strip() if len(first) > 2 else '', found, body, url)

def urlopen(url, data=None, timeout=None):
    request = url if isinstance(url, Request) else Request(url, data)
    headers = {'Accept-Encoding': 'identity', 'User-Agent': 'Python-urllib/3.11'}
    headers.update(request.headers)
    try:
        response = fetch(request.method or ('POST' if request.data is not None else 'GET'), request.full_url, headers, request.data, timeout)
    except OSError as error:
        raise URLError(error)
    if response.status >= 400:
        raise HTTPError(request.full_url, response.status, response.reason, response.headers)
    return response
